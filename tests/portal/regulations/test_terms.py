"""Defined terms: what counts as one, what is none, and what persons decided."""

import datetime as dt

import pytest
from django.test import Client

from portal.ground.jobs import enqueue, run_due_jobs
from portal.ground.jobs.kinds import periods
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.defining import definitions_in
from portal.regulations.domain.importing import READ_TEXTS, Placement, import_regulation
from portal.regulations.domain.terms import BadTerm, define_by_hand, take_away, terms_of
from portal.regulations.models import DefinedTerm, RegulationVersion
from tests.factories import make_branch, make_committee, make_member
from tests.portal.regulations.makers import law_text

TEXT = (
    "第一条 为了规范抢修作业，制定本办法。",
    "第二条 本办法所称抢修，是指设备故障后的紧急修复。\n抢修负责人由值班负责人指定。",
    "第三条 抢修应当两人以上进行，抢修结束后报告。",
    "第四条 本办法所称以上包括本数。",
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("本办法所称微党课，是指时长十五分钟以下的讲课。", ["微党课"]),
        ("本规定所称的独立保函，是指银行开立的书面承诺。", ["独立保函"]),
        ("本条所称权利人，是指商业秘密的所有人。", ["权利人"]),
        ("本解释所称“货币”是指可流通的人民币和境外货币。", ["货币"]),
        ("本法所称财产包括合法的财产权利。", ["财产"]),
        ("本法所称以上、以下、以内，包括本数。", ["以上", "以下", "以内"]),
        ("本规定所称卫星电视广播地面接收设施(以下简称卫星地面接收设施)，是指天线。", ["卫星电视广播地面接收设施", "卫星地面接收设施"]),
        ("刑法第一百四十条规定的“以假充真”，是指冒充。", ["以假充真"]),
        ("共同犯罪是指二人以上共同故意犯罪。", ["共同犯罪"]),
        ("本法下列用语的含义：\n（一）船舶，是指各类船。\n（二）内水：领海基线向陆地一侧的水域。", ["船舶", "内水"]),
        ("尘肺病系指肺组织纤维化的疾病。", ["尘肺病"]),
        ("本法所称中医药，是包括汉族和少数民族医药在内的医药。", ["中医药"]),
        # and what is none
        ("上级部门应当制定规划，指导下级开展工作。", []),
        ("控股股东指使董事实施前款行为的，依法处罚。", []),
        ("当事人为法人的，是指注册地。", []),
        ("视为著作权法第三十二条所称图书脱销。", []),
        ("前款所指诉讼开始后，一般是指被告接到通知后。", []),
        ("在用语的含义不清楚时，由主管部门解释。", []),
    ],
)  # fmt: skip
def test_definitions_in_text_are_terms_or_none(text: str, terms: list[str]) -> None:
    assert [found.term for found in definitions_in(text)] == terms


def test_definition_ends_with_its_list_and_before_the_next_one() -> None:
    text = "本法所称重伤，是指下列情形：\n（一）肢体残废；\n（二）丧失听觉。\n轻伤另行规定。"

    [found] = definitions_in(text)

    assert text[found.start : found.end] == "本法所称重伤，是指下列情形：\n（一）肢体残废；\n（二）丧失听觉。"


@pytest.mark.django_db
def test_term_is_marked_once_an_article_and_not_where_it_is_defined(client: Client) -> None:
    work = import_regulation(law_text(*TEXT), file_name="检修作业管理规定(2020-01-01).md").regulation
    read_unread()

    html = client.get(f"/r/{work.code}").content.decode()

    marked = html.split('id="art3"')[1].split("</section>")[0]
    assert marked.count("law-term") == 1
    assert "law-term" not in html.split('id="art1"')[0].split('class="law-text"')[-1]
    defining = html.split('id="art2"')[1].split("</section>")[0]
    assert defining.count("law-term") == 1  # in the second paragraph, not in the definition
    page = client.get(f"/r/{work.code}/terms").content.decode()
    assert "本办法所称抢修，是指设备故障后的紧急修复。" in page
    assert "不是术语，移出" not in page


