"""References inside texts: the grammar in small, links both ways, what a person made."""

import pytest
from django.test import Client

from portal.regulations.domain.citations import linking
from portal.regulations.domain.citations.by_hand import BadLink, link_by_hand, unlink_by_hand
from portal.regulations.domain.citations.grammar import Place, find
from portal.regulations.domain.citations.linking import number_key, read_unread
from portal.regulations.domain.citations.names import Names, aliases_in
from portal.regulations.domain.importing import import_regulation
from portal.regulations.domain.publishing import withdraw
from portal.regulations.models import Citation, Regulation, RegulationVersion
from tests.portal.regulations.makers import LONG, law_text

NAMES = Names(
    ["中华人民共和国刑法", "中华人民共和国民事诉讼法", "中华人民共和国劳动法", "中华人民共和国公司法", "工伤保险条例"]
)


def _found(text: str, article: str = "art9", before: str = "art8") -> list[tuple[str, str, str, str]]:
    mentions = find(text, NAMES, Place(article, before), own="安全规定", aliases=aliases_in(text, NAMES))
    return [(text[m.start : m.end], m.title or m.number or "self", m.path, m.until) for m in mentions]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("依照《中华人民共和国刑法》第三十三条第二款第（一）项的规定", [("刑法", "art33/p2/i1", "")]),
        ("依照刑法第二百六十四条、第二百六十五条和本规定第三条", [("刑法", "art264", ""), ("刑法", "art265", ""), ("self", "art3", "")]),
        ("按照民诉法第一百条办理", [("民事诉讼法", "art100", "")]),
        ("违反本规定第三条、第五条至第八条第二款第（三）项的", [("self", "art3", ""), ("self", "art5", "art8/p2/i3")]),
        ("适用本规定第二十二条第一款第一、二项", [("self", "art22/p1/i1", ""), ("self", "art22/p1/i2", "")]),
        ("符合第一百二十条之一的", [("self", "art120-1", "")]),
        ("依照前条规定", [("self", "art8", "")]),
        ("甲。\n违反前款规定的", [("self", "art9/p1", "")]),
        ("甲。\n乙。\n适用前两款", [("self", "art9/p1", "art9/p2")]),
        ("甲：\n（一）乙；\n（二）丙。\n前款第（二）项所称", [("self", "art9/p1/i2", "")]),
        ("经《工伤保险条例》规定", [("工伤保险条例", "", "")]),
        ("依照法释〔2000〕3号办理", [("法释〔2000〕3号", "", "")]),
        ("2000年1月3日原建设部令第94号公布", [("建设部令第94号", "", "")]),
        ("国务院第588号令、国务院令（第653号）", [("国务院第588号令", "", ""), ("国务院令（第653号）", "", "")]),
        ("刑法第一百二十条之一、之三", [("刑法", "art120-1", ""), ("刑法", "art120-3", "")]),
        ("刑法第一百二十条之一至之三", [("刑法", "art120-1", "art120-3")]),
        ("第三十七至四十条、第五十条", [("self", "art37", "art40"), ("self", "art50", "")]),
        ("刑法第三十七、三十八条和第四十条", [("刑法", "art37", ""), ("刑法", "art38", ""), ("刑法", "art40", "")]),
        ("劳动法第七条第（一）、（二）项、第八条", [("劳动法", "art7/p1/i1", ""), ("劳动法", "art7/p1/i2", ""), ("劳动法", "art8", "")]),
        ("本规定第七条第（一）至第（三）项", [("self", "art7/p1/i1", "art7/p1/i3")]),
        ("本规定第七条第（一）（三）项", [("self", "art7/p1/i1", ""), ("self", "art7/p1/i3", "")]),
        ("刑法分则第三章第一百四十条", [("刑法", "art140", "")]),
        ("本暂行规定第三条、本实施细则第四条", [("self", "art3", ""), ("self", "art4", "")]),
        ("刑法第三百条的罪，依照该条第二款处罚", [("刑法", "art300", ""), ("刑法", "art300/p2", "")]),
        ("甲。\n违反上款规定的", [("self", "art9/p1", "")]),
        ("同时涉及本规定第五条第一款第三项的，先对第三项审查", [("self", "art5/p1/i3", ""), ("self", "art5/p1/i3", "")]),
        ("根据宪法和海关法，经《中国人民解放军纪律条令》", [("宪法", "", ""), ("海关法", "", ""), ("中国人民解放军纪律条令", "", "")]),
        ("违反党章第三条、监督法第四条", [("中国共产党章程", "art3", ""), ("各级人民代表大会常务委员会监督法", "art4", "")]),
        ("《某某安全管理办法》（以下简称《办法》）规定。依照《办法》第四条", [("某某安全管理办法", "", ""), ("某某安全管理办法", "art4", "")]),
    ],
)  # fmt: skip
def test_reference_of_each_form_is_found(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert [found[1:] for found in _found(text)] == wanted


def test_title_is_known_by_its_issuer_and_without_the_name_of_the_state() -> None:
    names = Names(["最高人民法院关于适用《公司法》的规定（二）"])

    found = find("最高人民法院《关于适用〈中华人民共和国公司法〉的规定（二）》第三条", names, Place("art1"))

    assert [(m.title, m.path) for m in found] == [("最高人民法院关于适用《公司法》的规定（二）", "art3")]


def test_rules_that_carry_out_a_work_mean_it_by_its_kind() -> None:
    found = find("依照《条例》第八条、条例第九条的规定", NAMES, Place("art1"), own="工伤保险条例实施细则")

    assert [(m.title, m.path) for m in found] == [("工伤保险条例", "art8"), ("工伤保险条例", "art9")]


@pytest.mark.parametrize(
    "number", ["国务院第588号令", "中华人民共和国国务院令（第588号）", "国务院令 第五百八十八号", "国务院令第 588 号"]
)
def test_number_is_one_however_it_is_written(number: str) -> None:
    assert number_key(number) == number_key("国务院令第588号")


def test_place_without_a_work_in_an_amending_text_is_not_tied_to_that_text() -> None:
    text = "第六条“行使下列职权”中增加一项，作为第七项，第七项至第十五项相应改为第八项至第十六项，前款删去。"

    found = find(text, NAMES, Place("art41", "art40"), own="宪法修正案", default="宪法")

    assert [(text[m.start : m.end], m.title, m.path) for m in found] == [("第六条", "宪法", "art6")]


@pytest.mark.parametrize(
    "text",
    [
        "发给《营业执照》和《许可证》",
        "公司法定代表人签字",
        "劳动法律法规",
        "海洋劳动法学研究",
        "第三人不服第一审判决",
        "本规定自公布之日起施行",
        "“第三条 引文。”",
        "由宪法和法律委员会在国家宪法日举行宪法宣誓",
        "列入《管制清单》第三条、本规定附件二第三条，目前条件下的此前款项",
        "制定选举法加以规定，依照该法第三条",
    ],
)
def test_false_friend_is_no_reference(text: str) -> None:
    assert _found(text) == []


def _law(title: str, *articles: str, day: str = "2020-01-01") -> RegulationVersion:
    body = articles or LONG
    return import_regulation(law_text(*body, title=title), file_name=f"{title}({day}).md").version


@pytest.mark.django_db
def test_article_page_links_what_it_cites_and_lists_who_cites_it(client: Client) -> None:
    target = _law("检修条例")
    source = _law(
        "巡检办法", "第一条 依照《检修条例》第二条的规定开工，违反前条的除外。", "第二条 依照检修条例第二条。"
    )
    read_unread()

    cited = target.provisions.get(path="art2").lineage
    page = client.get(f"/r/{source.regulation.code}/{source.provisions.get(path='art1').lineage.code}").content.decode()
    back = client.get(f"/r/{target.regulation.code}/{cited.code}").content.decode()

    assert f'href="/r/{target.regulation.code}/{cited.code}"' in page
    assert "引用本条的条文（2）" in back
    assert f"/r/{source.regulation.code}/" in back


@pytest.mark.django_db
def test_reference_follows_the_article_when_its_number_changes() -> None:
    _law("检修条例")
    _law("检修条例", LONG[2].replace("第三条", "第一条"), LONG[1], day="2024-01-01")
    source = _law("巡检办法", "第一条 依照《检修条例》第三条的规定清点。", day="2021-01-01")
    read_unread()

    citation = Citation.objects.get(version=source)

    newest = RegulationVersion.objects.get(regulation__title="检修条例", key="2024-01-01")
    assert newest.provisions.get(path="art1").lineage == citation.target_lineage


@pytest.mark.django_db
def test_work_that_comes_later_is_tied_to_texts_that_spoke_of_it_before() -> None:
    source = _law("巡检办法", "第一条 依照检修条例第二条开工。", "第二条 见《检修条例》。")
    read_unread()
    assert set(Citation.objects.filter(version=source).values_list("target", flat=True)) == {None}

    target = _law("检修条例")
    read_unread()

    assert set(Citation.objects.filter(version=source).values_list("target", flat=True)) == {target.regulation_id}


@pytest.mark.django_db
def test_link_made_and_link_taken_away_by_hand_survive_reading_anew() -> None:
    target = _law("检修条例")
    text = "第一条 按照检修的老规矩开工，并遵守《检修条例》第一条。"
    source = _law("巡检办法", text)
    read_unread()
    place = source.provisions.get(path="art1").text.index("老规矩")
    link_by_hand(source, "art1", place, place + 3, target.regulation, "art3", actor=None)
    unlink_by_hand(Citation.objects.get(version=source, path="art1"), actor=None)

    _law("巡检办法", text.replace("按照", "一律按照"))
    read_unread()

    kept = Citation.objects.filter(version=source).order_by("start")
    assert [(c.quote, c.path, c.is_hidden, c.drawn_by) for c in kept] == [
        ("老规矩", "art3", False, "person"), ("《检修条例》第一条", "art1", True, "person"),
    ]  # fmt: skip
    assert kept[0].start == place + 2
    with pytest.raises(BadLink, match="没有找到所填的条"):
        link_by_hand(source, "art1", 0, 2, target.regulation, "art99", actor=None)


@pytest.mark.django_db
def test_withdrawn_work_is_neither_linked_nor_listed(client: Client) -> None:
    target = _law("检修条例")
    source = _law("巡检办法", "第一条 依照《检修条例》第二条的规定开工。")
    read_unread()
    withdraw(target, reason="误发")

    page = client.get(f"/r/{source.regulation.code}").content.decode()

    assert Regulation.objects.get(title="检修条例").code not in page


@pytest.mark.django_db
def test_law_that_repeals_itself_is_read_and_proposes_nothing() -> None:
    source = _law("巡检办法", "第一条 本办法自公布之日起施行，《巡检办法》同时废止。")

    assert read_unread() == 1
    assert source.regulation.relations_out.count() == 0


@pytest.mark.django_db
def test_many_new_works_read_some_at_a_time_are_all_tied_and_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "_FEW_NAMES", 1)
    for title in ("巡检办法", "值班办法", "交接班办法"):
        _law(title, "第一条 见《检修条例》。")
    rounds = 0
    while read_unread(1):
        rounds += 1
        assert rounds < 10
    _law("检修条例")
    while read_unread(1):
        rounds += 1

    assert (rounds, Citation.objects.filter(target__title="检修条例").count()) == (7, 3)
