"""ES modules and style sheets of plugins, from the portal's own host, as the content security policy wants it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from plugins.host.guard import guarded
from plugins.host.offers import offered

FORMS = {
    "styles": '<link rel="stylesheet" href="{}">',
    "scripts": '<script src="{}" type="module"></script>',
}


def assets_of(request: HttpRequest, kind: str) -> SafeString:
    """The elements for the "styles" or "scripts" of this page, each file once. A file that is not there is left out."""
    urls: dict[str, None] = {}
    for source, item in offered(request, "assets"):
        names = getattr(item, kind)
        if names and _is_meant(request.path, item.on):
            found = guarded(source.name, f"assets:{kind}:{names[0]}", partial(_urls, names))
            urls |= dict.fromkeys(found or ())
    if not urls:
        return mark_safe("")
    if kind not in FORMS:
        raise ValueError(f'there is no kind of assets "{kind}"')
    return format_html_join("\n", FORMS[kind], ((url,) for url in urls))


def _urls(names: Iterable[str]) -> list[str]:
    return [static(name) for name in names]


def _is_meant(path: str, on: Iterable[str]) -> bool:
    plain = path.removeprefix("/en") if path.startswith("/en/") else path
    return any(where == "*" or plain.startswith(where if where.startswith("/") else f"/p/{where}/") for where in on)
