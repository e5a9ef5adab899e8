"""The OpenAPI document: the parts that are on for a site, put together."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.schema import NinjaGenerateJsonSchema

from plugins.host import state
from portal.api.problems import Problem
from portal.api.service import READING, Part, declared_right_of, parts, plugin_name, scope_of

VERSION = "1.0.0"
_REF = "#/components/schemas/"


def document_for(request: HttpRequest) -> dict[str, Any]:
    """The document for the site of this request, in its language: core operations and those of plugins that are on."""
    text: dict[str, Any] = json.loads(_document(state.active_slugs(request), get_language() or settings.LANGUAGE_CODE))
    return text


@functools.lru_cache(maxsize=32)
def _document(slugs: frozenset[str], _language: str) -> str:
    paths: dict[str, Any] = {}
    schemas = Problem.model_json_schema(ref_template=REF_TEMPLATE, schema_generator=NinjaGenerateJsonSchema)
    components = {**schemas.pop("$defs", {}), "Problem": schemas}
    prefix = reverse("api:openapi").removesuffix("openapi.json").strip("/")
    for part in parts():
        if part.slug and part.slug not in slugs:
            continue
        own_paths, own_schemas = _part(part, prefix)
        paths.update(own_paths)
        components.update(own_schemas)
    whole = {
        "openapi": "3.1.0",
        "info": {"title": _("领航开放接口"), "version": VERSION, "description": _introduction()},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _security()},
        "servers": [{"url": "/"}],
    }
    return json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False)


def _part(part: Part, prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = OpenAPISchema(part.api, f"{prefix}/")
    text = json.dumps([found["paths"], found["components"]["schemas"]], cls=DjangoJSONEncoder, ensure_ascii=False)
    if part.slug:  # two plugins may call their schemas alike
        text = text.replace(f'"{_REF}', f'"{_REF}{part.slug}.')
    paths, schemas = json.loads(text)
    for path, operation in part.api.operations():
        place = "/" + "/".join((prefix, re.sub(r"{[^}:]+:", "{", path)))
        for method in operation.methods:
            told = paths[place][method.lower()] = dict(paths[place][method.lower()])
            _complete(told, part, operation, method)
    return paths, {f"{part.slug}.{name}" if part.slug else name: schema for name, schema in schemas.items()}


def _complete(told: dict[str, Any], part: Part, operation: Any, method: str) -> None:
    """What the operation's author need not write: who may use it, and the answers when something is wrong."""
    right, scope = declared_right_of(operation), scope_of(operation, part.slug)
    told.pop("description", None)  # the function's own line, for its readers
    name = operation.view_func.__name__
    told["operationId"] = f"{part.slug}_{name}" if part.slug else name
    if part.slug:
        told["tags"] = [_("插件：%(name)s") % {"name": plugin_name(part.slug)}]
    told["x-right"], told["x-scope"] = right, scope
    signed = [{"token": []}, {"session": []}]
    told["security"] = signed if right != "open" else [{}, *signed]
    wrong = {
        "401": _("没有登录，或令牌无效"),
        "403": _("没有权限，或令牌的范围不包括"),
        "404": _("没有找到，或无权查看"),
    }
    wrong |= {"422": _("请求中有不正确的内容"), "429": _("请求过于频繁，见 Retry-After")}
    wrong |= {"400": _("请求不能读取"), "409": _("现在不能办理")} if method not in READING else {}
    wrong |= {"500": _("插件出错")} if part.slug else {"503": _("暂时不可用")} if name == "find" else {}
    answer = {"application/json": {"schema": {"$ref": f"{_REF}Problem"}}}
    responses = {str(status): answers for status, answers in told["responses"].items()}
    for status, text in wrong.items():
        responses.setdefault(status, {"description": text, "content": answer})
    told["responses"] = dict(sorted(responses.items()))


def _security() -> dict[str, Any]:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": _("在“账号与安全”中创建的接口令牌")},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": _("网站的登录；办理类请求还要带 X-CSRFToken"),
        },
    }


def _introduction() -> str:
    return _(
        "与网站同样的内容、同样的权限：看不到的和不存在的一样，都回答 404。出错时的回答只有一种形状：code、message、errors。"
    )
