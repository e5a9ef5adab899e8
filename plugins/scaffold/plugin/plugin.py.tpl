"""What the plugin declares. This module imports the SDK and events, never models."""

from plugins.sdk import Card, MenuItem, PageSlot, Permission, PersonalData, Plugin, SearchSource, on
from portal.public.events import CourseCompleted


class __Class__Plugin(Plugin):
    permissions = (Permission("manage", "管理通知", "Manage notes", roles=("editor", "admin")),)
    menu = (
        MenuItem(
            "__zh__",
            "__slug__:notes",
            "__en__",
            order=90,
        ),
    )
    cards = (
        Card(
            "最新通知",
            "__slug__/card.html",
            ".domain.notes.card_for",
            "Newest notes",
            route="__slug__:notes",
        ),
    )
    slots = (
        PageSlot(
            "article.after_body",
            "__slug__/slot.html",
            ".domain.notes.slot_for",
            order=90,
        ),
    )
    search = (
        SearchSource(
            "__slug__",
            "__zh__",
            ".domain.searching.documents",
            "__en__",
            types={
                "__slug__": ("__zh__", "__en__"),
            },
        ),
    )
    personal_data = (
        PersonalData("学完的课程", ".domain.personal.export", ".domain.personal.erase", "Courses finished"),
    )
    urls = ".web.urls"
    api = ".api.router"
    admin = ".admin.viewsets"

    @on(CourseCompleted)
    def remember(self, event: CourseCompleted) -> None:
        """Runs after the commit, in a worker, possibly twice: it must leave the same state."""
        self.load(".domain.reactions.remember_course")(event)
