"""Texts to take away. Downloads of what not everybody may see are written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.ground.audit import audit
from portal.ground.rights import open_to_all
from portal.ground.suppliers import ANONYMOUS, viewer_of
from portal.regulations.domain.exporting.akoma_ntoso import as_akoma_ntoso
from portal.regulations.domain.exporting.pdf import as_pdf
from portal.regulations.domain.exporting.texts import as_markdown, as_word
from portal.regulations.domain.queries import provisions_of, published_versions, visible_regulations
from portal.regulations.models import Provision, Regulation, RegulationVersion

Writer = Callable[[Regulation, RegulationVersion, Sequence[Provision]], bytes | str]
FORMS: dict[str, tuple[str, Writer]] = {
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", as_word),
    "pdf": ("application/pdf", as_pdf),
    "xml": ("application/xml", as_akoma_ntoso),
}


@require_safe
@open_to_all
def export(request: HttpRequest, code: str, key: str, form: str) -> HttpResponse:
    """One version as Markdown, DOCX, PDF or Akoma Ntoso XML."""
    viewer = viewer_of(request.user)
    work = visible_regulations(viewer).select_related("owner_organisation").filter(code=code).first()
    if work is None or form not in FORMS:
        raise Http404
    version = next((one for one in published_versions(work) if one.key == key), None)
    if version is None:
        raise Http404
    content_type, write = FORMS[form]
    answer = HttpResponse(write(work, version, provisions_of(version)), content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{code}-{key}.{form}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if request.user.is_authenticated and not visible_regulations(ANONYMOUS).filter(pk=work.pk).exists():
        audit(
            request.user, "regulations.downloaded", target_kind="regulation_version", target_uid=version.uid, form=form
        )
    return answer
