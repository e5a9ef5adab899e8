"""What the quizzes plugin declares."""

from django.utils.translation import gettext_lazy as _

from plugins.bundled.quizzes.events import QuizPassed
from plugins.sdk import (
    Assets,
    Card,
    MenuItem,
    PageAction,
    PageColumn,
    PageSlot,
    Permission,
    PersonalData,
    Plugin,
    PointRule,
    SearchSource,
)


class QuizzesPlugin(Plugin):
    permissions = (
        Permission("take", "参加考试", "Take quizzes", roles=("member",)),
        Permission("manage", "管理试卷", "Manage papers", roles=("editor", "admin")),
    )
    menu = (MenuItem(_("在线考试"), "quizzes:papers", "Quizzes", order=60),)
    cards = (
        Card(
            _("待考试"),
            "quizzes/due_card.html",
            ".domain.queries.due_card_for",
            "Quizzes to take",
            needs="take",
            order=30,
            route="quizzes:papers",
        ),
    )
    slots = (PageSlot("course.after_units", "quizzes/course_slot.html", ".domain.queries.course_slot_for", order=50),)
    search = (
        SearchSource(
            "quizzes", _("在线考试"), ".domain.searching.documents", "Quizzes", types={"quiz": ("考试", "Quiz")}
        ),
    )
    points = (
        PointRule(
            "quizzes.passed",
            QuizPassed,
            5,
            _("通过一次考试"),
            ("member_uid", "paper_uid"),
            "Passed a quiz",
            daily_cap=10,
            about="title",
            source="系统默认规则，由党委审定后修订",
        ),
    )
    blocks = {"quiz": ".blocks.QuizBlock"}
    page_columns = (PageColumn(_("考题"), ".listing.questions_of_courses", "Questions", needs="manage"),)
    page_actions = (
        PageAction(_("管理试卷"), url=".listing.papers_of_course", label_en="Manage papers", needs="manage"),
    )
    assets = (Assets(scripts=("quizzes/paper.js",), styles=("quizzes/quizzes.css",), on=("quizzes",)),)
    personal_data = (PersonalData(_("答卷"), ".domain.personal.export", ".domain.personal.erase", "Papers handed in"),)
    urls = ".web.urls"
    api = ".api.router"
    admin = ".admin.viewsets"
    demo = ".demo.load"
