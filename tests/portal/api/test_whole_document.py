"""The whole document is asked, with what fits it and with what does not: no fault of the server, and every answer is as written."""

from contextlib import contextmanager

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.api.domain.tokens import create_token
from portal.api.service import offered_scopes
from portal.notices.domain import notify, open_task
from portal.organisations.domain.audiences import public_audience
from portal.organisations.models import Role, RoleGrant
from portal.regulations.domain.importing import import_regulation
from search.indexing import rebuild
from tests.factories import make_branch, make_committee, make_member
from tests.factories.learning import make_course, make_lesson, make_video, text_unit
from tests.factories.pages import make_article, make_column, make_site
from tests.plugins.bundled.disclosure.makers import make_item
from tests.plugins.bundled.quizzes.makers import make_paper
from tests.portal.regulations.makers import LONG, law_text

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@contextmanager
def one_connection():
    """The test is one transaction: requests neither close its connection nor look whether it is old, as with Django's client
    (which takes the receivers out and puts them back at each request, so this is for after it)."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.fixture
def things(db, settings, tmp_path):
    """One thing of every kind, by what the document calls it: real values for addresses, so that they are found at times."""
    committee = make_committee()
    branch = make_branch(committee)
    member = make_member(branch)
    administrator = make_member(branch).user
    RoleGrant.objects.create(user=administrator, role=Role.ADMIN, organisation=committee)
    RoleGrant.objects.create(user=administrator, role=Role.EDITOR, organisation=committee)
    article = make_article(make_column(make_site(committee)), body=[("paragraph", "<p>正文</p>")])
    made = import_regulation(
        law_text(*LONG, title="安全规定", events=("2020年1月1日 发布",)), file_name="安全规定(2020-01-01).md"
    )
    make_lesson()
    make_paper()
    for user in (member.user, administrator):
        notify(f"told-{user.pk}", user, title="通知", url="/")
    task = open_task("do", [member.user, administrator], "待办", "/", by_hand=True)
    item = make_item(state="published", audience=public_audience())
    course = make_course([text_unit()])
    settings.ELASTICSEARCH_URL, settings.SEARCH_INDEX_DIR = "", tmp_path / "search"
    rebuild()
    return {
        "people": {"member": member.user, "administrator": administrator},
        "values": {
            "/api/v1/pages/{uid}": {"uid": article.uid},
            "/api/v1/organisations/{uid}": {"uid": branch.uid},
            "/api/v1/courses/{uid}": {"uid": course.uid},
            "/api/v1/videos/{uid}/playback": {"uid": make_video(None).uid},
            "/api/v1/tasks/{uid}/done": {"uid": task.uid},
            "/api/v1/p/disclosure/items/{uid}": {"uid": item.uid},
            "/api/v1/regulations/{code}": {
                "code": made.regulation.code,
                "key": made.version.key,
                "article": made.version.provisions.exclude(lineage=None).first().lineage.code,
            },
        },
    }


def _real_values(path, values):
    return next((found for known, found in values.items() if path.startswith(known)), {})


@pytest.mark.parametrize("caller", ["anonymous", "member", "administrator"])
def test_every_operation_answers_as_the_document_says(caller, things, settings, client):
    settings.API_RATE_PER_MINUTE = settings.API_ANONYMOUS_RATE_PER_MINUTE = 0
    headers = {}
    if (user := things["people"].get(caller)) is not None:
        known = [scope.code for scope in offered_scopes()]
        headers = {"Authorization": f"Bearer {create_token(user, '试', known, 7, known=known)[1]}"}
    schema = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())
    schema.app = get_wsgi_application()
    seen: dict[str, set[int]] = {}

    for found in schema.get_all_operations():
        operation = found.ok()
        real = _real_values(operation.path, things["values"])
        modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if operation.query else [])]
        for mode in modes:
            with one_connection():
                _ask(operation, mode, real, headers, seen.setdefault(operation.label, set()))

    assert len(seen) >= 24
    expected = {200} if caller != "anonymous" else {200, 401}
    assert {label: statuses for label, statuses in seen.items() if not statuses & expected} == {}


def _ask(operation, mode, real, headers, statuses):
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def ask(case, data):
        if real and data.draw(st.integers(0, 3)):
            case.path_parameters = {name: str(real[name]) for name in case.path_parameters or {}}
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()
