"""The words inside a document, in the administration: read once more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.permissions import policy_registry

from portal.files.domain.texts import read_again
from portal.files.models import PortalDocument
from portal.ground.rights import needs


@needs("files.add")
@require_POST
def again(request: HttpRequest, document_id: int) -> HttpResponse:
    """Queue the reading of one's own document."""
    policy = policy_registry.get_by_type(PortalDocument)
    allowed = policy.instances_user_has_permission_for(request.user, "change")
    document = get_object_or_404(allowed, pk=document_id)
    read_again(document)
    messages.success(request, _("已重新排队读取“%(title)s”里的文字。") % {"title": document.title})
    return redirect("wagtaildocs:edit", document_id)
