"""The apps of the project, upper layers first, so that their templates win."""

import os

from plugins.host.discovery import discover
from plugins.host.operator_list import read_list
from portal.config import environment as env

_UPPER = [
    "portal.config",
    "django.contrib.staticfiles",  # each {% static %} looks for it from the front
    "portal.api",
    "portal.demo",
    "portal.exchange",
    "portal.finding",
    "portal.workbench",
    "portal.news",
    "portal.school",
    "portal.microlessons",
    "portal.experiences",
    "portal.regulations",
    "portal.members",
    "portal.pages",
    "portal.references",
    "portal.notices",
    "portal.watching",
    "portal.files",
    "portal.basepage",
    "portal.account_admin",
    "portal.organisations",
    "portal.accounts",
    "portal.records",
    "portal.shared",
    "plugins.host",
]
_LOWER = [
    "search",
    "media_pipeline",
    "portal.ground",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.table_block",
    "wagtail.locales",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "modelsearch",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]

PLUGINS_EXTERNAL = env.words("PLUGINS_EXTERNAL")
PLUGINS_SAFE_MODE = env.flag("PLUGINS_SAFE_MODE", default=False)
PLUGINS_STRICT = env.flag("PLUGINS_STRICT", default=False)
PLUGINS_TAKEN_LABELS = [name.rpartition(".")[2] for name in (*_UPPER, *_LOWER)]
PLUGINS_DISCOVERED = discover(
    data_dir=env.data_dir(),
    external=PLUGINS_EXTERNAL,
    decided=read_list(env.data_dir()),
    taken=PLUGINS_TAKEN_LABELS,
    safe_mode=PLUGINS_SAFE_MODE,
    strict=PLUGINS_STRICT,
    try_imports=env.flag("PLUGINS_TRIAL", default=True),
    settings_module=os.environ.get("DJANGO_SETTINGS_MODULE", ""),
)

# Plugins come last, so that no template, static file, text or command of theirs stands before one of the portal or of Wagtail.
INSTALLED_APPS = [*_UPPER, *_LOWER, *PLUGINS_DISCOVERED.installed_apps]
