"""Addresses. Chinese answers at the root, English under `/en/`; the administration, files and playback have one address."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls

from portal.accounts.web.sign_in import sign_in_to_administration
from portal.api.web.views import guide

urlpatterns = [
    path("admin/login/", sign_in_to_administration),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include("portal.files.web.document_urls")),
    path("files/", include("portal.files.web.urls")),
    path("media/", include("portal.files.web.media_urls")),
    path("play/", include("media_pipeline.web.urls")),
    path("api/v1/", include("portal.api.web.urls")),
]
urlpatterns += i18n_patterns(
    path("api/", guide, name="api_guide"),
    path("account/tokens/", include("portal.api.web.token_urls")),
    path("account/", include("portal.accounts.web.urls")),
    path("workbench/", include("portal.workbench.web.urls")),
    path("organisations/", include("portal.organisations.web.urls")),
    path("records/", include("portal.records.web.urls")),
    path("notices/", include("portal.notices.web.urls")),
    path("school/", include("portal.school.web.urls")),
    path("lessons/", include("portal.microlessons.web.urls")),
    path("cases/", include("portal.experiences.web.urls")),
    path("r/", include("portal.regulations.web.urls")),
    path("members/", include("portal.members.web.urls")),
    path("exchange/", include("portal.exchange.web.urls")),
    path("search/", include("search.web.urls")),
    path("search/", include("portal.finding.web.urls")),
    path("p/", include("plugins.host.urls")),
    path("", include("portal.pages.web.urls")),
    prefix_default_language=False,
)

handler400 = "portal.pages.web.errors.bad_request"
handler403 = "portal.pages.web.errors.forbidden"
handler404 = "portal.pages.web.errors.not_found"
handler500 = "portal.pages.web.errors.server_error"
