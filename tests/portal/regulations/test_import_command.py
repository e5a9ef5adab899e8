"""`manage.py import_regulations` on folders with all sorts of files."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.regulations.models import Provision, Regulation, RegulationVersion
from tests.portal.regulations.makers import LONG, law_text
from tests.portal.regulations.real_laws import manifest, shared_data

pytestmark = pytest.mark.django_db


def _run(path: Path, *options: str) -> tuple[list[dict], str]:
    out, err = io.StringIO(), io.StringIO()
    report = path.parent / "report.jsonl"
    call_command("import_regulations", str(path), "--report", str(report), *options, stdout=out, stderr=err)
    return [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()], err.getvalue()


def test_import_folder_reports_every_file_and_goes_on_after_bad_ones(tmp_path: Path) -> None:
    folder = tmp_path / "制度 一"
    folder.mkdir()
    (folder / "甲(2020-01-01).md").write_text(law_text(*LONG), encoding="utf-8")
    (folder / "乙.md").write_text(law_text("只有一段话，没有条。", title="乙"), encoding="utf-8")
    (folder / "空.md").write_bytes(b"")
    (folder / "图.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (folder / "大.md").write_bytes(b"a" * (8 * 1024 * 1024 + 1))
    (folder / "大五码.md").write_bytes("憲法是國家的根本大法".encode("big5"))
    (folder / "国标.md").write_bytes(law_text(*LONG, title="国标").encode("gb18030"))
    (folder / "表.xlsx").write_bytes(b"PK")

    lines, errors = _run(folder)

    refused = {
        line["path"]: doubt["text"][:12]
        for line in lines
        for doubt in line["doubts"]
        if doubt["code"] == "not_imported"
    }
    assert {line["path"]: line["articles"] for line in lines if line["path"] not in refused} == {
        "甲(2020-01-01).md": 3, "乙.md": 0, "国标.md": 3,
    }  # fmt: skip
    assert refused == {
        "空.md": "文件是空的，没有可导入的",
        "图.md": "这不是文本文件（含有二进",
        "大.md": "文件有 8.0 MB，超",
        "大五码.md": "文件的编码无法识别（不是",
        "表.xlsx": "不支持的文件类型（扩展名",
    }
    doubts = {line["path"]: [d["code"] for d in line["doubts"]] for line in lines if line["path"] not in refused}
    assert doubts == {"甲(2020-01-01).md": [], "乙.md": ["no_article"], "国标.md": ["encoding"]}
    assert errors.count("\n") == 5
    assert Regulation.objects.count() == 3


def test_import_report_line_holds_exactly_what_is_promised(tmp_path: Path) -> None:
    file = tmp_path / "检修作业管理规定(2020-01-01).md"
    file.write_text(law_text(*LONG, "第五条 缺了第四条。"), encoding="utf-8")

    [line], _ = _run(file)

    assert line == {
        "path": "检修作业管理规定(2020-01-01).md",
        "title": "检修作业管理规定",
        "date": "2020-01-01",
        "articles": 4,
        "lost": 0,
        "added": 0,
        "doubts": [{"code": "missing_number", "line": 13, "text": "第五条 缺了第四条。"}],
    }


def test_import_newer_text_of_a_known_work_waits_as_a_draft_until_it_is_accepted(tmp_path: Path) -> None:
    old, new = tmp_path / "甲(2020-01-01).md", tmp_path / "甲(2024-01-01).md"
    old.write_text(law_text(*LONG, title="甲"), encoding="utf-8")
    new.write_text(law_text(*LONG[:2], title="甲"), encoding="utf-8")
    _run(old)

    [line], _ = _run(new)
    again, _ = _run(new)

    assert [doubt["code"] for doubt in (*line["doubts"], *again[0]["doubts"])] == ["version_to_confirm"] * 2
    assert RegulationVersion.objects.get(key="2024-01-01").state == RegulationVersion.State.DRAFT
    [line], _ = _run(new, "--accept-versions")
    assert (line["doubts"], RegulationVersion.objects.get(key="2024-01-01").state) == ([], "published")


def test_import_that_was_cut_short_goes_on_without_asking(tmp_path: Path) -> None:
    folder = tmp_path / "法"
    folder.mkdir()
    (folder / "甲(2020-01-01).md").write_text(law_text(*LONG, title="甲"), encoding="utf-8")
    _run(folder)  # all that was done before the run was cut
    (folder / "甲(2024-01-01).md").write_text(law_text(*LONG[:2], title="甲"), encoding="utf-8")

    lines, _ = _run(folder)

    assert [line["doubts"] for line in lines] == [[], []]
    assert {version.state for version in RegulationVersion.objects.all()} == {"published"}


def test_import_dry_run_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "甲.md"
    file.write_text(law_text(*LONG), encoding="utf-8")

    [line], _ = _run(file, "--dry-run")

    assert (line["articles"], Regulation.objects.count()) == (3, 0)


def test_import_law_in_several_files_becomes_one_version(tmp_path: Path) -> None:
    folder = tmp_path / "典"
    folder.mkdir()
    for name, articles in (("乙编", LONG[1:]), ("甲编", LONG[:1])):
        text = law_text("## 第一章 一般规定", *articles).replace(
            "# 检修作业管理规定\n", f"# 检修作业管理规定\n\n# {name}\n", 1
        )
        (folder / f"{name}.md").write_text(text, encoding="utf-8")

    lines, _ = _run(folder)

    assert {line["path"]: line["articles"] for line in lines} == {"甲编.md": 1, "乙编.md": 2}
    assert list(Provision.objects.order_by("position").values_list("path", "heading_path")) == [
        ("pt1", ""), ("pt1/ch1", "甲编"), ("art1", "甲编\n第一章 一般规定"),
        ("pt2", ""), ("pt2/ch1", "乙编"), ("art2", "乙编\n第一章 一般规定"), ("art3", "乙编\n第一章 一般规定"),
    ]  # fmt: skip
    assert RegulationVersion.objects.get().article_count == 3


def test_import_metadata_table_gives_dates_and_level(tmp_path: Path) -> None:
    file = tmp_path / "甲(2020-01-01).md"
    file.write_text(law_text(*LONG, events=()), encoding="utf-8")
    table = tmp_path / "表.tsv"
    table.write_text(f"path\tlevel\tvalid_from\nx/{file.name}\t行政法规\t2020-05-01\n", encoding="utf-8")

    [unknown], _ = _run(file, "--dry-run")
    [told], _ = _run(file, "--metadata", str(table))

    assert ([doubt["code"] for doubt in unknown["doubts"]], told["doubts"]) == (["no_event"], [])

    version = RegulationVersion.objects.select_related("regulation").get()
    assert (version.effective_on.isoformat(), version.effective_origin, version.regulation.level) == (
        "2020-05-01", "entered", "administrative",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--owner", "没有"), "没有编码为 没有 的组织"),
        (("--level", "天条"), "没有名为“天条”的效力级别"),
        (("--metadata", "/nowhere.tsv"), "元数据表 nowhere.tsv 无法读取"),
    ],
)
def test_import_with_bad_options_says_what_is_wrong(tmp_path: Path, options: tuple[str, ...], sentence: str) -> None:
    file = tmp_path / "甲.md"
    file.write_text(law_text(*LONG), encoding="utf-8")

    with pytest.raises(CommandError, match=sentence):
        _run(file, *options)


def test_import_missing_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="找不到"):
        call_command("import_regulations", str(tmp_path / "无"))


@pytest.mark.slow
def test_import_all_real_laws_makes_one_work_a_title_and_follows_articles() -> None:
    """325 files: the civil code in eight files is one work, one law lies in two folders, 20 titles have several versions."""
    out = io.StringIO()

    call_command("import_regulations", str(shared_data() / "laws"), stdout=out)

    code = Regulation.objects.get(title="中华人民共和国民法典").versions.get()
    assert (code.article_count, code.provisions.get(path="art54").text[:12]) == (1260, "自然人从事工商业经营，经")
    assert (Regulation.objects.count(), RegulationVersion.objects.count()) == (295, 317)
    assert "字数不平衡 0 个" in out.getvalue()


@pytest.mark.slow
def test_import_report_of_all_real_laws_agrees_with_the_independent_count(tmp_path: Path) -> None:
    """325 lines, nothing lost or added, titles, dates and articles as an independent parser found them."""
    report = tmp_path / "report.jsonl"

    call_command(
        "import_regulations", str(shared_data() / "laws"), "--dry-run", "--report", str(report), stdout=io.StringIO()
    )

    lines = {line["path"]: line for line in map(json.loads, report.read_text(encoding="utf-8").splitlines())}
    assert len(lines) == 325
    assert [path for path, line in lines.items() if line["lost"] or line["added"]] == []
    wrong = [
        (row["path"], row["title"], row["date"], row["articles"])
        for row in manifest()
        if ((line := lines[row["path"]]) and (line["title"], line["articles"]) != (row["title"], int(row["articles"])))
        or (row["date"] and line["date"] != row["date"])
    ]
    assert wrong == []
