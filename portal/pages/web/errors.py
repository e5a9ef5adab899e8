"""What a reader sees when something is wrong: one sentence, one next step, never a trace."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

log = logging.getLogger(__name__)

# When even the theme cannot be shown.
_LAST_RESORT = (
    '<!doctype html><html lang="zh-hans"><meta charset="utf-8"><title>暂时无法打开</title>'
    "<h1>暂时无法打开这一页</h1><p>问题已经记录，您填写的内容如已提交不会丢失。请稍后再试。</p>"
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the browser sent something that cannot be understood."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: visible, but not for this person to do."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: absent, or not to be seen by this person; nothing tells which."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. The page needs neither database nor session, since one of them may be the cause."""
    try:
        return HttpResponse(loader.get_template("500.html").render(), status=500)
    except Exception:
        log.exception("the error page itself failed")
        return HttpResponse(_LAST_RESORT, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old: the page lay open too long, or the sign-in changed meanwhile."""
    log.info("refused a form on %s: %s", request.path, reason)
    return render(request, "csrf_failure.html", status=403)
