"""The one API: operations of core apps and of plugins, who may use each, and what is answered when something is wrong."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern
from django.urls import path as django_path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.utils import check_csrf

from plugins.host import faults, guard, registry, state
from plugins.sdk import Plugin, text_in_language
from plugins.sdk.api import OPEN, SIGNED_IN, ApiRefusal
from portal.accounts.web.visitors import client_address
from portal.api import problems
from portal.api.domain.limits import TooOften, count_request
from portal.api.domain.scopes import CORE, Scope, scopes
from portal.api.domain.tokens import TokenNotValid, token_of, touch
from portal.api.models import ApiToken
from portal.ground.rights import declared, may

log = logging.getLogger(__name__)

CORE_ROUTERS = (
    "portal.organisations.api",
    "portal.pages.api",
    "portal.regulations.api",
    "portal.school.api",
    "portal.files.api",
    "portal.notices.api",
)
BEARER = "Bearer "
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class BadOperation(TypeError):
    """An operation that cannot be taken in; the message says why."""


class NoToken(ApiRefusal):
    """The token that was given opens nothing."""

    def __init__(self) -> None:
        super().__init__(
            401, "token_not_valid", _("令牌无效：可能已到期、已撤销，或密码已修改。请在“账号与安全”中重新创建。")
        )


# --- who asks -----------------------------------------------------------------------------------------------------------
def identify(request: HttpRequest) -> ApiToken | None:
    """Have `request.user` be the person of the token, if one was given; else it is the session's. Counts the request.

    Raises NoToken, or TooOften.
    """
    header = request.headers.get("Authorization", "")
    address = client_address(request)
    token = None
    if header.startswith(BEARER):
        try:
            token = token_of(header.removeprefix(BEARER).strip())
        except TokenNotValid:
            count_request(f"address:{address}", known=False)
            raise NoToken from None
        request.user = token.user
    user: Any = request.user
    if token is not None:
        count_request(f"token:{token.pk}", known=True)
        touch(token, address)
    elif user.is_authenticated:
        count_request(f"user:{user.pk}", known=True)
    else:
        count_request(f"address:{address}", known=False)
    return token


class Gate:
    """Stands before one operation: who asks, how often, whether the plugin is on, the right, the scope, and that a form on
    another site does not ask in a person's name."""

    def __init__(self, operation: Operation, slug: str) -> None:
        self.slug = slug
        self.right = declared_right_of(operation)
        self.scope = scope_of(operation, slug)

    def __call__(self, request: HttpRequest) -> bool:
        token = identify(request)
        request.api_token = token  # type: ignore[attr-defined]
        if self.slug and self.slug not in state.active_slugs(request):
            raise Http404
        user: Any = request.user
        if self.right != OPEN:
            if not user.is_authenticated:
                raise ApiRefusal(401, "sign_in_first", _("请先登录，或者带上接口令牌。"))
            if self.right != SIGNED_IN and not may(user, self.right):
                raise PermissionDenied
        if token is not None and self.scope not in token.scopes:
            raise ApiRefusal(403, "scope_missing", _("这个令牌的范围不包括“%(scope)s”。") % {"scope": self.scope})
        if token is None and request.method not in READING and check_csrf(request) is not None:
            raise ApiRefusal(403, "csrf", _("请求没有通过跨站检查，请刷新页面后再试。"))
        return True


def _marked(operation: Operation, name: str) -> str:
    view: Any = operation.view_func
    while view is not None:
        if (value := getattr(view, name, None)) is not None:
            return str(value)
        view = getattr(view, "__wrapped__", None)
    return ""


def declared_right_of(operation: Operation) -> str:
    """What the operation says by `allows`. Raises BadOperation when it says nothing, or names a right that nobody declares."""
    right = _marked(operation, "required_right")
    if not right:
        raise BadOperation(f"{operation.view_func.__name__} does not say who may use it: plugins.sdk.api.allows")
    if right not in {OPEN, SIGNED_IN} and right not in declared():
        raise BadOperation(f"{operation.view_func.__name__} needs {right}, which nobody declares")
    return right


