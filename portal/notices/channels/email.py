"""E-mail through Django's mail backend."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from portal.notices.channels.base import Channel, Outgoing, Undeliverable


class EmailChannel(Channel):
    """Plain text to the address of the login."""

    def address_of(self, user: Any) -> str:
        return super().address_of(user) or user.email

    def has_address(self, user: Any) -> bool:
        return super().has_address(user) or bool(user.email)

    def send(self, address: str, outgoing: Outgoing) -> None:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Undeliverable(f"not an e-mail address ({error.code})") from error
        EmailMessage(outgoing.subject, f"{outgoing.text}\n\n{outgoing.link}\n", to=[address]).send()
