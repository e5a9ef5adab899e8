"""A person sees what is kept of signing in, and an erased one leaves none of it."""

import pytest

from portal.accounts.domain.attempts import Origin, count_failure
from portal.accounts.domain.handles import add_handle
from portal.accounts.domain.identities import user_of_identity
from portal.accounts.domain.personal import OWN_TABLES, erase, export
from portal.accounts.domain.second_factor import begin_enrolment, confirm_enrolment
from portal.accounts.models import LoginHandle
from portal.ground.personal import Person
from tests.portal.accounts.codes import code_of
from tests.portal.accounts.conftest import PASSWORD, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(client, person):
    """林晓 with a row in each table."""
    add_handle(person, LoginHandle.Kind.PHONE, "13800000001")
    user_of_identity("oidc", "one", match="username", value="linxiao")
    sign_in(client)
    begin_enrolment(person)
    confirm_enrolment(person, code_of(person))
    count_failure("linxiao", Origin("10.1.1.1"), person)
    return person


def test_export_shows_sign_ins_and_identities_and_no_secret(full):
    tables = {table.name: table for table in export(Person(user_id=full.pk))}

    assert {name: len(table.rows) for name, table in tables.items()} == {
        "user": 1,
        "handles": 1,
        "sign_ins": 1,
        "second_factor": 1,
        "identities": 1,
    }
    assert tables["sign_ins"].rows[0]["address"] == "10.1.1.1"
    text = str([table.rows for table in tables.values()])
    assert not any(secret in text for secret in (PASSWORD, full.authenticator.secret, full.password))


def test_erase_leaves_no_row_in_any_table(full):
    before = {model.__name__: model.objects.filter(user=full).exists() for model in OWN_TABLES}

    erase(Person(user_id=full.pk))

    assert set(before.values()) == {True}
    assert not any(model.objects.filter(user=full).exists() for model in OWN_TABLES)
