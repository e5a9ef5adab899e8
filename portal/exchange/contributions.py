"""What this app adds to the portal: the ways to its pages."""

from __future__ import annotations

from plugins.sdk import MenuItem

menu = [
    MenuItem(
        "导出数据包", "exchange:send", label_en="Export packages", order=46, place="workbench", needs="exchange.send"
    ),
    MenuItem(
        "导入数据包",
        "exchange:receive",
        label_en="Import packages",
        order=47,
        place="workbench",
        needs="exchange.receive",
    ),
    MenuItem(
        "数据交换站点",
        "exchange:partners",
        label_en="Exchange partners",
        order=48,
        place="workbench",
        needs="exchange.partners",
    ),
]
