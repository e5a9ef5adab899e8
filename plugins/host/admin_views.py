"""Staff see every plugin: its state, what it adds, what went wrong, why it was left out; and switch it for the site."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from plugins.host import doctor, faults, plugin_settings, registry, state
from plugins.host.discovery import Found
from plugins.host.guard import Failed, attempt
from plugins.host.models import PluginFault, PluginState
from plugins.sdk import Plugin, text_in_language
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.models import Delivery, Job
from portal.ground.outbox import retry_parked
from portal.ground.rights import may, needs

PER_PAGE = 30
MOST_ROWS = 5000


@dataclasses.dataclass(frozen=True)
class Row:
    """One plugin in the overview. `reason` says why it is left out, `notice` what a loaded one waits for, `fault_count` how often
    it failed."""

    slug: str
    name: str
    description: str
    version: str
    origin: str
    is_loaded: bool
    is_on: bool
    reason: str
    notice: str
    fault_count: int
    last_fault: Any


def _description(found: Found) -> str:
    if found.manifest is None:
        return ""
    english = (get_language() or "").startswith("en")
    return found.manifest.description_en if english else found.manifest.description_zh


def rows(request: HttpRequest) -> list[Row]:
    """All plugins found, with state and faults."""
    on = state.active_slugs(request)
    notices = state.notices()
    counted = {
        row["slug"]: row for row in PluginFault.objects.values("slug").annotate(total=Sum("count"), last=Max("last_at"))
    }
    return [
        Row(
            slug=found.slug,
            name=registry.name_of(found.slug),
            description=_description(found),
            version=found.manifest.version if found.manifest else "",
            origin=found.origin,
            is_loaded=not registry.reason_of(found.slug),
            is_on=found.slug in on,
            reason=registry.reason_of(found.slug),
            notice=notices.get(found.slug, ""),
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
    lines += [(_("正文块"), name) for name in plugin.blocks]
    lines += [(_("页面类型"), item.text) for item in plugin.page_types]
    lines += [(_("页面列表的列"), column.text) for column in plugin.page_columns]
    lines += [(_("页面列表的操作"), action.text) for action in plugin.page_actions]
    lines += [(_("数据概览"), tile.text) for tile in plugin.tiles]
    lines += [(_("检查"), f"{item.action} ({item.when_broken})") for item in plugin.validators]
    lines += [(_("通知类型"), item.text) for item in plugin.notice_types]
    lines += [(_("个人数据"), item.text) for item in plugin.personal_data]
    lines += [(_("数据交换"), item.text) for item in plugin.exchange]
    lines += [(_("浏览器文件"), name) for item in plugin.assets for name in (*item.styles, *item.scripts)]
    lines += [(_("权限"), permission.text) for permission in plugin.permissions]
    lines += [(_("审计名称"), text_in_language(*names)) for names in plugin.audit_labels.values()]
    if plugin.settings_form:
        lines.append((_("设置"), str(plugin.settings_form.form)))
    if plugin.api:
        lines.append((_("接口"), f"/api/v1/p/{plugin.slug}/"))
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
        "manifest": registry.found_plugin(slug).manifest,
        "contributions": contributions(registry.plugin(slug)) if row.is_loaded else [],
        "has_settings": row.is_loaded and row.is_on and registry.plugin(slug).settings_form is not None,
        "faults": PluginFault.objects.filter(slug=slug).order_by("-last_at"),
        "now": now(),
        "parked": _deliveries(slug).filter(state=Delivery.State.PARKED).select_related("entry").order_by("-pk")[:50],
        "retried": _deliveries(slug)
        .filter(state=Delivery.State.WAITING, attempts__gt=0)
        .select_related("entry")
        .order_by("due_at")[:50],
        "failed_runs": _runs(slug).filter(state=Job.State.FAILED).order_by("-finished_at", "-pk")[:50],
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


def _deliveries(slug: str) -> QuerySet[Delivery]:
    """What is delivered to the handlers of a plugin."""
    return Delivery.objects.filter(consumer__startswith=f"plugins.{slug}.")


def _runs(slug: str) -> QuerySet[Job]:
    """The runs of a plugin's timed work."""
    return Job.objects.filter(kind__startswith=f"plugins.{slug}.")


