"""Addresses. Chinese answers at the root, English under `/en/`; the administration, files and playback have one address."""

from importlib.util import find_spec

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls


def _urls_of(prefix: str, module: str) -> list:
    """The addresses of an app, once it has any."""
    package = module.rpartition(".")[0]
    try:
        found = find_spec(package) and find_spec(module)
    except ModuleNotFoundError:
        found = None
    return [path(prefix, include(module))] if found else []


urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    *_urls_of("files/", "portal.files.web.urls"),
    *_urls_of("media/", "portal.files.web.media_urls"),
    *_urls_of("play/", "media_pipeline.web.urls"),
    *_urls_of("api/v1/", "portal.config.api_urls"),
]
urlpatterns += i18n_patterns(
    *_urls_of("account/", "portal.accounts.web.urls"),
    *_urls_of("workbench/", "portal.workbench.web.urls"),
    *_urls_of("school/", "portal.school.web.urls"),
    *_urls_of("lessons/", "portal.microlessons.web.urls"),
    *_urls_of("cases/", "portal.experiences.web.urls"),
    *_urls_of("r/", "portal.regulations.web.urls"),
    *_urls_of("search/", "search.web.urls"),
    *_urls_of("p/", "plugins.host.urls"),
    *_urls_of("", "portal.pages.web.urls"),
    prefix_default_language=False,
)

handler400 = "portal.pages.web.errors.bad_request"
handler403 = "portal.pages.web.errors.forbidden"
handler404 = "portal.pages.web.errors.not_found"
handler500 = "portal.pages.web.errors.server_error"
