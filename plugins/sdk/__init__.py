"""The public API for plugin authors. What is not named here (or in `plugins.sdk.demo` and `plugins.sdk.runtime`) is not API."""

from plugins.sdk.clock import BUSINESS_ZONE, now, today
from plugins.sdk.contexts import (
    ActionContext,
    CardContext,
    ExportContext,
    ListContext,
    LoadContext,
    SlotContext,
    TileContext,
    ValidatorContext,
)
from plugins.sdk.declarations import (
    Assets,
    Card,
    ExchangeRecords,
    Figure,
    MenuItem,
    NoticeType,
    PageAction,
    PageColumn,
    PageSlot,
    PageType,
    Permission,
    PersonalData,
    PointRule,
    Refusal,
    SearchSource,
    SettingsForm,
    Task,
    Tile,
    Validator,
)
from plugins.sdk.events import Event, EventNotReadable, event_class, known_events, on, on_point_rules
from plugins.sdk.ids import new_uid
from plugins.sdk.labels import text_in_language
from plugins.sdk.plugin import Plugin
from plugins.sdk.publishing import publish
from plugins.sdk.runtime import settings_of
from plugins.sdk.version import __version__
from portal.ground.audit import audit
from portal.ground.content import content_changed
from portal.ground.personal import Erased, Person, Table
from portal.ground.rights import needs, open_to_all, signed_in
from search.contracts import SearchDocument

__all__ = [
    "BUSINESS_ZONE",
    "ActionContext",
    "Assets",
    "Card",
    "CardContext",
    "Erased",
    "Event",
    "EventNotReadable",
    "ExchangeRecords",
    "ExportContext",
    "Figure",
    "ListContext",
    "LoadContext",
    "MenuItem",
    "NoticeType",
    "PageAction",
    "PageColumn",
    "PageSlot",
    "PageType",
    "Permission",
    "Person",
    "PersonalData",
    "Plugin",
    "PointRule",
    "Refusal",
    "SearchDocument",
    "SearchSource",
    "SettingsForm",
    "SlotContext",
    "Table",
    "Task",
    "Tile",
    "TileContext",
    "Validator",
    "ValidatorContext",
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
    "settings_of",
    "signed_in",
    "text_in_language",
    "today",
]
