"""Importing a regulation: works, versions, lineage, refusals."""

import datetime as dt

import pytest

from portal.ground.models import OutboxEntry
from portal.organisations.domain.audiences import organisation_audience
from portal.regulations.domain.importing import (
    ConflictingText,
    EnteredDates,
    ImportRefused,
    NothingToImport,
    Placement,
    TitleTooLong,
    import_regulation,
)
from portal.regulations.domain.publishing import NotPossible, publish, withdraw
from portal.regulations.domain.queries import article_at
from portal.regulations.domain.standing import set_repeal
from portal.regulations.domain.status import spans, status_on
from portal.regulations.models import Lineage, LineageEdge, Provision, Regulation, RegulationVersion
from tests.factories import make_committee
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db


def _identity(version: RegulationVersion) -> dict[str, tuple[object, object]]:
    return {p.path: (p.uid, p.lineage_id) for p in version.provisions.all()}


def _events(name: str) -> int:
    return OutboxEntry.objects.filter(name=name).count()


def test_import_new_text_makes_work_version_and_articles() -> None:
    result = import_regulation(law_text("## 第一章 总则", *LONG), file_name="检修作业管理规定(2020-01-01).md")

    version = result.version
    assert (result.outcome, result.key, version.state, version.article_count) == (
        "created",
        "2020-01-01",
        "published",
        3,
    )
    assert list(version.provisions.order_by("position").values_list("path", "parent__path", "heading_path")) == [
        ("ch1", None, ""),
        ("art1", "ch1", "第一章 总则"),
        ("art2", "ch1", "第一章 总则"),
        ("art3", "ch1", "第一章 总则"),
    ]
    assert (_events("content.changed"), _events("regulations.published")) == (1, 1)


def test_import_same_text_again_changes_nothing() -> None:
    text = law_text(*LONG)
    first = import_regulation(text, file_name="甲(2020-01-01).md")
    before = _identity(first.version)

    again = import_regulation(text, file_name="甲(2020-01-01).md")

    assert (again.outcome, _identity(again.version)) == ("unchanged", before)
    assert (_events("content.changed"), _events("regulations.published")) == (1, 1)


def test_import_corrected_text_keeps_uids_by_text_and_then_by_path() -> None:
    first = import_regulation(law_text(*LONG), file_name="甲(2020-01-01).md")
    before = _identity(first.version)
    corrected = (
        LONG[0],
        "第二条 新增的一条，原来没有。",
        LONG[1].replace("第二条", "第三条"),
        LONG[2].replace("第三条", "第四条"),
    )

    result = import_regulation(law_text(*corrected), file_name="甲(2020-01-01).md")

    after = _identity(result.version)
    assert result.outcome == "updated"
    assert (after["art1"], after["art3"], after["art4"]) == (before["art1"], before["art2"], before["art3"])
    assert after["art2"][0] not in {uid for uid, _ in before.values()}


def test_import_renumbered_and_amended_version_continues_lineages() -> None:
    first = import_regulation(law_text(*LONG), file_name="甲(2020-01-01).md").version
    newer = (
        LONG[0],
        "第二条 公司党委统一领导检修作业安全工作，各支部书记负首要责任。",
        LONG[1].replace("第二条", "第三条"),
        LONG[2].replace("第三条", "第四条").replace("办理", "当日办理"),
    )

    second = import_regulation(
        law_text(*newer, events=("2020年1月1日 发布", "2023年5月1日 修订")), file_name="甲(2023-05-01).md"
    ).version

    old = {p.path: p.lineage_id for p in first.provisions.all()}
    new = {p.path: p.lineage_id for p in second.provisions.all()}
    assert (new["art1"], new["art3"], new["art4"]) == (old["art1"], old["art2"], old["art3"])
    assert new["art2"] not in old.values()
    assert Regulation.objects.count() == 1


def test_import_older_version_after_the_newer_one_joins_its_lineages() -> None:
    newer = import_regulation(law_text(*LONG), file_name="甲(2023-05-01).md").version

    older = import_regulation(law_text(*LONG[:2]), file_name="甲(2020-01-01).md").version

    assert {p.lineage_id for p in older.provisions.all()} < {p.lineage_id for p in newer.provisions.all()}
    assert Lineage.objects.count() == 3


