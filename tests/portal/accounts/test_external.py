"""Signing in through the unit's identity service: a real OpenID Connect and a real CAS service on loopback; for WeCom and
DingTalk a service that answers as their documentation says."""

import contextlib
import datetime as dt
import http.server
import json
import re
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured

from portal.accounts.domain.handles import add_handle
from portal.accounts.domain.identities import NotKnownHere, user_of_identity
from portal.accounts.models import ExternalIdentity, LoginHandle, SignIn, User
from portal.config.settings.identity import service_for
from portal.ground.models import OutboxEntry
from portal.organisations.domain.rights import grant_role
from tests.factories import make_committee, make_user
from tests.services.servers import PROJECT_DIR, answers, free_port, wait_until

pytestmark = pytest.mark.django_db
BASE = "https://portal.example.cn"


@contextlib.contextmanager
def site(module, *arguments):
    """A service in a process of its own on loopback."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", f"tests.portal.accounts.{module}", str(port), *arguments]
    process = subprocess.Popen(command, cwd=PROJECT_DIR, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), module)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def provider():
    with site("oidc_site", "linxiao", "stranger", "chief", "closed") as address:
        yield address


def use(settings, kind, address):
    settings.BASE_URL = BASE
    settings.IDENTITY_SERVICES = {kind: service_for(kind, address)}
    settings.AUTHENTICATION_BACKENDS = [
        "portal.accounts.backends.LoginHandleBackend",
        "portal.accounts.backends.ExternalBackend",
    ]


@pytest.fixture
def oidc(provider, settings):
    with_client = provider.replace("//", "//portal:its%2Fsecret@")
    use(settings, "oidc", f"{with_client}?claim=preferred_username&label=集团认证")
    return provider


def fitting(address) -> int:
    """How many token requests the provider saw whose PKCE verifier fitted."""
    return int(requests.get(f"{address}/fitting", timeout=10).text)


def way_back(client, subject, **fields):
    """Go to the provider as a browser does; the address it sends the browser back to."""
    there = client.get("/account/with/oidc/", fields).url
    answer = requests.post(there, data={"sub": subject}, allow_redirects=False, timeout=10)
    return answer.headers["Location"]


def come_back(client, location):
    parts = urlsplit(location)
    assert f"{parts.scheme}://{parts.netloc}" == BASE
    return client.get(f"{parts.path}?{parts.query}")


def refused(client, answer) -> str:
    assert answer.url == "/account/login/"
    page = client.get("/account/login/")
    assert "_auth_user_id" not in client.session
    return " ".join(str(message) for message in page.context["messages"])


def test_oidc_signs_in_an_existing_user_and_links_once(client, oidc):
    user = make_user("linxiao")
    before = fitting(oidc)

    for _ in range(2):
        answer = come_back(client, way_back(client, "id-linxiao", next="/r/"))
        assert answer.url == "/r/"
        assert client.get("/workbench/").status_code == 200
        client.post("/account/logout/")

    identity = ExternalIdentity.objects.get()
    assert (identity.user, identity.provider, identity.subject.endswith("|id-linxiao")) == (user, "oidc", True)
    assert fitting(oidc) - before == 2
    assert set(SignIn.objects.values_list("method", flat=True)) == {"oidc"}
    assert OutboxEntry.objects.filter(payload__action="account.identity_linked").count() == 1


def test_oidc_login_page_offers_the_service_by_its_label(client, oidc):
    page = client.get("/account/login/?next=/r/").content.decode()

    assert "用集团认证登录" in page
    assert "/account/with/oidc/?next=/r/" in page
    assert "its/secret" not in page


def test_oidc_stranger_is_given_no_account(client, oidc):
    answer = come_back(client, way_back(client, "id-stranger"))

    assert "没有可以这样登录的账号" in refused(client, answer)
    assert not User.objects.exists()


def test_oidc_administrator_is_not_linked_at_first_sight(client, oidc):
    grant_role(make_user("chief"), "system_admin", make_committee())

    answer = come_back(client, way_back(client, "id-chief"))

    assert "没有可以这样登录的账号" in refused(client, answer)
    assert not ExternalIdentity.objects.exists()


def test_oidc_disabled_user_stays_out(client, oidc):
    make_user("closed", is_active=False)

    refused(client, come_back(client, way_back(client, "id-closed")))


def test_oidc_answer_for_another_browser_is_refused(client, oidc):
    """Somebody sends a victim the own answer, so that the victim works under a foreign account."""
    from django.test import Client

    make_user("linxiao")
    location = way_back(client, "id-linxiao")
    victim = Client()
    way_back(victim, "id-linxiao")

    assert "没有能够确认" in refused(victim, come_back(victim, location))


def test_oidc_answer_works_once(client, oidc):
    make_user("linxiao")
    location = way_back(client, "id-linxiao")
    come_back(client, location)
    client.post("/account/logout/")

    assert "登录已中断" in refused(client, come_back(client, location))


def test_oidc_tampered_state_or_code_is_refused(client, oidc):
    make_user("linxiao")
    for part in ("state", "code"):
        location = re.sub(rf"({part}=)[^&]+", r"\1tampered", way_back(client, "id-linxiao"))
        assert "没有能够确认" in refused(client, come_back(client, location))


def test_oidc_token_with_a_foreign_nonce_is_refused(client, oidc):
    """A token of another sign-in, put into this one."""
    make_user("linxiao")
    location = way_back(client, "id-linxiao")
    session = client.session
    key = next(filter(lambda name: name.startswith("_state_oidc_"), session.keys()))
    session[key] = {**session[key], "data": {**session[key]["data"], "nonce": "another"}}
    session.save()

    assert "没有能够确认" in refused(client, come_back(client, location))


def test_oidc_goes_on_only_within_the_site(client, oidc):
    make_user("linxiao")

    assert come_back(client, way_back(client, "id-linxiao", next="https://evil.example/")).url == "/workbench/"


def test_oidc_user_with_a_second_factor_still_gives_it(client, oidc, clock):
    from portal.accounts.domain.second_factor import begin_enrolment, confirm_enrolment
    from portal.ground.clock import now
    from tests.portal.accounts.codes import code_of

    clock.moment = dt.datetime.now(dt.UTC)
    user = make_user("linxiao")
    begin_enrolment(user)
    confirm_enrolment(user, code_of(user))

    assert now() == clock.moment
    assert come_back(client, way_back(client, "id-linxiao")).url == "/account/factor/"
    assert client.get("/workbench/").url == "/account/factor/"


def test_oidc_service_that_is_away_leaves_the_password(client, settings):
    use(settings, "oidc", f"http://portal:x@127.0.0.1:{free_port()}")

    assert "暂时不可用" in refused(client, client.get("/account/with/oidc/"))


@pytest.mark.parametrize("kind", ["oidc", "cas", "wecom", "dingtalk", "ldap", "other"])
def test_services_that_are_off_answer_404(client, kind):
    assert client.get(f"/account/with/{kind}/").status_code == 404
    assert client.get(f"/account/with/{kind}/back/").status_code == 404


@pytest.fixture(scope="module")
def cas_address():
    with site("cas_site", r"https://portal\.example\.cn/.*") as address:
        yield address


def cas_way_back(client, name):
    there = client.get("/account/with/cas/").url
    with requests.Session() as browser:
        form = browser.get(there, timeout=10).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
        data = {"username": name, "password": "cas-word", "csrfmiddlewaretoken": token}
        data |= {"service": parse_qs(urlsplit(there).query)["service"][0]}
        return browser.post(there, data=data, allow_redirects=False, timeout=10).headers["Location"]


@pytest.mark.slow
def test_cas_signs_in_by_ticket_once_and_only_in_the_same_browser(client, cas_address, settings):
    from django.test import Client

    use(settings, "cas", cas_address)
    user = make_user("linxiao")
    location = cas_way_back(client, "linxiao")
    other = Client()
    other.get("/account/with/cas/")

    stolen = refused(other, come_back(other, location))
    answer = come_back(client, location)

    assert "没有能够确认" in stolen
    assert answer.url == "/workbench/"
    assert ExternalIdentity.objects.get().user == user
    client.post("/account/logout/")
    assert "登录已中断" in refused(client, come_back(client, location))


@pytest.mark.slow
def test_cas_invented_ticket_and_stranger_are_refused(client, cas_address, settings):
    use(settings, "cas", cas_address)
    make_user("linxiao")
    invented = re.sub(r"ticket=[^&]+", "ticket=ST-1-invented", cas_way_back(client, "linxiao"))

    assert "没有能够确认" in refused(client, come_back(client, invented))
    assert "没有可以这样登录的账号" in refused(client, come_back(client, cas_way_back(client, "stranger")))


class Enterprise(http.server.BaseHTTPRequestHandler):
    """Answers as the public documentation of WeCom and DingTalk describes; not the real services."""

    def _answer(self, data: dict) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/cgi-bin/gettoken":
            right = asked == {"corpid": "ww1", "corpsecret": "s/1"}
            self._answer({"errcode": 0, "access_token": "T1"} if right else {"errcode": 40001})
        elif parts.path == "/cgi-bin/auth/getuserinfo":
            right = asked == {"access_token": "T1", "code": "good"}
            self._answer({"errcode": 0, "userid": "GW-0071"} if right else {"errcode": 40029})
        else:
            right = self.headers["x-acs-dingtalk-access-token"] == "T2"
            self._answer({"unionId": "u1", "mobile": "13800000001"} if right else {"code": "Forbidden"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        right = asked == {
            "clientId": "ww1",
            "clientSecret": "s/1",
            "code": "good",
            "grantType": "authorization_code",
        }
        self._answer({"accessToken": "T2"} if right else {"code": "invalid"})

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def enterprise():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Enterprise)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://ww1:s%2F1@127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "options", "match", "login_path"),
    [
        ("wecom", "agent=7&match=work_number", LoginHandle.Kind.WORK_NUMBER, "/wwlogin/sso/login"),
        ("dingtalk", "match=phone", LoginHandle.Kind.PHONE, "/oauth2/auth"),
    ],
)
def test_wecom_and_dingtalk_sign_in_by_code(client, enterprise, settings, kind, options, match, login_path):
    use(settings, kind, f"{enterprise}?{options}")
    user = make_user()
    add_handle(user, match, "GW-0071" if kind == "wecom" else "13800000001")

    def go(code, state=None):
        there = urlsplit(client.get(f"/account/with/{kind}/").url)
        asked = parse_qs(there.query)
        assert there.path == login_path
        assert asked["redirect_uri"] == [f"{BASE}/account/with/{kind}/back/"]
        return client.get(f"/account/with/{kind}/back/", {"code": code, "state": state or asked["state"][0]})

    assert "没有能够确认" in refused(client, go("bad"))
    assert "没有能够确认" in refused(client, go("good", state="foreign"))
    assert "没有能够确认" in refused(client, go(""))
    assert go("good").url == "/workbench/"
    assert ExternalIdentity.objects.get().user == user


def test_identity_second_person_of_the_service_cannot_take_the_account():
    user = make_user("linxiao")
    first = user_of_identity("oidc", "one", match="username", value="linxiao")

    with pytest.raises(NotKnownHere):
        user_of_identity("oidc", "two", match="username", value="linxiao")
    assert first == user


@pytest.mark.parametrize("value", ["", " ", "\x00", "nobody", "LINXIAO2"])
def test_identity_without_a_fitting_name_is_not_known(value):
    make_user("linxiao")

    with pytest.raises(NotKnownHere):
        user_of_identity("oidc", "one", match="username", value=value)


@pytest.mark.parametrize(
    ("kind", "address", "sentence"),
    [
        ("oidc", "http://sso.example.cn", "encrypted"),
        ("ldap", "ldap://ldap.example.cn/dc=unit", "encrypted"),
        ("oidc", "sso.example.cn", "must begin with https"),
        ("cas", "https://cas.example.cn?match=name", "match must be one of"),
        ("cas", "https://cas.example.cn?colour=red", "unknown parameter colour"),
    ],
)
def test_address_of_a_service_that_cannot_be_right_stops_the_start(kind, address, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        service_for(kind, address)


def test_address_of_a_service_is_taken_apart():
    service = service_for(
        "ldap", "ldap://cn%3Dreader:a%2Fb%40@ldap.example.cn:390/ou=people,dc=unit?starttls=1&label=目录"
    )

    assert (service.client, service.secret, service.address) == (
        "cn=reader",
        "a/b@",
        "ldap://ldap.example.cn:390/ou=people,dc=unit",
    )
    assert (service.label, service.match, service.options) == ("目录", "username", {"starttls": "1"})
    assert "a/b@" not in repr(service)
    assert service_for("oidc", "") is None
