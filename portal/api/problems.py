"""What is answered when something is wrong: one shape for everything, a word for programs and a sentence for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Schema


class ProblemPart(Schema):
    """What is wrong with one value of the request."""

    where: str
    message: str


class Problem(Schema):
    """`code` does not change between versions; `message` may. `errors` names the values that were not understood."""

    code: str
    message: str
    errors: list[ProblemPart] = []


def problem(status: int, code: str, message: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """The answer."""
    body = {"code": code, "message": message, "errors": errors or []}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def absent() -> HttpResponse:
    """404: not there, or not to be seen by this person; nothing tells which."""
    return problem(404, "not_found", _("没有找到。它不存在，或者您无权查看。"))


def not_allowed(allowed: str) -> HttpResponse:
    """405, with the methods there are."""
    answer = problem(405, "method_not_allowed", _("这个地址不支持这种请求方法。"))
    answer["Allow"] = allowed
    return answer


def not_understood(errors: list[dict[str, Any]]) -> HttpResponse:
    """422: values of the request that are missing or of the wrong kind, each with a sentence."""
    parts = [{"where": ".".join(str(step) for step in error["loc"]), "message": _sentence(error)} for error in errors]
    return problem(422, "not_understood", _("请求中有不正确的内容，请看 errors。"), parts)


def _sentence(error: dict[str, Any]) -> str:
    kind, limits = str(error.get("type", "")), error.get("ctx") or {}
    if kind == "missing":
        return _("缺少这一项。")
    if kind in {"greater_than_equal", "greater_than"}:
        return _("不能小于 %(n)s。") % {"n": limits.get("ge", limits.get("gt"))}
    if kind in {"less_than_equal", "less_than"}:
        return _("不能大于 %(n)s。") % {"n": limits.get("le", limits.get("lt"))}
    if kind == "string_too_long":
        return _("不能超过 %(n)s 个字。") % {"n": limits.get("max_length")}
    if kind in {"literal_error", "enum"}:
        return _("应当是以下之一：%(values)s。") % {"values": limits.get("expected")}
    if kind.startswith(("date", "datetime")):
        return _("应当是日期，例如 2026-11-21。")
    if kind.startswith("uuid"):
        return _("应当是编号（UUID）。")
    if kind.startswith("int"):
        return _("应当是整数。")
    if kind.startswith("bool"):
        return _("应当是 true 或 false。")
    if kind.startswith("json"):
        return _("不是有效的 JSON。")
    return _("不正确。")
