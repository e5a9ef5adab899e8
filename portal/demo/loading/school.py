"""Two courses: chapters, units with films and units to read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from portal.demo.content_files import read_folder
from portal.demo.loading.context import Context
from portal.demo.loading.pictures import make_picture
from portal.demo.loading.publish import publish_below
from portal.demo.loading.videos import make_video
from portal.demo.markdown import rich_text
from portal.organisations.domain.audiences import public_audience
from portal.organisations.models import Organisation
from portal.pages.models import ColumnPage, HomePage
from portal.school.models import Chapter, CoursePage, Unit

SHELF = {"title": "网络党校", "slug": "dangxiao", "summary": "按章学习，进度自动保存，学完登记学时。"}


def load(context: Context) -> str:
    """Publish the courses in a column of their own."""
    committee = context.organisations[""]
    shelf = publish_below(
        HomePage.objects.get(),
        ColumnPage(**SHELF, show_in_menus=False, owner_organisation=committee, audience=public_audience()),
    )
    films = 0
    courses = read_folder("courses")
    for course in reversed(courses):
        films += _publish(context, course, shelf)
    return f"{len(courses)} 门，视频 {films} 个（在后台制作）"


def _publish(context: Context, course: dict[str, Any], shelf: Any) -> int:
    owner = context.organisations[course["organisation"]]
    page = CoursePage(
        title=course["title"],
        slug=course["slug"],
        summary=course["summary"],
        intro=rich_text(course["introduction"]),
        hours=Decimal(str(course["credit_hours"])),
        for_whom=course["for_whom"],
        owner_organisation=owner,
        source=course["organisation"],
        display_date=context.days_ago(course["days_ago"]),
        cover=make_picture(context, course["picture"], course["key"], f"{course['title']}（示意图）", owner),
    )
    page.chapters = [
        Chapter(
            title=chapter["title"],
            sort_order=number,
            units=[_unit(unit, place, course["title"], owner) for place, unit in enumerate(chapter["unit"])],
        )
        for number, chapter in enumerate(course["chapter"])
    ]
    publish_below(shelf, page)
    return sum("video" in unit for chapter in course["chapter"] for unit in chapter["unit"])


def _unit(unit: dict[str, Any], place: int, course: str, owner: Organisation) -> Unit:
    if "video" not in unit:
        return Unit(
            title=unit["title"],
            kind=Unit.Kind.TEXT,
            body=rich_text(unit["text"]),
            minutes=unit["minutes"],
            sort_order=place,
        )
    video = make_video(unit["title"], f"课程《{course}》", unit["video"], f"网络党校 · {course}", owner)
    return Unit(title=unit["title"], kind=Unit.Kind.VIDEO, video=video, body=rich_text(unit["text"]), sort_order=place)
