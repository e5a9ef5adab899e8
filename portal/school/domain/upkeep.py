"""What must not be lost when courses are edited."""

from __future__ import annotations

from typing import Any

from portal.school.models import Enrolment


def learners_below(page: Any) -> int:
    """How many enrolments hang on the courses in this page's subtree, itself included."""
    found: int = Enrolment.objects.filter(course__path__startswith=page.path).count()
    return found
