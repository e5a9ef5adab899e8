"""Demo disclosure: the calendar of `demo_content.toml`, passed through the flow by two people."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from plugins.bundled.disclosure.domain.flow import approve_item, follow_calendar, propose_item
from plugins.bundled.disclosure.models import Category, Item, SheetPage
from plugins.sdk.demo import DemoContext
from portal.public import facts
from portal.public.pages import BasePage

CONTENT = Path(__file__).parent / "demo_content.toml"
SOURCE = "《党务公开实施细则》"
SHEET_COLUMN = "dangfeng-lianzheng"
SCOPES = {"unit": "organisation"}


def load(context: DemoContext) -> None:
    """Fill categories and items. Safe to call again."""
    if Item.objects.exists():
        return
    proposer = next(iter(facts.users_with_role("editor") or facts.users_with_role("admin")), None)
    checker = next((user for user in facts.users_with_role("reviewer") if user != proposer), None)
    if proposer is None or checker is None:
        context.report("党务公开：没有编辑和审核人员，未载入")
        return
    organisations = _by_names()
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))["item"]
    for number, entry in enumerate(content):
        organisation = organisations.get(entry["organisation"], organisations.get(""))
        if organisation is None:
            continue
        category, _ = Category.objects.get_or_create(
            name=entry["category"], defaults={"source": SOURCE, "order": 10 * (number + 1)}
        )
        begins = context.today + dt.timedelta(days=entry["publish_in_days"])
        item = Item.objects.create(
            title=entry["title"],
            category=category,
            body=f"{entry['body'].strip()}\n\n承办：{entry['contact']}",
            owner_organisation_id=organisation.id,
            audience_id=facts.audience_id_of_scope(SCOPES.get(entry["scope"], entry["scope"]), organisation.id),
            publish_on=begins,
            expires_on=context.today + dt.timedelta(days=entry["expire_in_days"])
            if entry.get("expire_in_days")
            else None,
        )
        _pass(item, proposer, checker)
    follow_calendar(context.today)
    _publish_sheet(context.today, organisations[""], proposer)
    shown = Item.objects.filter(state=Item.State.PUBLISHED).count()
    context.report(f"党务公开：{len(content)} 项，正在公开 {shown} 项")


def _pass(item: Item, proposer: Any, checker: Any) -> None:
    """Through the check, where the two people are in charge of the item's organisation; else it stays a draft."""
    if facts.may(proposer, "disclosure.propose", item) and facts.may(checker, "disclosure.check", item):
        approve_item(propose_item(item, proposer), checker)


def _publish_sheet(day: dt.date, organisation: facts.OrganisationFacts, editor: Any) -> None:
    """The committee's sheet of the last half year, in its column, or below the home page of a site without that column."""
    home = BasePage.objects.filter(depth=2).order_by("pk").first()
    if home is None:
        return
    begins = (day - dt.timedelta(days=180)).replace(day=1)
    column = home.get_children().live().filter(slug=SHEET_COLUMN).first() or home
    sheet = SheetPage(
        title=f"公司党委党务公开清单（{begins.year} 年 {begins.month} 月至 {day.year} 年 {day.month} 月）",
        summary="按类别列出这一期间公开、现在仍可查看的事项。",
        period_from=begins,
        period_to=day,
        note=[("paragraph", "<p>对清单有疑问的，可以向承办部门提出，也可以在党员大会上询问。</p>")],
        owner_organisation_id=organisation.id,
        audience_id=facts.public_audience_id(),
    )
    column.add_child(instance=sheet)
    sheet.save_revision(user=editor).publish()


def _by_names() -> dict[str, facts.OrganisationFacts]:
    """Organisations by the names of the content file: "" is the top, then "机关党总支", "机关党总支/财务部"."""
    found: dict[str, facts.OrganisationFacts] = {}
    above: dict[int, str] = {}
    for organisation in facts.organisations():
        short = (organisation.short_name or organisation.name).removesuffix("党支部")
        parent = above.get(organisation.depth - 1)
        key = "" if parent is None else f"{parent}/{short}" if parent else short
        above[organisation.depth] = key
        found.setdefault(key, organisation)
    return found
