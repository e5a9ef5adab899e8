"""The public API for plugin authors. What is not named here (or in `plugins.sdk.demo` and `plugins.sdk.runtime`) is not API."""

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
from plugins.sdk.labels import text_in_language
from plugins.sdk.plugin import Plugin
from plugins.sdk.publishing import publish
from plugins.sdk.version import __version__

__all__ = [
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
    "SearchSource",
    "SettingsForm",
    "SlotContext",
    "Task",
    "__version__",
    "event_class",
    "known_events",
    "on",
    "on_point_rules",
    "publish",
    "text_in_language",
]
