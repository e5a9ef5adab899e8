"""The parts of the demo site in their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from portal.demo.loading import (
    branch_news,
    branch_sites,
    experiences,
    learning,
    logins,
    member_files,
    members,
    microlessons,
    news,
    notices,
    organisations,
    plugins,
    regulations,
    school,
    site,
)
from portal.demo.loading.context import Context


@dataclasses.dataclass(frozen=True)
class Step:
    """A part: `load` writes it in one transaction and says in a few words what it made. `draws` says that it has pictures."""

    subject: str
    label: str
    load: Callable[[Context], str]
    draws: bool = False


STEPS = (
    Step("organisations", "党组织", organisations.load),
    Step("members", "党员", members.load),
    Step("site", "首页和栏目", site.load),
    Step("branch_sites", "支部主页", branch_sites.load),
    Step("regulations", "制度", regulations.load),
    Step("news", "新闻", news.load, draws=True),
    Step("branch_news", "支部动态", branch_news.load),
    Step("school", "课程", school.load, draws=True),
    Step("microlessons", "微党课", microlessons.load, draws=True),
    Step("experiences", "典型经验", experiences.load, draws=True),
    Step("logins", "账号", logins.load),
    Step("member_files", "党员档案", member_files.load),
    Step("learning", "学习记录", learning.load),
    Step("plugins", "插件", plugins.load),
    Step("notices", "通知和待办", notices.load),
)
