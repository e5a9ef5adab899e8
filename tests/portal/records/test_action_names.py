"""Every act of the portal has a name that an auditor can read."""

import ast

import pytest
from django.urls import reverse

from portal.config.environment import PROJECT_DIR
from portal.ground.audit import audit
from portal.ground.outbox import drain
from portal.members.models import AccessEntry
from portal.members.models.correction import Correction
from portal.organisations.models import OrganisationEvent
from portal.records.domain.action_names import NAMES
from portal.records.domain.auditing import Search, search_trail
from portal.records.domain.objects import KINDS
from tests.factories import make_committee, make_staff

FAMILIES = {
    "members.": set(AccessEntry.Act.values) - {"exported", "imported"},
    "members.correction_": set(Correction.State.values) - {"waiting"},
    "organisations.": set(OrganisationEvent.Kind.values),
}


def written_actions():
    """The words that the sources hand to `audit`; a family is written as what it begins with."""
    for folder in ("portal", "plugins/host"):
        for path in (PROJECT_DIR / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node, "func", None)
                if getattr(name, "id", getattr(name, "attr", "")) == "audit" and len(node.args) > 1:
                    for part in ast.walk(node.args[1]):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                            yield part.value


def written_kinds():
    """The kinds of object that the sources hand to `audit` in words."""
    for folder in ("portal", "plugins/host"):
        for path in (PROJECT_DIR / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg == "target_kind" and isinstance(node.value, ast.Constant):
                    yield node.value.value


def test_each_kind_of_object_has_a_name():
    written = set(written_kinds())

    assert len(written) > 25
    assert sorted(written - set(KINDS)) == []


def test_each_action_of_the_portal_has_a_name():
    written = set(written_actions())
    families = written & set(FAMILIES)
    actions = (written - families) | {family + word for family in families for word in FAMILIES[family]}

    assert len(actions) > 90
    assert sorted(actions - set(NAMES)) == []


@pytest.mark.django_db
def test_the_trail_speaks_chinese_and_is_found_by_it(client):
    auditor = make_staff("auditor", make_committee())
    audit(auditor, "members.revealed", fields=["id_number", "phone"], reason="", count=0)
    audit(auditor, "bench.nameless")
    drain("records.audit")
    client.force_login(auditor)

    page = client.get(reverse("records:trail"), {"action": "查看完整"}).content.decode()

    assert "查看完整内容" in page
    assert "id_number、phone" in page
    assert "bench.nameless" not in page.split("</datalist>")[1]
    assert ">reason<" not in page
    assert ">count</span> 0" in page
    assert [line.action for line in search_trail(Search(action="查看完整"))] == ["members.revealed"]
