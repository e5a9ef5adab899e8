"""What the disclosure plugin declares."""

from django.utils.translation import gettext_lazy as _

from plugins.sdk import (
    Card,
    ExchangeRecords,
    MenuItem,
    NoticeType,
    PageSlot,
    PageType,
    Permission,
    PersonalData,
    Plugin,
    SearchSource,
    SettingsForm,
    Task,
    Validator,
)


class DisclosurePlugin(Plugin):
    permissions = (
        Permission("propose", "提出公开事项", "Propose items", roles=("secretary", "editor", "admin")),
        Permission("check", "审查公开事项", "Check items", roles=("reviewer", "admin")),
    )
    menu = (
        MenuItem(_("党务公开"), "disclosure:items", "Disclosure", order=50),
        MenuItem(_("公开事项办理"), "disclosure:desk", "Disclosure desk", needs="propose", order=80, place="workbench"),
    )
    cards = (
        Card(
            _("待办公开事项"),
            "disclosure/desk_card.html",
            ".domain.queries.desk_card_for",
            "Disclosure to do",
            order=60,
            route="disclosure:desk",
        ),
    )
    slots = (
        PageSlot("home.bottom", "disclosure/latest_slot.html", ".domain.queries.latest_slot_for", order=50),
        PageSlot("branch.side", "disclosure/branch_slot.html", ".domain.queries.branch_slot_for", order=50),
    )
    search = (
        SearchSource(
            "disclosure",
            _("党务公开"),
            ".domain.searching.documents",
            "Disclosure",
            types={"disclosure": ("党务公开", "Disclosure")},
        ),
    )
    page_types = (PageType(_("公开清单"), ".models.SheetPage", "Disclosure sheets"),)
    validators = (
        Validator("page.submit", ".checking.names_its_period"),
        Validator("page.publish", ".checking.names_its_period"),
    )
    settings_form = SettingsForm(".web.settings_form.DisclosureSettings", needs="check")
    tasks = (Task(".tasks.follow_the_calendar", every_minutes=10),)
    notice_types = (
        NoticeType("to_check", _("公开事项待审查"), "Disclosure to check"),
        NoticeType("decided", _("公开事项审查结果"), "Disclosure decided"),
    )
    personal_data = (
        PersonalData(
            _("经办的公开事项"), ".domain.personal.export", ".domain.personal.erase", "Items of disclosure handled"
        ),
    )
    exchange = (
        ExchangeRecords(
            "disclosure.items",
            _("公开事项"),
            ".domain.exchanging.rows",
            ".domain.exchanging.load",
            label_en="Disclosed items",
            fields={
                "organisation": ("责任组织", "Responsible organisation"),
                "title": ("标题", "Title"),
                "category": ("类别", "Category"),
                "body": ("内容", "Content"),
                "period": ("所属期间", "Period"),
                "publish_on": ("公开日期", "Public from"),
                "expires_on": ("公开至", "Public until"),
                "state": ("状态", "State"),
                "published_at": ("发布时间", "Published at"),
                "scope": ("可见范围", "Audience"),
                "secrecy": ("级别", "Level"),
            },
            check=".domain.exchanging.check",
        ),
    )
    audit_labels = {
        "disclosure.propose": ("提出公开事项", "Proposed an item of disclosure"),
        "disclosure.approve": ("通过公开事项", "Let an item of disclosure pass"),
        "disclosure.return": ("退回公开事项", "Returned an item of disclosure"),
        "disclosure.expire": ("公开事项到期", "An item of disclosure expired"),
    }
    urls = ".web.urls"
    api = ".api.router"
    admin = ".admin.viewsets"
    demo = ".demo.load"
