"""Records' places in the workbench."""

from plugins.sdk import MenuItem
from portal.records.domain.auditing import READ_TRAIL, SEE_TIMELINESS

menu = [
    MenuItem(
        label="录入及时性",
        label_en="Timely entry",
        route="records:timeliness",
        needs=SEE_TIMELINESS,
        order=70,
        place="workbench",
    ),
    MenuItem(
        label="操作记录", label_en="Audit trail", route="records:trail", needs=READ_TRAIL, order=80, place="workbench"
    ),
]
