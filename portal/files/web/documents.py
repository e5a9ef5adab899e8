"""Documents, for those who may fetch them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from wagtail.documents.views.serve import serve

from portal.files.domain.delivery import fetchable
from portal.files.models import PortalDocument
from portal.ground.rights import open_to_all


@open_to_all
@require_safe
def serve_document(request: HttpRequest, document_id: str, file_name: str) -> HttpResponseBase:
    """The document as Wagtail serves it; absent for those outside the audience, at the same cost as one that does not exist."""
    known = len(document_id) < 19 and PortalDocument.objects.filter(fetchable(request.user), pk=document_id).exists()
    if not known:
        raise Http404
    response: HttpResponseBase = serve(request, document_id, file_name)
    return response
