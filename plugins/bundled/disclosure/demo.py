"""Demo disclosure: a calendar of a committee and some branches. All texts are written for this demo."""

from __future__ import annotations

import datetime as dt
from typing import Any

from plugins.bundled.disclosure.domain.flow import approve_item, follow_calendar, propose_item
from plugins.bundled.disclosure.models import Category, Item
from plugins.sdk.demo import DemoContext
from portal.public import facts

CATEGORIES = [
    ("党的建设", "党组织年度工作安排与落实情况"),
    ("党费收缴使用", "党费收缴、使用和管理情况"),
    ("发展党员", "入党积极分子、发展对象公示"),
    ("评议表彰", "民主评议和评先评优结果"),
    ("服务群众", "办实事项目与群众意见答复"),
]
COMMITTEE_ITEMS = [
    (
        "党的建设",
        "本年度党建工作要点",
        "一、坚持每月一次集体学习，全年不少于十二次，学习内容与当月重点工作结合。\n\n二、开展“支部规范年”活动，逐个支部对照清单查记录、查台账、查整改。\n\n三、办好两期支部书记培训班，每期三天，以案例研讨为主。\n\n四、年底前完成全部支部的述职评议，结果向全体党员公开。",
        "public",
        -70,
        None,
    ),
    (
        "党费收缴使用",
        "第三季度党费收缴使用情况",
        "本季度应交党费的党员全部按月交纳，没有拖欠。\n\n支出三项：支部学习用书、困难党员慰问、主题党日场地费用。各项支出均经会议研究，凭证齐全，可以到党委办公室查阅。\n\n对收支有疑问的，可以向所在支部提出，五个工作日内答复。",
        "members",
        -40,
        320,
    ),
    (
        "发展党员",
        "拟接收预备党员公示",
        "经支部培养考察、党总支审查，拟接收三名同志为中共预备党员，现予公示。公示期为五个工作日。\n\n对公示对象有意见的，可以在公示期内向党委组织员反映。反映情况要实事求是，我们对反映人的信息严格保密。",
        "members",
        -3,
        4,
    ),
    (
        "评议表彰",
        "上半年先进党支部名单",
        "根据各支部自评、党总支推荐和党委会议研究，授予六个支部“先进党支部”称号。评选依据和打分表在党委办公室公开，欢迎查阅。",
        "public",
        -120,
        None,
    ),
    (
        "服务群众",
        "办实事项目进展（第三批）",
        "一、职工食堂晚餐时段延长到 20:00，已经落实。\n\n二、值班室取暖设备更换，已完成二十二间，余下八间本月内完成。\n\n三、班车增设一个停靠点，正在与运营单位商定时间。",
        "members",
        -18,
        90,
    ),
    (
        "党的建设",
        "下月集体学习安排",
        "时间：每月第二个星期三下午。\n\n内容：党章第六章，支部工作案例两则。\n\n请各支部提前三天把研讨题目发给党员。",
        "members",
        6,
        40,
    ),
]
BRANCH_ITEM = (
    "党费收缴使用",
    "本支部三季度党费公示",
    "本支部党员三季度党费已按月足额交纳，明细在支部活动室公示栏张贴。如有出入，请与组织委员核对。",
)
BRANCHES = 6


def load(context: DemoContext) -> None:
    """Fill categories and items, passed through the flow by two people. Safe to call again."""
    committee = next(iter(facts.organisations("committee")), None)
    if committee is None or Item.objects.exists():
        return
    people = {role: next(iter(facts.users_with_role(role)), None) for role in ("editor", "reviewer")}
    if None in people.values():
        context.report("党务公开：没有编辑和审核人员，未载入")
        return
    categories = {}
    for number, (name, source) in enumerate(CATEGORIES):
        categories[name], _ = Category.objects.get_or_create(name=name, defaults={"source": source, "order": number})
    for category, title, body, scope, starts, lasts in COMMITTEE_ITEMS:
        day = context.today + dt.timedelta(days=starts)
        _item(
            people,
            category=categories[category],
            title=title,
            body=body,
            owner_organisation_id=committee.id,
            audience_id=facts.audience_id_of_scope(scope, committee.id),
            publish_on=day,
            expires_on=day + dt.timedelta(days=lasts) if lasts else None,
        )
    category, title, body = BRANCH_ITEM
    for number, branch in enumerate(facts.organisations("branch")[:BRANCHES]):
        _item(
            people,
            category=categories[category],
            title=f"{branch.name}：{title}",
            body=body,
            owner_organisation_id=branch.id,
            audience_id=facts.audience_id_of_scope("organisation", branch.id),
            publish_on=context.today - dt.timedelta(days=20 + number),
            expires_on=context.today + dt.timedelta(days=300),
        )
    draft = categories["服务群众"]
    Item.objects.create(
        category=draft,
        title="群众意见答复汇总（草稿）",
        body="正在汇总各支部收集的意见和答复。",
        owner_organisation_id=committee.id,
        audience_id=facts.members_audience_id(),
        publish_on=context.today + dt.timedelta(days=10),
    )
    follow_calendar(context.today)
    context.report(f"党务公开：{Item.objects.count()} 项")


def _item(people: dict[str, Any], **fields: Any) -> None:
    item = Item.objects.create(**fields)
    approve_item(propose_item(item, people["editor"]), people["reviewer"])
