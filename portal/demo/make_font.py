"""Make the fonts that we ship: subsets of Noto Sans CJK SC and Noto Serif CJK SC under our own names.

    python portal/demo/make_font.py FOLDER_WITH_THE_TTC_FILES

The sources are the files of Debian's package `fonts-noto-cjk` (SIL Open Font License 1.1). Kept are the common characters of
GB 2312 (level 1, 3,755 characters), ASCII, Chinese punctuation, and every character of the demo texts. Needs fontTools.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

PROJECT = Path(__file__).resolve().parents[2]
CONTENT = PROJECT / "portal" / "demo" / "content"
TARGET = PROJECT / "themes" / "default" / "static" / "fonts"
SIMPLIFIED_CHINESE_FACE = "CJK SC"
FONTS = [
    ("NotoSansCJK-Regular.ttc", "Linghang Sans SC", "Regular", "LinghangSansSC-Regular.otf"),
    ("NotoSerifCJK-Bold.ttc", "Linghang Serif SC", "Bold", "LinghangSerifSC-Bold.otf"),
]


def level_one_characters() -> set[str]:
    """The 3,755 common characters: GB 2312 rows 16 to 55."""
    found = set()
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                found.add(bytes([high, low]).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def wanted_characters() -> set[str]:
    """Everything a title, subtitle or printed certificate of the demo may need."""
    wanted = level_one_characters() | {chr(code) for code in range(0x20, 0x7F)}
    wanted |= set("，。、；：？！“”‘’（）《》〈〉【】—…·－～　％＋×÷＝→←↑↓○●◎■□▲△①②③④⑤⑥⑦⑧⑨⑩℃²³¥§©〇")
    for path in CONTENT.rglob("*"):
        if path.suffix in {".md", ".toml"}:
            wanted |= set(path.read_text(encoding="utf-8"))
    return {character for character in wanted if character.isprintable()}


def face_number(source: Path) -> int:
    """Which face of the collection holds the simplified Chinese shapes."""
    for number in range(20):
        font = TTFont(source, fontNumber=number, lazy=True)
        if SIMPLIFIED_CHINESE_FACE in str(font["name"].getDebugName(4)) and "Mono" not in str(
            font["name"].getDebugName(4)
        ):
            return number
    raise SystemExit(f"{source}: no face named {SIMPLIFIED_CHINESE_FACE}")


def make(source: Path, family: str, style: str, target: Path) -> None:
    """Write one subset with its own name and the licence text in its name table."""
    options = subset.Options()
    options.layout_features = ["kern", "vert", "halt", "palt", "ccmp"]
    options.hinting = False
    options.desubroutinize = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    font = TTFont(source, fontNumber=face_number(source))
    worker = subset.Subsetter(options)
    worker.populate(unicodes={ord(character) for character in wanted_characters()})
    worker.subset(font)
    names = {
        1: family,
        2: style,
        3: f"{family} {style} 1.0",
        4: f"{family} {style}",
        6: f"{family.replace(' ', '')}-{style}",
    }
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    compact_names = font["CFF "].cff
    compact_names.fontNames = [names[6]]
    top = compact_names.topDictIndex[0]
    top.FullName, top.FamilyName = names[4], family
    font.save(target)


def main() -> None:
    """Write both fonts and say how large they are."""
    folder = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    for file_name, family, style, target_name in FONTS:
        make(folder / file_name, family, style, TARGET / target_name)
        sys.stdout.write(f"{target_name}: {(TARGET / target_name).stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
