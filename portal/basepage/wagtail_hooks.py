"""What a refusal of a plugin means for a page that the editor already saved on its way to being published."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks

from plugins.sdk import Refusal
from portal.basepage.validating import ask_about


@hooks.register("before_publish_page")
def ask_about_the_whole_page(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Ask once more, now that all parts of the page are saved as a draft. A refusal leaves the draft and leads back to it."""
    try:
        ask_about("page.publish", page, request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("wagtailadmin_pages:edit", page.pk)
    return None