def test_import_split_article_draws_an_edge_to_the_new_lineage() -> None:
    long_article = (
        "第一条 检修作业应当填写工作票，工作票由值班负责人签发，未经签发不得开工。"
        "作业结束后，工作负责人应当清点工具和人员，办理工作票终结手续。"
    )
    import_regulation(law_text(long_article), file_name="甲(2020-01-01).md")

    second = import_regulation(
        law_text(
            "第一条 检修作业应当填写工作票，工作票由值班负责人签发，未经签发不得开工。",
            "第二条 作业结束后，工作负责人应当清点工具和人员，办理工作票终结手续。",
        ),
        file_name="甲(2021-01-01).md",
    ).version

    edge = LineageEdge.objects.get()
    paths = {p.lineage_id: p.path for p in second.provisions.all()}
    assert (edge.kind, {paths[edge.source_id], paths[edge.target_id]}) == ("split", {"art1", "art2"})


def test_import_other_text_of_the_same_version_from_another_file_is_refused() -> None:
    import_regulation(law_text(*LONG), file_name="社会法/甲(2020-01-01).md")

    with pytest.raises(ConflictingText, match="已有另一份文本（来自 社会法/甲"):
        import_regulation(law_text(*LONG[:2]), file_name="行政法/甲(2020-01-01).md")

    assert Provision.objects.count() == 3


def test_import_same_title_of_two_owners_makes_two_works() -> None:
    one, two = make_committee(), make_committee()

    for owner in (one, two):
        import_regulation(law_text(*LONG), placement=Placement(owner=owner, audience=organisation_audience(owner)))

    assert sorted(Regulation.objects.values_list("owner_organisation", "level")) == sorted(
        [(one.pk, "internal"), (two.pk, "internal")]
    )


def test_import_draft_is_not_published_and_publish_makes_it_so_once() -> None:
    draft = import_regulation(law_text(*LONG), publish=False).version

    publish(draft)
    published = publish(draft)

    assert (draft.state, published.state, _events("regulations.published")) == ("draft", "published", 1)


def test_import_entered_dates_survive_an_import_without_them() -> None:
    text = law_text(*LONG)
    import_regulation(text, entered=EnteredDates(effective=dt.date(2020, 3, 1)))

    version = import_regulation(text.replace("制定本规定", "制定本规定并解释")).version

    assert (version.effective_on, version.effective_origin) == (dt.date(2020, 3, 1), "entered")


def test_import_amended_text_does_not_inherit_the_first_clause() -> None:
    clause = "第四条 本规定自2020年3月1日起施行。"
    first = import_regulation(law_text(*LONG, clause), file_name="甲(2020-01-01).md").version
    second = import_regulation(
        law_text(*LONG[:2], clause, events=("2020年1月1日 发布", "2024年6月1日 修正")), file_name="甲(2024-06-01).md"
    ).version

    assert (first.effective_on, first.effective_origin) == (dt.date(2020, 3, 1), "stated")
    assert (second.effective_on, second.effective_origin, second.starts_on) == (None, "unknown", dt.date(2024, 6, 1))


def test_import_title_of_74_characters_with_brackets_works() -> None:
    title = "关于修改〈检修作业管理规定〉和《值班制度》等文件的决定" + "附" * 47
    assert len(title) == 74

    result = import_regulation(law_text(*LONG, title=title), file_name=f"{title}(2020-01-01).md")

    assert (result.regulation.title, result.outcome) == (title, "created")


@pytest.mark.parametrize(
    ("text", "refusal", "sentence"),
    [
        ("# 只有标题\n\n2020年1月1日 发布\n\n<!-- INFO END -->\n", NothingToImport, "没有正文"),
        ("# " + "长" * 301 + "\n\n第一条 甲。", TitleTooLong, "标题有 301 字"),
        ("第一条 甲\x00。", ImportRefused, "二进制"),
    ],
)
def test_import_bad_text_is_refused_with_a_sentence(text: str, refusal: type[Exception], sentence: str) -> None:
    with pytest.raises(refusal, match=sentence):
        import_regulation(text)

    assert (Regulation.objects.count(), OutboxEntry.objects.count()) == (0, 0)


