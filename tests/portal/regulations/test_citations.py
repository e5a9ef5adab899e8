"""References inside texts: the grammar in small, links both ways, what a person made."""

import pytest
from django.test import Client

from portal.regulations.domain.citations.by_hand import BadLink, link_by_hand, unlink_by_hand
from portal.regulations.domain.citations.grammar import Place, find
from portal.regulations.domain.citations.linking import read_unread
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
        ("《某某安全管理办法》（以下简称《办法》）规定。依照《办法》第四条", [("某某安全管理办法", "", ""), ("某某安全管理办法", "art4", "")]),
    ],
)  # fmt: skip
def test_reference_of_each_form_is_found(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert [found[1:] for found in _found(text)] == wanted


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
