"""Rendering the pieces that contributors put on a page. A page has many, so what they share is worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from django.template import RequestContext, Template, engines
from django.utils.safestring import SafeString


def render_piece(request: HttpRequest, template: str, data: Mapping[str, Any]) -> SafeString:
    """As `render_to_string(template, data, request=request)`; the context processors run once a request. Raises what the
    template raises."""
    found: Template = engines["django"].get_template(template).template  # type: ignore[attr-defined]
    context = _PieceContext(request, autoescape=found.engine.autoescape)
    context.push(data)  # above what the processors add
    return found.render(context)


class _PieceContext(RequestContext):
    """What processors add is the same in every piece of a request; each piece has its own copy, so that none writes into another's."""

    @contextmanager
    def bind_template(self, template: Template) -> Iterator[None]:
        self.template = template
        processed = getattr(self.request, "_piece_processed", None)
        if processed is None:
            processed = {}
            for processor in template.engine.template_context_processors:
                processed.update(processor(self.request))
            self.request._piece_processed = processed  # type: ignore[union-attr]
        self.dicts[self._processors_index] = {**processed}  # type: ignore[attr-defined]
        try:
            yield
        finally:
            self.template = None
            self.dicts[self._processors_index] = {}  # type: ignore[attr-defined]
