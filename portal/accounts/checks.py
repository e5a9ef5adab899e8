"""What an operator should know before people sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.db import DatabaseError

from portal.accounts.models import User


@register(Tags.security, deploy=True)
def second_factor_is_required(app_configs: Any, **kwargs: Any) -> list[Warning]:
    """Administrators without a second factor are for demonstrations."""
    if settings.SECOND_FACTOR == "required":
        return []
    return [
        Warning(
            "SECOND_FACTOR is not `required`: administrators sign in with a password alone.",
            hint="Leave SECOND_FACTOR unset on a production site.",
            id="accounts.W001",
        )
    ]


@register(Tags.database)
def superusers_are_not_for_daily_work(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Warning]:
    """`manage.py check --database default` names active superusers: they stand above the three administrators."""
    if not databases or settings.DEBUG:
        return []
    try:
        names = sorted(User.objects.filter(is_superuser=True, is_active=True).values_list("username", flat=True))
    except DatabaseError:
        return []  # not migrated yet
    if not names:
        return []
    return [
        Warning(
            f"Active superusers: {', '.join(names)}. A superuser may do everything that the three administrators share out.",
            hint="Appoint them with `manage.py appoint`, then disable the superusers: `manage.py account disable NAME`.",
            id="accounts.W002",
        )
    ]
