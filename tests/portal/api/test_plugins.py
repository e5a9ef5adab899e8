"""Operations of plugins: in the same document while on, absent while off, contained when they fail."""

import datetime as dt

import pytest
from django.http import Http404
from ninja import Router, Schema

from plugins.host import faults, state
from plugins.host.models import PluginFault
from plugins.sdk import now
from plugins.sdk.api import OPEN, Listing, allows
from portal.api import service
from portal.api.domain.tokens import create_token
from portal.organisations.domain.audiences import organisation_audience
from tests.factories import make_branch, make_member
from tests.factories.counting import queries_of
from tests.plugins.bundled.disclosure.makers import make_item
from tests.plugins.bundled.quizzes.makers import make_paper

pytestmark = pytest.mark.django_db
BACKEND = "portal.accounts.backends.LoginHandleBackend"


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member.user, backend=BACKEND)
    return member


def off(slug):
    state.switch(slug, enabled=False, site_id=state.default_site_id())


def test_member_reads_own_points_and_attempts(client, member):
    from plugins.bundled.quizzes.domain.taking import submit
    from plugins.sdk import new_uid

    paper = make_paper(title="支部工作测试")
    attempt = submit(paper=paper, member_uid=member.uid, submission_uid=new_uid(), chosen={}, at=now())

    attempts = client.get("/api/v1/p/quizzes/attempts").json()
    papers = client.get("/api/v1/p/quizzes/papers").json()
    balance = client.get("/api/v1/p/points/balance").json()

    assert [(row["uid"], row["title"]) for row in attempts["items"]] == [(str(attempt.uid), "支部工作测试")]
    assert papers["items"][0]["attempts"] == 1
    assert balance == {"total": 0, "this_year": 0, "this_week": 0}
    assert client.get("/api/v1/p/points/transfers").json()["total"] == 0


def test_own_things_need_the_plugins_right(client):
    assert client.get("/api/v1/p/points/balance").status_code == 401


def test_disclosed_matter_of_another_branch_is_absent(client, member):
    seen = make_item(state="published", title="党费收缴", publish_on=dt.date(2026, 1, 5))
    other = make_branch()
    hidden = make_item(other, state="published", title="内部事项", audience=organisation_audience(other))

    listed = client.get("/api/v1/p/disclosure/items").json()

    assert [row["title"] for row in listed["items"]] == ["党费收缴"]
    assert client.get(f"/api/v1/p/disclosure/items/{seen.uid}").json()["text"] == seen.body
    assert client.get(f"/api/v1/p/disclosure/items/{hidden.uid}").status_code == 404


def test_list_of_papers_asks_as_many_queries_for_three_as_for_one(client, member):
    def queries():
        client.get("/api/v1/p/quizzes/papers")
        return len(queries_of(lambda: client.get("/api/v1/p/quizzes/papers")))

    make_paper()
    once = queries()
    make_paper()
    make_paper()

    assert queries() == once


def test_plugin_that_is_off_is_absent_from_addresses_document_and_scopes(client, member):
    make_item(state="published")
    document = client.get("/api/v1/openapi.json").json()
    assert "/api/v1/p/disclosure/items" in document["paths"]
    assert "disclosure.read" in [scope.code for scope in service.offered_scopes()]

    off("disclosure")

    answer = client.get("/api/v1/p/disclosure/items")
    assert (answer.status_code, answer.content) == (404, client.get("/api/v1/p/nothing/items").content)
    text = client.get("/api/v1/openapi.json").content.decode()
    assert "disclosure" not in text
    assert "/api/v1/p/points/balance" in text
    assert "disclosure.read" not in [scope.code for scope in service.offered_scopes()]


def test_token_needs_the_scope_of_the_plugin(client, member):
    known = [scope.code for scope in service.offered_scopes()]
    _, wide = create_token(member.user, "宽", ["quizzes.read"], 7, known=known)
    _, narrow = create_token(member.user, "窄", ["content.read"], 7, known=known)
    client.logout()

    def ask(text):
        return client.get("/api/v1/p/quizzes/attempts", headers={"Authorization": f"Bearer {text}"})

    assert ask(wide).status_code == 200
    assert (ask(narrow).status_code, ask(narrow).json()["code"]) == (403, "scope_missing")


# --- plugins of every kind ----------------------------------------------------------------------------------------------
class Row(Schema):
    number: int


