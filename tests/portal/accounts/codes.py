"""What a person's authenticator app shows."""

import base64

from django_otp.oath import TOTP

from portal.accounts.models import Authenticator, User
from portal.ground.clock import now


def code_of(user: User) -> str:
    """The six digits at the present moment."""
    clock = TOTP(base64.b32decode(Authenticator.objects.get(user=user).secret))
    clock.time = now().timestamp()
    return f"{clock.token():06d}"
