"""The texts of the demo: complete, consistent, and nothing left to fill in."""

import re

import pytest
from PIL import ImageFont

from portal.demo.art import SCENES, draw, picture
from portal.demo.art.palettes import PALETTES
from portal.demo.content_files import CONTENT, read_articles, read_folder, read_toml
from portal.demo.markdown import Heading, Prose, Quote, Table, pieces, rich_text

pytestmark = pytest.mark.slow

FONTS = CONTENT.parents[2] / "themes" / "default" / "static" / "fonts"
FILES = sorted(path for path in CONTENT.rglob("*") if path.suffix in {".md", ".toml"})
LEFT_OVER = re.compile(r"TODO|FIXME|XXX|lorem|待补|此处填写|示例文字|某某|×××|！", re.IGNORECASE)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_content_file_has_no_placeholder(path):
    text = path.read_text(encoding="utf-8")

    assert LEFT_OVER.findall(text) == []
    assert "\ufffd" not in text


def test_articles_fill_six_columns_with_five_each():
    columns = [column["key"] for column in read_toml("columns.toml")["column"]]
    articles = read_articles()

    counts = {key: sum(article["column"] == key for article in articles) for key in columns}

    assert counts == dict.fromkeys(columns, 5)
    assert len(columns) == 6
    assert [article["key"] for article in articles if not 200 <= len(article["text"]) <= 900] == []
    assert all(article["summary"] and article["source"] for article in articles)
    assert len({article["title"] for article in articles}) == len(articles)


def test_named_organisations_exist():
    units = {unit["name"]: set(unit["branches"]) for unit in read_toml("organisations.toml")["general_branch"]}
    known = {"", *units, *(f"{unit}/{branch}" for unit, branches in units.items() for branch in branches)}
    folders = [*read_folder("courses"), *read_folder("microlessons"), *read_folder("cases")]
    notes = read_toml("branch_news.toml")["note"]
    named = {entry["organisation"] for entry in [*folders, *notes, *read_toml("people.toml")["person"]]}

    assert (named | {article["unit"] for article in read_articles()}) - known == set()


def test_pictures_named_in_the_texts_can_be_drawn():
    names = {article["picture"] for article in read_articles()}
    names |= {entry["picture"] for folder in ("courses", "microlessons", "cases") for entry in read_folder(folder)}

    unknown = [name for name in names if name.split(" ")[0] not in SCENES or name.split(" ")[1] not in PALETTES]

    assert len(names) >= 30
    assert unknown == []


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_picture_is_the_same_each_time_and_small(scene):
    first, second = picture(f"{scene} dawn", 7), picture(f"{scene} dawn", 7)

    assert first == second
    assert 10_000 < len(first) <= 150_000


def test_picture_has_the_wanted_size():
    assert draw("ridge dawn", 7).finished().size == (1600, 900)


def test_fonts_hold_every_character_of_the_films():
    lines = [
        line for folder in ("courses", "microlessons") for entry in read_folder(folder) for line in _film_lines(entry)
    ]
    font = ImageFont.truetype(str(FONTS / "LinghangSerifSC-Bold.otf"), 40)
    missing = bytes(font.getmask("\U0010fffd"))

    absent = {sign for line in lines for sign in line if sign.strip() and bytes(font.getmask(sign)) == missing}

    assert len(lines) > 40
    assert absent == set()


def _film_lines(entry):
    videos = [entry["video"]] if "video" in entry else []
    videos += [unit["video"] for chapter in entry.get("chapter", []) for unit in chapter["unit"] if "video" in unit]
    return [line for video in videos for line in video["lines"]]


def test_fonts_are_small_and_carry_their_licence():
    sizes = {path.name: path.stat().st_size for path in FONTS.glob("*.otf")}

    assert set(sizes) == {"LinghangSansSC-Regular.otf", "LinghangSerifSC-Bold.otf"}
    assert sum(sizes.values()) < 3_000_000
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_markdown_gives_pieces_in_order():
    text = "一段**重**话。\n\n- 甲\n- 乙\n\n## 标题\n> 话。——某人\n\n| 名 | 数 |\n| --- | --- |\n| 甲 | 1 |"

    assert pieces(text) == [
        Prose("<p>一段<b>重</b>话。</p><ul><li>甲</li><li>乙</li></ul>"),
        Heading(2, "标题"),
        Quote("话。", "某人"),
        Table((("名", "数"), ("甲", "1"))),
    ]
    assert (
        rich_text("| 名 | 前 | 后 |\n| --- | --- | --- |\n| <b> | 1个 | 2个 |")
        == "<ul><li>&lt;b&gt;：前1个，后2个</li></ul>"
    )