def scope_of(operation: Operation, slug: str) -> str:
    """What a token must be made for to use the operation. Raises BadOperation for a core operation without one."""
    if slug:
        return f"{slug}.{'read' if set(operation.methods) <= READING else 'write'}"
    scope = _marked(operation, "api_scope")
    if scope not in CORE:
        raise BadOperation(f"{operation.view_func.__name__} names no known scope: {scope!r}")
    return scope


# --- what is answered when something is wrong ---------------------------------------------------------------------------
def _absent(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problems.absent()


def _refused(_request: HttpRequest, error: ApiRefusal) -> HttpResponse:
    answer = problems.problem(error.status, error.code, error.message)
    if error.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if error.status == 503:
        answer["Retry-After"] = "30"
    return answer


def _denied(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problems.problem(403, "not_permitted", _("您没有办理这件事的权限。"))


def _too_often(_request: HttpRequest, error: TooOften) -> HttpResponse:
    text = _("请求过于频繁，请 %(n)d 秒后再试。") % {"n": error.seconds}
    answer = problems.problem(429, "too_often", text)
    answer["Retry-After"] = str(error.seconds)
    return answer


def _not_understood(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.not_understood(error.errors)


def _bad_request(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problems.problem(400, "bad_request", _("请求的内容不能读取：应当是 JSON。"))


def _plugin_failed(request: HttpRequest, _error: Exception) -> HttpResponse:
    """The plugin answers for itself; what it did is recorded already."""
    name = plugin_name(getattr(request, "api_plugin", ""))
    text = _("插件“%(name)s”出错了，问题已经记录，请稍后再试。") % {"name": name}
    return problems.problem(500, "plugin_failed", text)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours is logged and told to whoever listens; one of a plugin's is recorded as the plugin's."""
    slug = getattr(request, "api_plugin", "")
    if slug:
        # Here comes what is wrong beside the function itself: an answer that does not fit its schema.
        match = request.resolver_match
        name = (match.url_name or "" if match else "").removeprefix(f"{slug}-")
        faults.record(slug, f"api:{name}", error)
        return _plugin_failed(request, error)
    log.error("an operation of the API failed: %s", request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return problems.problem(500, "failed", _("服务出错了，问题已经记录，请稍后再试。"))


# --- taking operations in -----------------------------------------------------------------------------------------------
@dataclasses.dataclass(frozen=True)
class Part:
    """The operations of one core app or one plugin. `slug` is empty for the core."""

    slug: str
    prefix: str
    api: NinjaAPI


class PartApi(NinjaAPI):
    """One part, with our answers."""

    def __init__(self) -> None:
        super().__init__(title="", docs_url=None, openapi_url=None, urls_namespace="api")
        handlers: dict[type[Exception], Callable[..., HttpResponse]] = {
            Exception: _failed,
            guard.Failed: _plugin_failed,
            Http404: _absent,
            ApiRefusal: _refused,
            PermissionDenied: _denied,
            TooOften: _too_often,
            ValidationError: _not_understood,
            HttpError: _bad_request,
            RequestDataTooBig: _bad_request,
            TooManyFieldsSent: _bad_request,
        }
        for kind, handler in handlers.items():
            self.add_exception_handler(kind, handler)

    def operations(self) -> Iterator[tuple[str, Operation]]:
        """Each operation with its path below the API."""
        for bound in self._get_bound_routers():
            for path, view in bound.path_operations.items():
                for operation in view.operations:
                    yield "/".join(part for part in (bound.prefix.strip("/"), path.strip("/")) if part), operation


_ANSWERS = (Http404, ApiRefusal, PermissionDenied, ValidationError, HttpError)
"""What an operation of a plugin may answer by; every other exception is its fault."""


def _guarded(slug: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """The plugin's function under guard: its SQL errors, open transactions, language and time stay its own, and after faults in
    a row it is left alone for a while."""

    @functools.wraps(view)
    def call(*args: Any, **kwargs: Any) -> Any:
        return guard.attempt(slug, f"api:{view.__name__}", lambda: view(*args, **kwargs), let=_ANSWERS)

    return call


def make_part(slug: str, prefix: str, router: Router) -> Part:
    """Bind a router and put a gate before each of its operations. Raises BadOperation for one that is not as it must be."""
    if not isinstance(router, Router):
        raise BadOperation(f"{router!r} is no ninja.Router")
    api = PartApi()
    api.add_router(prefix, router)
    for _path, operation in api.operations():
        if operation.is_async or operation.stream_format is not None:
            raise BadOperation(f"{operation.view_func.__name__} must be a plain function with one answer")
        operation.auth_callbacks = [Gate(operation, slug)]
        if slug:
            operation.view_func = _guarded(slug, operation.view_func)
    return Part(slug, prefix, api)


@functools.cache
def parts() -> tuple[Part, ...]:
    """All parts: the core's, and those of loaded plugins; one that cannot be taken in is a fault of its plugin."""
    found = [make_part("", "", importlib.import_module(name).router) for name in CORE_ROUTERS]
    for plugin in registry.plugins():
        try:
            part = plugin_part(plugin)
        except Exception as error:
            log.exception("the API of plugin %s cannot be loaded", plugin.slug)
            faults.record(plugin.slug, "api", error)
            continue
        if part is not None:
            found.append(part)
    return tuple(found)


def plugin_part(plugin: Plugin) -> Part | None:
    """The operations of a plugin, or None. Raises what importing raises, and BadOperation."""
    return make_part(plugin.slug, f"p/{plugin.slug}", plugin.load(plugin.api)) if plugin.api else None


def offered_scopes() -> list[Scope]:
    """The scopes that a token can be made for: the core's, and those of plugins that are on somewhere."""
    on = state.active_anywhere()
    known = []
    for part in parts():
        if part.slug in on:
            methods = {method for _path, operation in part.api.operations() for method in operation.methods}
            known.append((part.slug, plugin_name(part.slug), bool(methods & READING), bool(methods - READING)))
    return scopes(known)


def plugin_name(slug: str) -> str:
    """A plugin's name in the language of the request."""
    manifest = registry.found_plugin(slug).manifest
    return text_in_language(manifest.name_zh, manifest.name_en) if manifest else slug


def _view(part: Part, path: str, pattern: URLPattern) -> Callable[..., HttpResponse]:
    inner = pattern.callback
    rights = {declared_right_of(operation) for place, operation in part.api.operations() if place == path}

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.api_plugin = part.slug  # type: ignore[attr-defined]
        answer: HttpResponse
        if part.slug and part.slug not in state.active_slugs(request):
            answer = problems.absent()
        else:
            answer = inner(request, *args, **kwargs)
        if isinstance(answer, HttpResponseNotAllowed):
            answer = problems.not_allowed(answer["Allow"])
        if not answer.has_header("Cache-Control"):
            patch_cache_control(answer, private=True, no_store=True)
        return answer

    view.csrf_exempt = True  # type: ignore[attr-defined] - the gate asks, where a session is what speaks
    view.required_right = sorted(rights, key=lambda right: (right != OPEN, right))[0]  # type: ignore[attr-defined]
    return view


def url_patterns() -> list[URLPattern]:
    """The addresses of all parts."""
    found = []
    for part in parts():
        bound = part.api._get_bound_routers()
        for router in bound:
            seen = set()
            patterns = list(router.urls_paths(router.prefix))
            paths = [
                (path, operation) for path, view in router.path_operations.items() for operation in view.operations
            ]
            for pattern, (path, operation) in zip(patterns, paths, strict=True):
                place = "/".join(p for p in (router.prefix.strip("/"), path.strip("/")) if p)
                if place in seen:  # one address answers all its methods
                    continue
                seen.add(place)
                name = f"{part.slug}-{operation.view_func.__name__}" if part.slug else operation.view_func.__name__
                found.append(django_path(str(pattern.pattern), _view(part, place, pattern), name=name))
    return found
