"""The real laws as other sites would have them: without marks, glued, joined. What is counted must stay what it was."""

import re
from collections.abc import Callable

import pytest

from portal.regulations.domain.parsing import decode, parse
from portal.regulations.domain.parsing.numerals import number_of
from tests.portal.regulations.real_laws import manifest, shared_data

pytestmark = [pytest.mark.slow, pytest.mark.once]

_HEAD = re.compile(r"^(第[一二三四五六七八九十百千零〇]+条)([ \u3000]|$)", re.MULTILINE)
_MARK = "<!-- INFO END -->"


def _joined(text: str) -> str:
    header, _, body = text.partition(_MARK)
    return f"{header}{_MARK}\n\n" + " ".join(
        line for line in body.split("\n") if line.strip() and not line.startswith("#")
    )


def _with_contents(text: str) -> str:
    headings = [re.sub(r"^#+\s*", "", line) for line in text.split("\n") if line.startswith("##")]
    return text.replace(_MARK, "\n\n".join([_MARK, "目录", *headings])) if len(headings) > 2 else text


# how the text is damaged, from how many articles on a law counts, how many laws may come out otherwise
_DAMAGES: dict[str, tuple[Callable[[str], str], int, int]] = {
    "no heading marks": (lambda text: re.sub(r"^##+\s*", "", text, flags=re.MULTILINE), 0, 0),
    "no headings": (lambda text: "\n".join(line for line in text.split("\n") if not line.startswith("##")), 0, 0),
    "no end of header": (lambda text: text.replace(_MARK, ""), 0, 0),
    "arabic numbers": (lambda text: _HEAD.sub(lambda m: f"第{number_of(m[1][1:-1])}条{m[2]}", text), 0, 0),
    "inner blank": (lambda text: _HEAD.sub(lambda m: f"{m[1][:-1]} 条{m[2]}", text), 0, 0),
    "wrong first character": (lambda text: _HEAD.sub(lambda m: f"笫{m[1][1:]}{m[2]}", text), 0, 0),
    "bold": (lambda text: _HEAD.sub(lambda m: f"**{m[1]}**{m[2]}", text), 0, 0),
    "text on the next line": (lambda text: _HEAD.sub(lambda m: f"{m[1]}\n\n", text), 0, 0),
    "glued": (lambda text: _HEAD.sub(lambda m: m[1], text), 0, 3),
    "all in one line": (_joined, 8, 0),
    "contents left": (_with_contents, 0, 0),
    "bold with 之一": (lambda text: re.sub(r"(?m)^(第[一二三四五六七八九十百千零〇]+条)", r"**\1**", text), 0, 0),
    "blanks of a web page": (lambda text: text.replace(" ", "\u00a0"), 0, 0),
    "full-width digits": (lambda text: text.translate(str.maketrans("0123456789", "０１２３４５６７８９")), 0, 0),
    "indented": (lambda text: re.sub(r"(?m)^(?=[^#<\n])", "　　", text), 0, 0),
    "windows": (lambda text: text.replace("\n", "\r\n"), 0, 0),
}


@pytest.mark.parametrize("name", _DAMAGES)
def test_damaged_real_laws_keep_every_character_and_nearly_every_article(name: str) -> None:
    damage, least, allowed = _DAMAGES[name]
    uneven, wrong = [], []

    for row in manifest():
        text, _ = decode((shared_data() / "laws" / row["path"]).read_bytes())
        law = parse(damage(text))
        if not law.balance.even:
            uneven.append(row["path"])
        if int(row["articles"]) >= least and law.articles != int(row["articles"]):
            wrong.append((row["path"], row["articles"], law.articles))

    assert (uneven, wrong[allowed:]) == ([], [])
