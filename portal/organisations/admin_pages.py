"""What the register's pages in the administration share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ground.rights import may
from portal.organisations.admin_forms import MANAGE
from portal.organisations.models import Organisation

SHOWN = "organisations:inspect"


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of the register: `title` below its heading, the organisation of `context` in the trail."""
    trail = [{"url": reverse("organisations:index"), "label": _("党组织")}, *context.pop("trail", [])]
    if context.get("organisation") is not None and title:
        row = context["organisation"]
        trail.append({"url": reverse(SHOWN, args=[row.pk]), "label": str(row)})
    if title:
        trail.append({"url": "", "label": title})
    return render(
        request,
        f"organisations/admin/{template}",
        {"breadcrumbs_items": trail, "header_title": title or _("党组织"), "header_icon": "group", **context},
    )


def free_to_place(user: Any, row: Organisation) -> bool:
    """Whether `user` may move or end it: whoever manages what stands above it; roots only superusers."""
    if user.is_superuser:
        return True
    parent = row.get_parent()
    return parent is not None and may(user, MANAGE, parent)