def test_preview_writes_nothing() -> None:
    result = import_regulation(law_text(*LONG), preview=True)

    assert (result.outcome, result.law.articles, Regulation.objects.count(), OutboxEntry.objects.count()) == (
        "previewed", 3, 0, 0,
    )  # fmt: skip


def _two_versions() -> tuple[Regulation, RegulationVersion, RegulationVersion]:
    clause = "第四条 本规定自{}起施行。"
    first = import_regulation(law_text(*LONG, clause.format("2020年3月1日")), file_name="甲(2020-01-01).md")
    second = import_regulation(
        law_text(*LONG, clause.format("2030年1月1日"), events=("2020年1月1日 发布", "2024年6月1日 修订")),
        file_name="甲(2024-06-01).md",
    )
    return first.regulation, first.version, second.version


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2020, 2, 29), ("尚未生效", "尚未生效")),
        (dt.date(2020, 3, 1), ("有效", "尚未生效")),
        (dt.date(2029, 12, 31), ("有效", "尚未生效")),
        (dt.date(2030, 1, 1), ("已修改", "有效")),
        (dt.date(2031, 5, 1), ("已废止", "已废止")),
    ],
)
def test_status_on_a_day_follows_versions_and_repeal(day: dt.date, expected: tuple[str, str]) -> None:
    work, first, second = _two_versions()
    work = set_repeal(work, on=dt.date(2031, 5, 1), note="不再执行", actor=None)

    found = tuple(status_on(version, [second, first], work.repealed_on, day).label for version in (first, second))

    assert found == expected


def test_spans_meet_without_gap_and_end_with_the_repeal() -> None:
    _work, first, second = _two_versions()

    found = [(span.version.pk, span.first, span.last) for span in spans([second, first], dt.date(2031, 5, 1))]

    assert found == [(first.pk, 20200301, 20291231), (second.pk, 20300101, 20310430)]


def test_article_at_follows_the_article_through_versions() -> None:
    work, first, second = _two_versions()
    lineage = second.provisions.get(path="art4").lineage

    found = [article_at(work, lineage, day).version_id for day in (dt.date(2021, 1, 1), dt.date(2030, 1, 1))]

    assert found == [first.pk, second.pk]


@pytest.mark.parametrize(
    ("clause", "expires"),
    [
        ("本办法自2020年1月1日起施行，有效期至2024年12月31日。", ("2025-01-01", "stated")),
        ("本办法自2020年2月29日起施行，有效期五年。", ("2025-03-01", "derived")),
        ("本办法自2020年1月1日起施行，试行期6个月。", ("2020-07-01", "derived")),
        ("本许可证有效期五年。本办法自2020年1月1日起施行。", (None, "unknown")),
    ],
)
def test_stated_term_ends_a_version_and_says_where_the_day_comes_from(clause: str, expires: tuple) -> None:
    version = import_regulation(law_text(*LONG, f"第四条 {clause}", title="检修办法")).version

    day = version.expires_on.isoformat() if version.expires_on else None
    expected = "失效" if day else "有效"
    assert (day, version.expires_origin) == expires
    assert status_on(version, [version], None, dt.date(2025, 3, 1)).label == expected
    assert (spans([version], None)[0].last < 20250301) is bool(day)


def test_withdraw_needs_a_reason_and_takes_the_version_out_of_the_spans() -> None:
    work, first, second = _two_versions()

    with pytest.raises(NotPossible, match="写明原因"):
        withdraw(second, reason=" ")
    gone = withdraw(second, reason="误发布")

    assert (gone.state, [span.last for span in spans(work.versions.all(), None)]) == ("withdrawn", [99_999_999])
    assert status_on(gone, [first, gone], None, dt.date(2030, 1, 1)).reason == "误发布"
