"""The document: one, complete, of what is on; and its readable page."""

import pytest

from portal.api.domain.scopes import CORE
from portal.api.service import BadOperation, declared_right_of, make_part, parts, scope_of
from portal.ground.rights import declared

pytestmark = pytest.mark.django_db


def operations(document):
    return [op for methods in document["paths"].values() for op in methods.values()]


def test_document_tells_of_every_core_operation_with_right_scope_and_problems(client):
    found = operations(client.get("/api/v1/openapi.json").json())

    assert len(found) >= 19
    assert all(op["x-right"] in {"open", "signed-in", *declared()} for op in found)
    assert {op["x-scope"] for op in found if "_" not in op["operationId"] or op["x-scope"] in CORE} == set(CORE)
    assert all({"401", "403", "404", "422", "429"} <= set(op["responses"]) for op in found)
    assert len({op["operationId"] for op in found}) == len(found)


def test_every_name_that_the_document_points_at_is_in_it(client):
    answer = client.get("/api/v1/openapi.json")
    names = set(answer.json()["components"]["schemas"])

    text = answer.content.decode()
    pointed = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert pointed
    assert pointed <= names


def test_every_operation_declares_a_right_and_a_scope():
    for part in parts():
        for _path, operation in part.api.operations():
            assert declared_right_of(operation)
            assert scope_of(operation, part.slug)


@pytest.mark.parametrize("marks", [{}, {"required_right": "no.such_right"}, {"required_right": "open"}])
def test_operation_without_right_or_with_an_unknown_one_is_not_taken_in(marks):
    from ninja import Router

    router = Router()

    def view(request):
        return None

    vars(view).update(marks)
    router.get("/x")(view)

    with pytest.raises(BadOperation):
        make_part("", "", router)


def test_guide_shows_every_operation_and_loads_nothing_from_elsewhere(client):
    document = client.get("/api/v1/openapi.json").json()

    page = client.get("/api/")
    text = page.content.decode()

    assert all(f'id="{op["operationId"]}"' in text for op in operations(document))
    assert "items[].title" in text
    assert "<script>" not in text
    assert " style=" not in text
    assert "//cdn" not in text


def test_guide_in_english_holds_no_chinese_of_ours(client):
    text = client.get("/en/api/").content.decode()

    assert "API guide" in text
    assert "Own notices, newest first" in text
    assert "本人的通知" not in text
