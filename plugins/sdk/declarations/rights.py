"""Rights and settings of a plugin."""

from __future__ import annotations

import dataclasses

from plugins.sdk.declarations.base import Labelled


@dataclasses.dataclass(frozen=True)
class Permission(Labelled):
    """A right of the plugin: `code` is short ("take"), its full name is "<slug>.<code>". `roles` have it from the start."""

    code: str
    label: str
    label_en: str
    roles: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class SettingsForm:
    """A Django form whose page the host makes in the administration. Its initial values are the defaults, its cleaned values
    are JSON and are kept for each site. Without `needs` those who switch plugins may change them."""

    form: str
    needs: str = ""
