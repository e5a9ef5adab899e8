"""What a page in the column of disclosure has to say before it goes out."""

from __future__ import annotations

import re
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from plugins.sdk import Refusal, ValidatorContext, settings_of

_PERIOD = re.compile(
    r"(?:[0-9]{4}|[〇零一二三四五六七八九]{4})\s*年\s*(?:第?\s*[一二三四1-4]\s*季度|[0-9]{1,2}\s*月|[一二三四五六七八九十]{1,2}月"
    r"|上半年|下半年|全年|年度|度)"
)


def names_its_period(context: ValidatorContext) -> None:
    """Raise Refusal for a page below the column of disclosure (named in the settings) that nowhere says for which period it is."""
    column = settings_of("disclosure").get("column_title") or ""
    page: Any = context.subject
    if not column or not page.path or page.depth < 3:
        return
    if not page.get_ancestors().filter(title=column).exists():
        return
    if not _PERIOD.search(" ".join((page.title, page.summary, strip_tags(page.search_body())))):
        raise Refusal(
            _("“%(column)s”栏目的文章要写明所属期间，如“2026 年第三季度”。请补在标题、摘要或正文里再发布。")
            % {"column": column}
        )
