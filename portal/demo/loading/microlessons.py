"""Three micro-lessons (微党课): a film and what is said in it."""

from __future__ import annotations

from typing import Any

from portal.demo.content_files import read_folder
from portal.demo.loading.context import Context
from portal.demo.loading.pictures import make_picture
from portal.demo.loading.publish import publish_below
from portal.demo.loading.videos import make_video
from portal.demo.markdown import rich_text
from portal.microlessons.models import MicroLessonPage
from portal.organisations.domain.audiences import public_audience
from portal.pages.models import ColumnPage, HomePage

SHELF = {"title": "微党课", "slug": "weidangke", "summary": "一线党员讲身边事，三分钟到十五分钟讲清一个道理。"}


def load(context: Context) -> str:
    """Publish the micro-lessons in a column of their own, oldest first."""
    shelf = publish_below(
        HomePage.objects.get(),
        ColumnPage(
            **SHELF, show_in_menus=False, owner_organisation=context.organisations[""], audience=public_audience()
        ),
    )
    lessons = read_folder("microlessons")
    for lesson in reversed(lessons):
        publish_below(shelf, _page(context, lesson))
    return f"{len(lessons)} 节"


def _page(context: Context, lesson: dict[str, Any]) -> MicroLessonPage:
    owner = context.organisations[lesson["organisation"]]
    footer = f"微党课 · {lesson['speaker']} · {owner.short_name}"
    return MicroLessonPage(
        title=lesson["title"],
        slug=lesson["slug"],
        summary=lesson["summary"],
        lecturer=lesson["speaker"],
        topic=lesson["topic"],
        script=rich_text(lesson["script"]),
        video=make_video(lesson["title"], f"微党课《{lesson['title']}》", lesson["video"], footer, owner),
        source=owner.short_name,
        owner_organisation=owner,
        display_date=context.days_ago(lesson["days_ago"]),
        cover=make_picture(context, lesson["picture"], lesson["key"], f"{lesson['title']}（示意图）", owner),
    )
