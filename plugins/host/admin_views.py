"""Staff see every plugin: its state, what it adds, what went wrong, why it was left out; and switch it for the site."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.db.models import Max, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from plugins.host import faults, registry, state
from plugins.host.discovery import Found
from plugins.host.models import PluginFault, PluginState
from plugins.sdk import Plugin
from portal.ground.audit import audit
from portal.ground.models import Delivery
from portal.ground.rights import needs


@dataclasses.dataclass(frozen=True)
class Row:
    """One plugin in the overview. `reason` says why it is left out, `fault_count` how often it failed."""

    slug: str
    name: str
    description: str
    version: str
    origin: str
    is_loaded: bool
    is_on: bool
    reason: str
    fault_count: int
    last_fault: Any


def _name(found: Found) -> str:
    if found.manifest is None:
        return found.slug
    return found.manifest.name_en if (get_language() or "").startswith("en") else found.manifest.name_zh


def _description(found: Found) -> str:
    if found.manifest is None:
        return ""
    english = (get_language() or "").startswith("en")
    return found.manifest.description_en if english else found.manifest.description_zh


def rows(request: HttpRequest) -> list[Row]:
    """All plugins found, with state and faults."""
    on = state.active_slugs(request)
    counted = {
        row["slug"]: row for row in PluginFault.objects.values("slug").annotate(total=Sum("count"), last=Max("last_at"))
    }
    return [
        Row(
            slug=found.slug,
            name=_name(found),
            description=_description(found),
            version=found.manifest.version if found.manifest else "",
            origin=found.origin,
            is_loaded=not registry.reason_of(found.slug),
            is_on=found.slug in on,
            reason=registry.reason_of(found.slug),
            fault_count=counted.get(found.slug, {}).get("total") or 0,
            last_fault=counted.get(found.slug, {}).get("last"),
        )
        for found in registry.found()
    ]


def contributions(plugin: Plugin) -> list[tuple[str, str]]:
    """What a plugin adds, point by point, in words."""
    lines: list[tuple[str, str]] = []
    lines += [(_("菜单"), item.text) for item in plugin.menu]
    lines += [(_("工作台卡片"), card.text) for card in plugin.cards]
    lines += [(_("页面位置"), slot.slot) for slot in plugin.slots]
    lines += [(_("搜索"), source.kind) for source in plugin.search]
    lines += [(_("积分规则"), f"{rule.text} +{rule.points}") for rule in plugin.points]
    lines += [(_("事件"), event.name) for _name_, event, _handler in plugin.event_handlers()]
    lines += [(_("定时任务"), str(task.run)) for task in plugin.tasks]
    lines += [(_("权限"), permission.text) for permission in plugin.permissions]
    if plugin.urls:
        lines.append((_("页面"), f"/p/{plugin.slug}/"))
    return lines


@needs(state.MANAGE)
def overview(request: HttpRequest) -> HttpResponse:
    """The list."""
    return render(request, "plugins_host/admin/overview.html", {"rows": rows(request), "page_title": _("插件")})


@needs(state.MANAGE)
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """One plugin with its faults and the events it could not handle."""
    row = next((row for row in rows(request) if row.slug == slug), None)
    if row is None:
        raise Http404
    context = {
        "row": row,
        "page_title": row.name,
        "contributions": contributions(registry.plugin(slug)) if row.is_loaded else [],
        "faults": PluginFault.objects.filter(slug=slug).order_by("-last_at"),
        "parked": Delivery.objects.filter(
            consumer__startswith=f"plugins.{slug}.", state=Delivery.State.PARKED
        ).select_related("entry")[:50],
        "switched": PluginState.objects.filter(slug=slug, site_id=state.site_id_of(request))
        .select_related("changed_by")
        .first(),
    }
    return render(request, "plugins_host/admin/one.html", context)


@needs(state.MANAGE)
@require_POST
def switch(request: HttpRequest, slug: str) -> HttpResponse:
    """Switch a plugin on or off for this site."""
    enabled = request.POST.get("enabled") == "1"
    try:
        state.switch(slug, enabled=enabled, site_id=state.site_id_of(request), actor=request.user)
    except registry.NoSuchPlugin as error:
        raise Http404 from error
    except state.CannotSwitch as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("已启用，马上生效。") if enabled else _("已停用：它的菜单、卡片、页面和搜索结果都已收起，数据仍在。")
        messages.success(request, text)
    return redirect("plugins_overview")


@needs(state.MANAGE)
@require_POST
def clear(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget the recorded faults of a plugin."""
    count = faults.clear_faults(slug)
    audit(request.user, "plugins.clear_faults", target_kind="plugin", target_uid=slug, count=count)
    messages.success(request, _("故障记录已清除。"))
    return redirect("plugins_one", slug=slug)
