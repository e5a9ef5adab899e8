"""What the plugin declares. This module imports the SDK and events, never models."""

from plugins.sdk import Plugin


class __Class__Plugin(Plugin):
    pass
