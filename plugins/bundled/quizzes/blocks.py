"""A quiz inside an article."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from plugins.bundled.quizzes.domain.queries import papers_for
from plugins.bundled.quizzes.models import Paper

_UID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def uid_in(text: str) -> uuid.UUID | None:
    """The uid that an address of a paper holds."""
    found = _UID.search(text)
    return uuid.UUID(found[0]) if found else None


class PaperField(blocks.CharBlock):
    """The address of a paper, as the editor sees it in the browser."""

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        uid = uid_in(value or "")
        if uid is None or not Paper.objects.filter(uid=uid, is_published=True).exists():
            raise ValidationError(_("这里没有找到已发布的试卷。请打开试卷页面，把浏览器地址栏里的网址粘贴过来。"))
        return value


class QuizBlock(blocks.StructBlock):
    """Leads from an article to a paper. Readers who may not see the paper see nothing."""

    paper = PaperField(
        label=gettext_lazy("试卷网址"),
        max_length=200,
        help_text=gettext_lazy("打开试卷页面，把浏览器地址栏里的网址粘贴到这里。"),
    )
    invitation = blocks.CharBlock(label=gettext_lazy("提示语"), required=False, max_length=80)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        request = (parent_context or {}).get("request")
        user = getattr(request, "user", None) or AnonymousUser()
        uid = uid_in(value.get("paper") or "")
        context["paper"] = papers_for(user).filter(uid=uid).first() if uid else None
        return context

    class Meta:
        icon = "tick-inverse"
        label = gettext_lazy("考试")
        template = "quizzes/blocks/quiz.html"
