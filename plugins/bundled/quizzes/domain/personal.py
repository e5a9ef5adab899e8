"""What is kept about a person here: the papers that were handed in."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from plugins.bundled.quizzes.models import Attempt
from plugins.sdk import Erased, Person, Table


def export(person: Person) -> Iterator[Table]:
    """Every attempt, and every answer of it as it was graded then."""
    if person.member_uid is None:
        return
    attempts = list(Attempt.objects.filter(member_uid=person.member_uid).select_related("paper").order_by("pk"))
    columns = {
        "paper": _("试卷"),
        "number": _("第几次"),
        "submitted_at": _("交卷时间"),
        "points": _("得分"),
        "points_possible": _("满分"),
        "passed": _("是否通过"),
    }
    rows = [
        {
            "paper": attempt.paper.title,
            "number": attempt.number,
            "submitted_at": attempt.submitted_at.isoformat(),
            "points": attempt.points,
            "points_possible": attempt.points_possible,
            "passed": _("是") if attempt.passed else _("否"),
        }
        for attempt in attempts
    ]
    yield Table("attempts", _("答卷"), columns, rows)
    columns = {
        "paper": _("试卷"),
        "number": _("第几次"),
        "question": _("试题"),
        "given": _("您的答案"),
        "points": _("得分"),
    }
    answers = [
        {
            "paper": attempt.paper.title,
            "number": attempt.number,
            "question": str(question.get("stem", "")),
            "given": str(question.get("answer", "")),
            "points": question.get("points"),
        }
        for attempt in attempts
        for question in attempt.result
    ]
    yield Table("answers", _("每道题的回答"), columns, answers)


def erase(person: Person) -> Erased:
    """Nothing goes: attempts are written once, and hold no name; the number they are under leads to nobody once the register has
    erased the name."""
    kept = person.member_uid is not None and Attempt.objects.filter(member_uid=person.member_uid).exists()
    return Erased(0, _("答卷交后封存，依规定保留：只留编号，没有姓名，查不到是谁。") if kept else "")
