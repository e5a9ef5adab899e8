"""What a person sees after too many wrong passwords."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any) -> HttpResponse:
    """429 with a sentence that says how long to wait. The lock holds for this name from this address only, so nobody can
    lock out a rival from elsewhere."""
    context = {"minutes": round(settings.AXES_COOLOFF_TIME * 60)}
    return render(request, "accounts/locked.html", context, status=429)
