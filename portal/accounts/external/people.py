"""What an identity service tells about a person, and how it may fail."""

from __future__ import annotations

import dataclasses


class ServiceFailed(Exception):
    """The service cannot be reached or answered in a way that proves nothing. The message is for the log."""


@dataclasses.dataclass(frozen=True)
class ExternalPerson:
    """Who somebody is: `subject` never changes in the service; `value` names a user here (user name, work number or phone)."""

    subject: str
    value: str
