"""Options, keys and grading of single questions: plain values, no database."""

from __future__ import annotations

import string
from collections.abc import Iterable

from django.utils.translation import gettext as _

LETTERS = string.ascii_uppercase[:10]
TRUE, FALSE = "A", "B"
_JUDGEMENTS = {
    **dict.fromkeys(("对", "正确", "√", "T", "TRUE", "1", "A"), TRUE),
    **dict.fromkeys(("错", "错误", "×", "F", "FALSE", "0", "B"), FALSE),
}


class BadQuestion(ValueError):
    """Options or key do not make a question; `field` says which of the two, the message what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def read_options(kind: str, text: str) -> list[str]:
    """The options, one a line; those of a judgement are given. Raises BadQuestion for fewer than 2 or more than 10."""
    if kind == "judge":
        return [_("对"), _("错")]
    options = [line.strip() for line in text.splitlines() if line.strip()]
    if not 2 <= len(options) <= len(LETTERS):
        raise BadQuestion("options", _("请写 2 到 10 个选项，一行一个。"))
    return options


def read_key(kind: str, text: str, options: list[str]) -> str:
    """The letters of the right options in order, such as "ACD". Raises BadQuestion."""
    raw = text.strip().upper()
    if kind == "judge":
        if raw not in _JUDGEMENTS:
            raise BadQuestion("key", _("判断题的答案请填“对”或“错”。"))
        return _JUDGEMENTS[raw]
    letters = sorted({letter for letter in raw if letter not in " ,，、;；"})
    there = set(LETTERS[: len(options)])
    if not letters or not set(letters) <= there:
        raise BadQuestion(
            "key", _("答案只能用选项的字母，最后一个选项是 %(letter)s。") % {"letter": LETTERS[len(options) - 1]}
        )
    if kind == "single" and len(letters) != 1:
        raise BadQuestion("key", _("单选题只能有一个答案。"))
    return "".join(letters)


def plain_answer(kind: str, chosen: Iterable[str], option_count: int) -> str:
    """What a person chose, as letters in order; anything that is no letter of this question is dropped."""
    there = LETTERS[:option_count]
    letters = sorted({letter for letter in chosen if len(letter) == 1 and letter in there})
    return "".join(letters if kind == "multiple" else letters[:1])


def points_for(answer: str, key: str, score: int) -> int:
    """All points for exactly the right options, else none."""
    return score if answer == key else 0
