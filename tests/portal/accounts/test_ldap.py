"""Signing in with the password of a directory: a real OpenLDAP server."""

import pytest
from django.test import Client

from portal.accounts.external.ldap import person_by_password
from portal.accounts.external.people import ServiceFailed
from portal.accounts.models import ExternalIdentity, User
from portal.config.settings.identity import service_for
from portal.organisations.domain.rights import grant_role
from tests.factories import make_committee, make_user
from tests.portal.accounts.conftest import sign_in
from tests.services import servers

pytestmark = [pytest.mark.django_db, pytest.mark.cluster]
SUFFIX, READER, PASSWORD = "dc=unit,dc=cn", "reader-secret/?&", "directory-word-1"
ENTRIES = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: unit
dc: unit

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: uid=linxiao,ou=people,{SUFFIX}
objectClass: inetOrgPerson
uid: linxiao
cn: 林晓
sn: 林
userPassword: {PASSWORD}

dn: uid=chief,ou=people,{SUFFIX}
objectClass: inetOrgPerson
uid: chief
cn: chief
sn: chief
userPassword: {PASSWORD}
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    with servers.slapd(tmp_path_factory.mktemp("ldap"), ENTRIES, suffix=SUFFIX, password=READER) as address:
        yield address


@pytest.fixture
def ldap(directory, settings):
    """The site uses the directory."""
    from urllib.parse import quote

    address = directory.replace("//", f"//{quote(f'cn=reader,{SUFFIX}', safe='')}:{quote(READER, safe='')}@")
    service = service_for("ldap", f"{address}/ou=people,{SUFFIX}?attribute=uid")
    settings.IDENTITY_SERVICES = {"ldap": service}
    settings.AUTHENTICATION_BACKENDS = [
        "portal.accounts.backends.LoginHandleBackend",
        "portal.accounts.backends.LdapBackend",
    ]
    return service


def test_right_password_of_the_directory_opens_the_existing_account(client, ldap):
    user = make_user("linxiao")

    answers = [sign_in(Client(), password=PASSWORD).url for _ in range(2)]

    assert answers == ["/workbench/"] * 2
    identity = ExternalIdentity.objects.get()
    assert (identity.user, identity.provider, len(identity.subject)) == (user, "ldap", 36)


@pytest.mark.parametrize("password", ["wrong", "", " "])
def test_wrong_or_empty_password_opens_nothing(ldap, password):
    make_user("linxiao")

    assert sign_in(Client(), password=password).status_code == 200
    assert not ExternalIdentity.objects.exists()


@pytest.mark.parametrize("login", ["*", "linxiao)(uid=*", "lin*", "\\2a", "uid=linxiao,ou=people,dc=unit,dc=cn", ""])
def test_name_is_never_read_as_a_pattern(ldap, login):
    assert person_by_password(ldap, login, PASSWORD) is None


def test_empty_password_is_not_sent_at_all(ldap):
    """OpenLDAP takes a name with an empty password for an anonymous sign-in, and says yes."""
    assert person_by_password(ldap, "linxiao", "") is None
    assert person_by_password(ldap, "linxiao", PASSWORD).value == "linxiao"


def test_person_of_the_directory_without_an_account_is_not_given_one(ldap):
    assert sign_in(Client(), password=PASSWORD).status_code == 200
    assert not User.objects.exists()


def test_administrator_is_not_let_in_by_the_directory(ldap):
    grant_role(make_user("chief"), "security_admin", make_committee())

    assert sign_in(Client(), "chief", PASSWORD).status_code == 200
    assert not ExternalIdentity.objects.exists()


def test_disabled_account_stays_closed(ldap):
    make_user("linxiao", is_active=False)

    assert sign_in(Client(), password=PASSWORD).status_code == 200


def test_directory_that_refuses_its_reader_is_a_failure_of_the_service(directory):
    wrong = directory.replace("//", "//cn%3Dreader%2Cdc%3Dunit%2Cdc%3Dcn:wrong@")
    service = service_for("ldap", f"{wrong}/ou=people,{SUFFIX}")

    with pytest.raises(ServiceFailed, match="reader"):
        person_by_password(service, "linxiao", PASSWORD)


def test_directory_that_is_away_closes_no_local_account(settings, person):
    from tests.portal.accounts import conftest

    settings.IDENTITY_SERVICES = {"ldap": service_for("ldap", f"ldap://127.0.0.1:{servers.free_port()}/{SUFFIX}")}
    settings.AUTHENTICATION_BACKENDS = [
        "portal.accounts.backends.LoginHandleBackend",
        "portal.accounts.backends.LdapBackend",
    ]

    assert sign_in(Client(), password="wrong").status_code == 200
    assert sign_in(Client(), password=conftest.PASSWORD).status_code == 302
