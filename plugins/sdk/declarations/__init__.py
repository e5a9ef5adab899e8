"""What a plugin (or a core app's `contributions.py`) may declare. All are frozen; dotted paths beginning with a point are
relative to the declaring package and are imported on first use."""

from plugins.sdk.declarations.base import Labelled, Place
from plugins.sdk.declarations.checks import Refusal, Validator
from plugins.sdk.declarations.exchange import ExchangeRecords
from plugins.sdk.declarations.figures import Figure, Tile
from plugins.sdk.declarations.listing import PageAction, PageColumn
from plugins.sdk.declarations.pages import Assets, Card, MenuItem, PageSlot, PageType
from plugins.sdk.declarations.people import NoticeType, PersonalData
from plugins.sdk.declarations.rights import Permission, SettingsForm
from plugins.sdk.declarations.searching import SearchSource
from plugins.sdk.declarations.work import PointRule, Task

__all__ = [
    "Assets",
    "Card",
    "ExchangeRecords",
    "Figure",
    "Labelled",
    "MenuItem",
    "NoticeType",
    "PageAction",
    "PageColumn",
    "PageSlot",
    "PageType",
    "Permission",
    "PersonalData",
    "Place",
    "PointRule",
    "Refusal",
    "SearchSource",
    "SettingsForm",
    "Task",
    "Tile",
    "Validator",
]