def _mounted(client, monkeypatch, router, settings):
    """The given router in the place of the quizzes' own."""
    part = service.make_part("quizzes", "p/quizzes", router)
    kept = tuple(one for one in service.parts() if one.slug != "quizzes")
    monkeypatch.setattr(service, "parts", lambda: (*kept, part))
    from types import SimpleNamespace

    from django.urls import clear_url_caches, include, path

    urls = include(([*service.url_patterns()], "api"), namespace="api")
    module = SimpleNamespace(urlpatterns=[path("api/v1/", urls)], __name__="tests.api_urls")
    from portal.config import urls as real

    monkeypatch.setattr(
        real, "urlpatterns", [*module.urlpatterns, *(p for p in real.urlpatterns if str(p.pattern) != "api/v1/")]
    )
    clear_url_caches()
    from django.urls import get_resolver

    get_resolver().__dict__.pop("url_patterns", None)
    get_resolver().__dict__.pop("urlconf_module", None)


@pytest.fixture(autouse=True)
def _fresh_breakers():
    faults.forget_breakers()
    yield
    faults.forget_breakers()


@pytest.fixture
def mounted(client, monkeypatch, settings):
    from django.urls import clear_url_caches

    yield lambda router: _mounted(client, monkeypatch, router, settings)
    monkeypatch.undo()
    clear_url_caches()


def broken():
    router = Router()

    @router.get("/raises", response=Row)
    @allows(OPEN)
    def raises(request):
        return 1 / 0

    @router.get("/garbage", response=Row)
    @allows(OPEN)
    def garbage(request):
        return {"number": "eins"}

    @router.get("/sql", response=Row)
    @allows(OPEN)
    def sql(request):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    @router.get("/absent", response=Row)
    @allows(OPEN)
    def absent(request):
        raise Http404

    @router.get("/good", response=Listing[Row])
    @allows(OPEN)
    def good(request):
        return {"items": [{"number": 1}], "total": 1, "page": 1, "per_page": 20}

    return router


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["raises", "garbage", "sql"])
def test_plugin_that_fails_answers_for_itself_and_the_fault_is_recorded(client, mounted, name):
    mounted(broken())
    client.raise_request_exception = False

    answer = client.get(f"/api/v1/p/quizzes/{name}")

    assert (answer.status_code, answer.json()["code"]) == (500, "plugin_failed")
    assert "在线考试" in answer.json()["message"]
    assert [fault.slug for fault in PluginFault.objects.all()] == ["quizzes"]
    assert PluginFault.objects.get().point == f"api:{name}"
    assert client.get("/api/v1/organisations").status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_operation_that_fails_again_and_again_is_left_alone_for_a_while(client, mounted):
    calls = []
    router = Router()

    @router.get("/raises", response=Row)
    @allows(OPEN)
    def raises(request):
        calls.append(1)
        raise RuntimeError("nein")

    mounted(router)
    client.raise_request_exception = False

    statuses = [client.get("/api/v1/p/quizzes/raises").status_code for _ in range(faults.FAULTS_TO_OPEN + 3)]

    assert set(statuses) == {500}
    assert len(calls) == faults.FAULTS_TO_OPEN


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_transaction_and_language_that_an_operation_leaves_are_taken_back(client, mounted):
    from django.db import connection, transaction
    from django.utils import translation

    router = Router()

    @router.get("/leaves", response=Row)
    @allows(OPEN)
    def leaves(request):
        transaction.atomic().__enter__()
        translation.activate("en")
        return {"number": 1}

    mounted(router)

    assert client.get("/api/v1/p/quizzes/leaves").json() == {"number": 1}
    assert not connection.in_atomic_block
    assert "Leak" in PluginFault.objects.get().error


def test_absent_and_good_answers_of_a_plugin_are_no_faults(client, mounted):
    mounted(broken())

    assert client.get("/api/v1/p/quizzes/absent").json()["code"] == "not_found"
    assert client.get("/api/v1/p/quizzes/good").json()["items"] == [{"number": 1}]
    assert not PluginFault.objects.exists()


def test_plugin_whose_router_cannot_be_taken_in_is_left_out_with_a_fault(monkeypatch):
    class Careless:
        slug, api = "quizzes", ".api.router"

        def load(self, target):
            router = Router()
            router.get("/x")(lambda request: None)
            return router

    monkeypatch.setattr(service.registry, "plugins", lambda: (Careless(),))

    found = service.parts.__wrapped__()

    assert {part.slug for part in found} == {""}
    assert PluginFault.objects.get().point == "api"


def test_async_operation_is_not_taken_in():
    router = Router()

    @router.get("/x")
    @allows(OPEN)
    async def later(request):
        return None

    with pytest.raises(service.BadOperation):
        service.make_part("quizzes", "p/quizzes", router)


def test_plugins_own_auth_cannot_open_the_gate(client, mounted):
    router = Router(auth=lambda request: True)

    @router.get("/mine", response=Row, auth=lambda request: True)
    @allows("quizzes.take")
    def mine(request):
        return {"number": 1}

    mounted(router)

    assert client.get("/api/v1/p/quizzes/mine").status_code == 401
