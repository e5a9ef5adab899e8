"""What this app gives to search, to the outbox and to the roles: connected once, when the models are loaded."""

from __future__ import annotations

from portal.finding.domain import alerting, answers, curating, holdings, using
from portal.finding.rights import APPROVE, CURATE, EDIT
from portal.finding.web.listening import key_above, note_answer
from portal.ground import personal
from portal.ground.content import CONTENT_CHANGED
from portal.ground.outbox import register_consumer
from portal.organisations.domain.rights import give
from portal.references.domain.citing import register_kind
from portal.references.domain.watching import register_editors
from search.query.curation import set_curation
from search.ranking.current import set_asked_before
from search.web.listening import listen, listen_to_clicks, show_above


def connect() -> None:
    """Called once at start."""
    for role in ("editor", "reviewer", "admin"):
        give(role, EDIT.code)
    for role in ("reviewer", "admin"):
        give(role, APPROVE.code)
    give("admin", CURATE.code)
    set_curation(curating.curation)
    set_asked_before(using.asked_before)
    listen("finding", note_answer)
    show_above("finding", key_above)
    listen_to_clicks("finding", using.note_click)
    register_kind(answers.KIND, answers.resolve_answers)
    register_editors(answers.KIND, answers.editors_of_answers)
    register_consumer("finding.alerts", [CONTENT_CHANGED], alerting.tell_of_changes, one_by_one=False)
    personal.register("finding", "搜索", holdings.export, holdings.erase)
