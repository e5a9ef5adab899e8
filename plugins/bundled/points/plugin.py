"""What the points plugin declares."""

from django.utils.translation import gettext_lazy as _

from plugins.sdk import (
    Card,
    Event,
    MenuItem,
    PageSlot,
    Permission,
    PersonalData,
    Plugin,
    PointRule,
    SettingsForm,
    Tile,
    on_point_rules,
)
from portal.public.events import CourseCompleted, MicroLessonWatched, UnitCompleted

DEFAULT_SOURCE = "系统默认规则，由党委审定后修订"


class PointsPlugin(Plugin):
    permissions = (
        Permission("see_own", "查看自己的积分", "See own points", roles=("member",)),
        Permission("manage", "管理积分规则、冲正积分", "Manage point rules, reverse points", roles=("admin",)),
    )
    menu = (MenuItem(_("我的积分"), "points:mine", "My points", needs="see_own", order=70, place="workbench"),)
    cards = (
        Card(
            _("我的积分"),
            "points/card.html",
            ".domain.queries.card_for",
            "My points",
            needs="see_own",
            order=40,
            route="points:mine",
        ),
    )
    slots = (PageSlot("course.after_units", "points/course_slot.html", ".domain.queries.course_slot_for", order=90),)
    tiles = (
        Tile(
            "this_month",
            _("本月积分"),
            ".domain.figures.points_this_month",
            "Points this month",
            unit="分",
            unit_en="points",
        ),
    )
    settings_form = SettingsForm(".web.forms.PointsSettings", needs="manage")
    points = (
        PointRule(
            "school.unit",
            UnitCompleted,
            2,
            _("学完一个单元"),
            ("member_uid", "unit_uid"),
            "Finished a unit",
            daily_cap=10,
            about="unit_title",
            source=DEFAULT_SOURCE,
        ),
        PointRule(
            "school.course",
            CourseCompleted,
            10,
            _("学完一门课程"),
            ("member_uid", "course_uid"),
            "Finished a course",
            about="course_title",
            source=DEFAULT_SOURCE,
        ),
        PointRule(
            "microlessons.watched",
            MicroLessonWatched,
            1,
            _("看完一节微党课"),
            ("member_uid", "lesson_uid"),
            "Watched a micro-lesson",
            daily_cap=6,
            about="title",
            source=DEFAULT_SOURCE,
        ),
    )
    personal_data = (
        PersonalData(_("积分流水"), ".domain.personal.export", ".domain.personal.erase", "Point transfers"),
    )
    urls = ".web.urls"
    api = ".api.router"
    admin = ".admin.viewsets"
    demo = ".demo.load"

    @on_point_rules
    def credit(self, rule: PointRule, event: Event) -> None:
        """Give the points a rule sees in an event; the same deed never earns twice."""
        self.load(".domain.ledger.credit_for_event")(rule, event)
