"""A field that asks for one organisation among thousands: one types a code, a name or pinyin, and is offered what fits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.accounts.domain.handles import user_by_login
from portal.accounts.models import User
from portal.ground.rights import declared, signed_in
from portal.organisations.domain.overview import organisations_fitting
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation

OFFERED = 20


class PersonField(forms.CharField):
    """One account, by user name, phone or work number."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("用户名、手机号或工号。"))
        super().__init__(max_length=150, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """An account as name and login."""
        return f"{value}（{value.username}）" if isinstance(value, User) else value

    def clean(self, value: Any) -> Any:
        """The account. Raises ValidationError for none."""
        if isinstance(value, User):  # of a field that cannot be changed
            return value
        text = str(super().clean(value))
        found = user_by_login(text)
        if found is None:
            raise forms.ValidationError(_("没有找到账号“%(text)s”，请填写用户名、手机号或工号。") % {"text": text[:80]})
        return found


class OrganisationInput(forms.TextInput):
    """The text box with what fits below it; without scripts it takes a code or a whole name all the same."""

    template_name = "organisations/widgets/organisation.html"
    right = ""

    class Media:
        js = ["vendor/htmx.min.js"]  # where the page has it not, as in the administration

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        places = f"places_{context['widget']['attrs'].get('id', name)}"
        asked = urlencode({"right": self.right, "field": name})
        context["widget"]["places"] = places
        context["widget"]["attrs"] |= {
            "list": places,
            "autocomplete": "off",
            "hx-get": f"{reverse('organisation:suggest')}?{asked}",
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{places}",
            "hx-swap": "innerHTML",
        }
        return context


class OrganisationField(forms.CharField):
    """One of the organisations in which the person holds `right`, by code, or by a name that only one of them has. A form calls
    `offer_to` once it knows for whom it is."""

    widget = OrganisationInput

    def __init__(self, *, right: str, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("填写编码、名称或拼音，输入时会给出候选。"))
        super().__init__(max_length=200, **kwargs)
        self.right = right
        self.widget.right = right
        self.choices: QuerySet[Organisation] = Organisation.objects.none()

    def offer_to(self, user: Any) -> None:
        """The current organisations in which this person holds the right."""
        self.choices = Organisation.objects.current().filter(within_paths(paths_where(user, self.right), "path"))

    def prepare_value(self, value: Any) -> Any:
        """An organisation as code and name."""
        return written(value) if isinstance(value, Organisation) else value

    def clean(self, value: Any) -> Any:
        """The organisation, or None for nothing where that is allowed."""
        if isinstance(value, Organisation):  # of a field that cannot be changed
            return value
        text = str(super().clean(value)).replace("\0", "").strip()
        if not text:
            return None
        named = Q(name=text) | Q(short_name=text)
        found = list(self.choices.filter(code=text.split(" ")[0])[:1]) or list(self.choices.filter(named)[:2])
        if len(found) != 1:
            message = _("有几个组织叫“%(text)s”，请填写编码。") if found else _("没有找到“%(text)s”，请填写组织编码。")
            raise forms.ValidationError(message % {"text": text[:80]})
        return found[0]


def written(organisation: Organisation) -> str:
    """How a field shows an organisation, and takes it back."""
    return f"{organisation.code} {organisation}"


@signed_in
@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """Organisations that fit what was typed, as options: only those in which the person holds the right that is named."""
    right = request.GET.get("right", "")
    typed = request.GET.get(request.GET.get("field", "")[:60], "").replace("\0", "").strip()[:80]
    found: list[Organisation] = []
    if right in declared() and typed:
        found = organisations_fitting(typed, paths_where(request.user, right), limit=OFFERED)
    options = ((written(row), row.name) for row in found)
    return HttpResponse(format_html_join("\n", '<option value="{}">{}</option>', options))
