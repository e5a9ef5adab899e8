"""The relay of the real site, whose app the probe does not load."""

from portal.config.management.commands.relay import Command

__all__ = ["Command"]
