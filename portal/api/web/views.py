"""The document of the API, as JSON for programs and as a page for people."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from portal.api import problems
from portal.api.document import document_for
from portal.ground.rights import open_to_all

_REF = "#/components/schemas/"


@open_to_all
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(document_for(request), json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@open_to_all
def nothing(request: HttpRequest) -> HttpResponse:
    """404 as for what may not be seen, in the API's own shape."""
    return problems.absent()


@open_to_all
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """What there is to ask, for people."""
    document = document_for(request)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, document))
    context = {
        "document": document,
        "groups": [
            {"id": f"g{n}", "name": name, "operations": found} for n, (name, found) in enumerate(groups.items())
        ],
        "json_url": reverse("api:openapi"),
        "rate": settings.API_RATE_PER_MINUTE,
        "anonymous_rate": settings.API_ANONYMOUS_RATE_PER_MINUTE,
        "days": settings.API_TOKEN_DAYS,
        "base": settings.BASE_URL.rstrip("/"),
    }
    return render(request, "api/guide.html", context)


def _operation(path: str, method: str, operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    good = next(answers for status, answers in operation["responses"].items() if status.startswith("2"))
    schema = next(iter(good.get("content", {}).values()), {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "summary": operation["summary"],
        "right": operation["x-right"],
        "scope": operation["x-scope"],
        "parameters": [
            {
                "name": parameter["name"],
                "kind": _kind(parameter["schema"], document),
                "is_required": parameter["required"],
                "text": parameter.get("description", ""),
            }
            for parameter in operation["parameters"]
        ],
        "fields": _fields(schema, document),
        "problems": [
            {"status": status, "text": answers["description"]}
            for status, answers in operation["responses"].items()
            if not status.startswith("2")
        ],
    }


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"].get(schema["$ref"].removeprefix(_REF), {})
        return found
    return schema


def _fields(schema: dict[str, Any], document: dict[str, Any], deep: int = 0, before: str = "") -> list[dict[str, Any]]:
    """Name and kind of every value of an answer, those inside others with the path to them."""
    found = []
    for name, part in _resolved(schema, document).get("properties", {}).items():
        found.append({"name": before + name, "kind": _kind(part, document)})
        inner = _inner(part)
        if deep < 3 and _resolved(inner, document).get("properties"):
            mark = "[]." if part.get("type") == "array" else "."
            found += _fields(inner, document, deep + 1, f"{before}{name}{mark}")
    return found


def _inner(part: dict[str, Any]) -> dict[str, Any]:
    if part.get("type") == "array":
        return dict(part.get("items", {}))
    if "anyOf" in part:
        return dict(next((one for one in part["anyOf"] if one.get("type") != "null"), {}))
    return part


def _kind(schema: dict[str, Any], document: dict[str, Any]) -> str:
    """A schema in a word or two: "uuid", "date, null", "[object]", "news | page"."""
    if "anyOf" in schema:
        return ", ".join(_kind(one, document) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}), document)}]"
    if "$ref" in schema:
        return str(_resolved(schema, document).get("type", "object"))
    limits = [str(schema[key]) for key in ("minimum", "maximum") if key in schema]
    kind = re.sub("-time$", " time", str(schema.get("format") or schema.get("type") or "any"))
    return f"{kind} {'–'.join(limits)}" if len(limits) == 2 else kind
