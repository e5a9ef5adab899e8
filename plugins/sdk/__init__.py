"""The public API for plugin authors. What is not named here (or in `plugins.sdk.demo` and `plugins.sdk.runtime`) is not API."""

from plugins.sdk.clock import BUSINESS_ZONE, now, today
from plugins.sdk.contexts import CardContext, SlotContext
from plugins.sdk.declarations import (
    Card,
    MenuItem,
    PageSlot,
    Permission,
    PointRule,
    Refusal,
    SearchSource,
    SettingsForm,
    Task,
)
from plugins.sdk.events import Event, EventNotReadable, event_class, known_events, on, on_point_rules
from plugins.sdk.ids import new_uid
from plugins.sdk.labels import text_in_language
from plugins.sdk.plugin import Plugin
from plugins.sdk.publishing import publish
from plugins.sdk.version import __version__
from portal.ground.audit import audit
from portal.ground.content import content_changed
from portal.ground.rights import needs, open_to_all, signed_in
from search.contracts import SearchDocument

__all__ = [
    "BUSINESS_ZONE",
    "Card",
    "CardContext",
    "Event",
    "EventNotReadable",
    "MenuItem",
    "PageSlot",
    "Permission",
    "Plugin",
    "PointRule",
    "Refusal",
    "SearchDocument",
    "SearchSource",
    "SettingsForm",
    "SlotContext",
    "Task",
    "__version__",
    "audit",
    "content_changed",
    "event_class",
    "known_events",
    "needs",
    "new_uid",
    "now",
    "on",
    "on_point_rules",
    "open_to_all",
    "publish",
    "signed_in",
    "text_in_language",
    "today",
]
