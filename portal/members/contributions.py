"""What this app adds to the portal: the way to one's own file, and to those one looks after."""

from __future__ import annotations

from plugins.sdk import MenuItem

menu = [
    MenuItem("我的档案", "memberfiles:me", label_en="My file", order=20, place="workbench", signed_in=True),
    MenuItem("党员", "memberfiles:list", label_en="Members", order=40, place="workbench", needs="members.view"),
    MenuItem(
        "更正申请",
        "memberfiles:corrections",
        label_en="Corrections",
        order=42,
        place="workbench",
        needs="members.correct",
    ),
    MenuItem(
        "导入党员", "memberfiles:import", label_en="Import members", order=44, place="workbench", needs="members.import"
    ),
]
