"""How notices leave the site: mail server and channels."""

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

MAIL_SECONDS = 10
KNOWN = {
    "email": "portal.notices.channels.email.EmailChannel",
    "sms": "portal.notices.channels.file.FileChannel",
    "wecom": "portal.notices.channels.file.FileChannel",
    "dingtalk": "portal.notices.channels.file.FileChannel",
}


def mail_settings(url: str, folder: object) -> dict[str, object]:
    """Django's mail settings for `smtp://user:password@host:port` (`smtps://` for TLS from the first byte, `smtp+tls://` for
    STARTTLS). Without an address mails are files in `folder`. Raises ImproperlyConfigured."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(folder)}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+tls"} or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must be smtp://, smtps:// or smtp+tls://[user:password@]host[:port]")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": MAIL_SECONDS,
    }


def channel_classes(words: list[str]) -> dict[str, str]:
    """Code and class of each channel of `NOTICE_CHANNELS`: a known code, or `code=package.module.Class` for an adapter of one's
    own. Raises ImproperlyConfigured."""
    found = {}
    for word in words:
        code, _equals, path = word.partition("=")
        if not path and code not in KNOWN:
            raise ImproperlyConfigured(
                f"NOTICE_CHANNELS: {code!r} is none of {', '.join(KNOWN)}; say {code}=module.Class"
            )
        found[code] = path or KNOWN[code]
    return found
