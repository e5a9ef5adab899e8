"""Timed work of the disclosure plugin."""

from plugins.bundled.disclosure.domain.flow import follow_calendar
from plugins.sdk import today


def follow_the_calendar() -> None:
    """Publish what is due and expire what is over."""
    follow_calendar(today())