@pytest.mark.django_db
def test_corrections_by_hand_survive_a_new_text_and_a_new_version() -> None:
    first = import_regulation(law_text(*TEXT), file_name="检修作业管理规定(2020-01-01).md")
    read_unread()
    editor = make_member(make_branch(make_committee())).user
    take_away(next(term for term in terms_of(first.version) if term.term == "以上"), actor=editor)
    define_by_hand(first.version, "art3", "两人", "抢修应当两人以上进行", actor=editor)

    moved = ("第一条 总则在此，另有说明。", *(line.replace("第三条", "第四条", 1).replace("第四条 本", "第五条 本", 1).replace("第二条", "第三条", 1).replace("第一条", "第二条", 1) for line in TEXT))  # fmt: skip
    import_regulation(law_text(*moved), file_name="检修作业管理规定(2020-01-01).md")
    later = import_regulation(
        law_text(*TEXT, events=("2024年1月1日 修订",)), file_name="检修作业管理规定(2024-01-01).md"
    )
    read_unread()

    assert {(term.term, term.path) for term in terms_of(first.version)} == {("抢修", "art3"), ("两人", "art4")}
    assert [term.term for term in terms_of(later.version)] == ["抢修"]
    with pytest.raises(BadTerm):
        define_by_hand(later.version, "art3", "两人", "没有这句话", actor=editor)


@pytest.mark.django_db
def test_who_may_not_edit_corrects_nothing(client: Client) -> None:
    work = import_regulation(law_text(*TEXT), file_name="检修作业管理规定(2020-01-01).md").regulation
    read_unread()
    person = make_member(make_branch(make_committee())).user
    client.force_login(person, backend="portal.accounts.backends.LoginHandleBackend")
    [term, *_rest] = terms_of(work.versions.get())

    answer = client.post(f"/r/{work.code}/terms", {"take_away": str(term.uid)})

    assert answer.status_code == 404
    assert term in terms_of(work.versions.get())


@pytest.mark.django_db
def test_timeline_has_each_date_once_with_its_source(client: Client) -> None:
    events = ("2019年12月1日 公司党委会通过", "2020年1月1日 发布", "2022年5月1日 公司党委会第一次修正")
    work = import_regulation(
        law_text(*TEXT, events=events), file_name="检修作业管理规定(2022-05-01).md"
    ).regulation  # fmt: skip

    moments = client.get(f"/r/{work.code}/timeline").context["moments"]

    assert [(moment.day, moment.kind) for moment in moments] == [
        (dt.date(2019, 12, 1), "adopted"), (dt.date(2020, 1, 1), "promulgated"), (dt.date(2022, 5, 1), "revised"),
    ]  # fmt: skip
    assert all(moment.source for moment in moments)


@pytest.mark.django_db
def test_relations_are_drawn_and_listed_and_foreign_ones_are_absent(client: Client) -> None:
    upper = import_regulation(law_text(*TEXT, title="上位规定"), file_name="上位规定(2020-01-01).md").regulation
    body = ("第一条 根据《上位规定》，制定本办法。", *TEXT[1:])
    import_regulation(law_text(*body, title="公开办法"), file_name="公开办法(2021-01-01).md")
    own = make_branch(make_committee())
    secret = Placement(owner=own, audience=organisation_audience(own))
    import_regulation(law_text(*body, title="内部办法"), file_name="内部办法(2021-01-01).md", placement=secret)
    read_unread()

    html = client.get(f"/r/{upper.code}/relations").content.decode()

    assert html.count('class="law-node law-node-based_on"') == 1
    assert "以本法规为依据的规定 公开办法" in html
    assert "内部办法" not in html


@pytest.mark.django_db
def test_texts_read_before_the_reader_knew_terms_get_them_from_the_job_and_keep_what_persons_decided() -> None:
    for title in ("检修作业管理规定", "抢修作业管理规定"):
        import_regulation(law_text(*TEXT, title=title), file_name=f"{title}(2020-01-01).md")
    read_unread()
    wanted = list(DefinedTerm.objects.values_list("version", "term"))
    taken = DefinedTerm.objects.filter(term="抢修").first()
    take_away(taken, actor=None)
    DefinedTerm.objects.exclude(pk=taken.pk).delete()
    RegulationVersion.objects.update(read_with=0)

    assert read_unread(1) == 1  # stopped in between
    assert 1 < DefinedTerm.objects.count() < len(wanted)
    enqueue(READ_TEXTS)
    run_due_jobs()

    assert READ_TEXTS in periods()
    assert sorted(DefinedTerm.objects.values_list("version", "term")) == sorted(wanted)
    assert DefinedTerm.objects.get(pk=taken.pk).is_hidden
    assert read_unread() == 0