@needs(state.MANAGE)
@require_POST
def again(request: HttpRequest, slug: str) -> HttpResponse:
    """Try what was parked again: one event (`delivery`), or all of this plugin."""
    if slug not in {found.slug for found in registry.found()}:
        raise Http404
    wanted = _deliveries(slug)
    one_of_them = request.POST.get("delivery", "")
    if one_of_them:
        wanted = (
            wanted.filter(pk=int(one_of_them)) if one_of_them.isdecimal() and len(one_of_them) < 19 else wanted.none()
        )
    with transaction.atomic():
        count = retry_parked(wanted)
        if count:
            audit(request.user, "plugins.tried_again", target_kind="plugin", target_uid=slug, count=count)
    if count:
        messages.success(request, _("已重新排队 %(count)s 项。") % {"count": count})
    else:
        messages.info(request, _("没有搁置的事件了。"))
    return redirect("plugins_one", slug=slug)


@needs(state.MANAGE)
@require_POST
def clear(request: HttpRequest, slug: str) -> HttpResponse:
    """Forget the recorded faults of a plugin, or of one of its points, and ask again at once."""
    point = request.POST.get("point", "")
    count = faults.clear_faults(slug, point)
    audit(request.user, "plugins.clear_faults", target_kind="plugin", target_uid=slug, point=point, count=count)
    messages.success(request, _("故障记录已清除，马上恢复使用。"))
    if request.POST.get("back") == "faults" or slug not in {found.slug for found in registry.found()}:
        return redirect("plugins_faults")
    return redirect("plugins_one", slug=slug)


@needs(state.MANAGE)
def all_faults(request: HttpRequest) -> HttpResponse:
    """Every point that failed, of plugins and of the portal's own parts, the latest first."""
    rows = Paginator(PluginFault.objects.order_by("-last_at", "pk"), PER_PAGE).get_page(request.GET.get("p"))
    for row in rows:
        row.name = registry.name_of(row.slug)
    context = {"page_title": _("插件故障"), "faults": rows, "now": now()}
    return render(request, "plugins_host/admin/faults.html", context)


@needs(state.MANAGE)
def doctors_findings(request: HttpRequest) -> HttpResponse:
    """What `manage.py plugins doctor` says: to be read here, to be done on the server. Looks through the newest content, so it has a
    page of its own."""
    found = [
        {"finding": finding, "name": registry.name_of(finding.slug) if finding.slug else ""}
        for finding in doctor.findings(MOST_ROWS)
    ]
    return render(request, "plugins_host/admin/doctor.html", {"page_title": _("插件体检"), "found": found})


@needs("admin.enter")
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """The settings form of a plugin, for this site. Errors are shown beside the fields; what was saved last stays until a whole
    form is accepted. A form that fails itself becomes a recorded fault and a sentence."""
    try:
        plugin = registry.plugin(slug)
    except registry.NoSuchPlugin as error:
        raise Http404 from error
    declared = plugin.settings_form
    if declared is None or slug not in state.active_slugs(request):
        raise Http404
    if not plugin_settings.may_change(request.user, plugin):
        raise PermissionDenied
    site_id = state.site_id_of(request)
    context: dict[str, Any] = {"page_title": registry.name_of(slug), "slug": slug}
    context["may_manage"] = may(request.user, state.MANAGE)
    try:
        form, changed = attempt(
            slug, plugin_settings.POINT, lambda: _handled(request, plugin, site_id), let=(plugin_settings.NotJson,)
        )
    except plugin_settings.NotJson as error:
        faults.record(slug, plugin_settings.POINT, error)
        messages.error(request, _("没有保存：这个插件给出的设置值无法保存。已经记录下来，原来的设置仍然有效。"))
        return redirect("plugins_settings", slug=slug)
    except Failed:
        context["is_broken"] = True
        return render(request, "plugins_host/admin/settings.html", context, status=503)
    if changed is not None:
        messages.success(request, _("设置已保存。") if changed else _("没有改动。"))
        return redirect("plugins_settings", slug=slug)
    return render(request, "plugins_host/admin/settings.html", {**context, "form": form})


def _handled(request: HttpRequest, plugin: Plugin, site_id: int) -> tuple[Any, tuple[str, ...] | None]:
    """The form, its fields drawn (so that a fault shows here), and what was changed; None while nothing is kept."""
    kept = {**plugin_settings.defaults_of(plugin), **plugin_settings.saved(plugin.slug, site_id)}
    made = plugin_settings.form_class_of(plugin)(request.POST if request.method == "POST" else None, initial=kept)
    if request.method == "POST" and made.is_valid():
        return made, plugin_settings.save(plugin, made.cleaned_data, site_id=site_id, actor=request.user)
    for field in made:
        str(field)
    return made, None
