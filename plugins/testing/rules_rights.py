"""Rules about rights: 404 for what one may not see, 403 for what one may not do, nothing offered that would answer so."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from plugins.host import render
from plugins.host.searching import documents_of
from plugins.testing.base import ContractBase
from portal.ground.clock import today
from portal.ground.rights import declared_right
from portal.ground.suppliers import viewer_of
from portal.public import facts
from portal.public.pages import BasePage

AUDIENCE, ORGANISATION = "organisations.Audience", "organisations.Organisation"
UIDS = {"organisation_uid", "owner_organisation_uid"}
EXPECTED = {"open": ({200, 302}, {200, 302}), "signed-in": ({200, 302, 403}, {302})}
"""What a page with this requirement may answer to somebody without rights and to somebody not signed in."""


class RightRules(ContractBase):
    """Who may what."""

    def test_every_page_declares_its_right(self) -> None:
        undeclared = [str(pattern.pattern) for pattern in self._patterns() if declared_right(pattern.callback) is None]

        assert undeclared == []

    def test_every_api_route_declares_its_right(self) -> None:
        router = self._plugin().load(self._plugin().api) if self._plugin().api else None
        undeclared = [
            path
            for path, view in (router.path_operations.items() if router else ())
            for operation in view.operations
            if declared_right(operation.view_func) is None
        ]

        assert undeclared == []

    @pytest.mark.django_db
    def test_page_that_needs_a_right_answers_403_without_it_and_leads_to_the_login_page(self) -> None:
        stranger, nobody = Client(), Client()
        stranger.force_login(self.stranger())
        wrong = {}
        for address, pattern in self._pages_and_patterns():
            right = declared_right(pattern.callback)
            signed_in, nobodys = EXPECTED.get(right or "", ({403}, {302}))
            found = (stranger.get(address).status_code, nobody.get(address).status_code)
            if found[0] not in signed_in or found[1] not in nobodys:
                wrong[address] = (right, found)

        assert wrong == {}

    @pytest.mark.django_db
    def test_what_one_may_not_see_answers_404_as_what_does_not_exist(self) -> None:
        somebody, outsider = Client(), Client()
        somebody.force_login(self.person())
        outsider.force_login(self.outsider())

        absent = {address: somebody.get(address).status_code for address in self._absent_pages()}
        hidden = {address: outsider.get(address).status_code for address in self.hidden_pages()}

        assert {address: status for address, status in absent.items() if status not in {404, 405}} == {}
        assert {address: status for address, status in hidden.items() if status != 404} == {}

    def _absent_pages(self) -> list[str]:
        """Addresses of things that do not exist, for pages about one thing with a uid."""
        return [
            reverse(f"{self.plugin}:{pattern.name}", args=[uuid.uuid4()])
            for pattern in self._patterns()
            if pattern.name and [type(c).__name__ for c in pattern.pattern.converters.values()] == ["UUIDConverter"]
        ]

    @pytest.mark.django_db
    def test_things_of_another_organisation_are_shown_nowhere(self) -> None:
        """What `outsider` finds in pages, API, cards, slots and search documents is gone from all of them once it belongs to an
        organisation that the person has nothing to do with: things with an audience, and things with an organisation alone."""
        owned = self._owned_models()
        if not owned:
            pytest.skip("none of its models has an audience or an organisation")
        self.make_items(1)
        rows = [row for model in owned for row in model._default_manager.all()]
        outsider = self.outsider()
        before = self._shown_to(outsider, rows)

        foreign = _foreign_organisation()
        for model, name in owned.items():
            model._default_manager.update(**{name: _key_of(foreign, model, name)})
        cache.clear()

        assert before, f"override make_items and outsider: of {rows} nothing is shown, so nothing can be hidden"
        assert self._shown_to(outsider, rows) == set()

    def _owned_models(self) -> dict[Any, str]:
        """The plugin's models and page types whose rows belong to an organisation, each with the field that says to which."""
        owned = {}
        for model in self._app().get_models():
            related = {field.name: field.related_model for field in model._meta.concrete_fields}
            names = [name for name, other in related.items() if other is not None and other._meta.label == AUDIENCE]
            names += [
                name for name, other in related.items() if other is not None and other._meta.label == ORGANISATION
            ]
            names += [name for name in related if name in UIDS]
            if names and model.__name__ not in self.for_everybody:
                owned[model] = names[0]
        return owned

    def _shown_to(self, user: Any, rows: list[Any]) -> set[tuple[str, str]]:
        """Place and name, for each place where one of the things stands for this person."""
        client = Client()
        client.force_login(user)
        names = {str(row) for row in rows}
        own = [row.get_url() for row in rows if isinstance(row, BasePage)]
        texts = {url: client.get(url).content.decode() for url in [*self._pages(), *filter(None, own)]}
        texts |= {url: str(client.get(url).json()) for url in self._api_lists()}
        request = self._request(user=user)
        texts |= {f"card {card.title}": card.html for card in render.cards_of(request) if card.source == self.plugin}
        for slot in {slot.slot for slot in self._plugin().slots}:
            if (subject := self.subject_for(slot)) is not None:
                texts[f"slot {slot}"] = render.render_slot(request, slot, subject)
        tokens = viewer_of(user).tokens
        for item in self._plugin().search:
            found = [d for d in documents_of(self._source(), item)(None) if d.tokens & tokens]
            texts[f"search {item.kind}"] = "\n".join(f"{d.title} {d.body}" for d in found)
        return {(place, name) for place, text in texts.items() for name in names if name in html.unescape(text)}

    @pytest.mark.django_db
    def test_without_a_right_nothing_is_shown_that_needs_it(self) -> None:
        plugin = self._plugin()
        request = self._request(user=self.stranger())

        links = {entry.label for place in ("main", "workbench") for entry in render.menu_of(request, place)}
        cards = {card.title for card in render.cards_of(request) if card.source == self.plugin}

        assert {str(item.text) for item in plugin.menu if item.needs} & links == set()
        assert {str(card.text) for card in plugin.cards if card.needs} & cards == set()


def _key_of(organisation: Any, model: Any, name: str) -> Any:
    """What makes a row belong to an organisation, in the field that says so."""
    related = model._meta.get_field(name).related_model
    if related is None:
        return organisation.uid
    return facts.organisation_audience_id(organisation.pk) if related._meta.label == AUDIENCE else organisation.pk


def _foreign_organisation() -> Any:
    """A tree of its own, without members."""
    return apps.get_model("organisations", "Organisation").add_root(
        code="CONTRACT-KIT", name="别处的党委", kind="committee", founded_on=today()
    )
