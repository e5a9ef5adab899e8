"""Addresses of plugins: 404 while off, and an own error page instead of a broken portal."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver, include, path

from plugins.host import faults, registry, state

log = logging.getLogger(__name__)

_DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)


def site_gate(slug: str, view: Callable[..., Any], *, error_page: bool = True) -> Callable[..., Any]:
    """Wrap a plugin's view: 404 while the plugin is off for this site, else the view's own answer.

    With `error_page` an exception becomes a recorded fault and the plugin's error page, status 500.
    """

    @functools.wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if slug not in state.active_slugs(request):
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except _DJANGOS_OWN:
            raise
        except Exception as error:
            faults.record(slug, f"page:{getattr(view, '__name__', 'view')}", error)
            if settings.DEBUG or not error_page:
                raise
            return error_answer(request, slug)

    return gated


def error_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """The page a reader gets when a plugin's page failed: the portal around it is intact."""
    found = registry.found_plugin(slug)
    context = {"plugin": found.manifest}
    try:
        html = render_to_string("plugins_host/error.html", context, request=request)
    except Exception:
        log.exception("the error page of plugin %s failed too", slug)
        html = render_to_string("plugins_host/error_bare.html", context)
    return HttpResponse(html, status=500)


def gate_patterns(slug: str, patterns: Sequence[Any], *, error_page: bool = True) -> list[Any]:
    """The same addresses with every view behind the gate; nested includes keep their names."""
    gated: list[Any] = []
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            view = site_gate(slug, pattern.callback, error_page=error_page)
            gated.append(URLPattern(pattern.pattern, view, pattern.default_args, pattern.name))
        elif isinstance(pattern, URLResolver):
            inner = gate_patterns(slug, pattern.url_patterns, error_page=error_page)
            gated.append(
                URLResolver(pattern.pattern, inner, pattern.default_kwargs, pattern.app_name, pattern.namespace)
            )
    return gated


def plugin_urlpatterns() -> list[Any]:
    """`<slug>/...` of every loaded plugin that has pages, in the namespace of its slug."""
    patterns = []
    for plugin in registry.plugins():
        if not plugin.urls:
            continue
        try:
            module = plugin.load(plugin.urls)
            gated = gate_patterns(plugin.slug, module.urlpatterns)
        except Exception as error:
            log.exception("the addresses of plugin %s cannot be loaded", plugin.slug)
            faults.record(plugin.slug, "urls", error)
            continue
        patterns.append(path(f"{plugin.slug}/", include((gated, plugin.slug), namespace=plugin.slug)))
    return patterns
