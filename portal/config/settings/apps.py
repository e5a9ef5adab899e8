"""The apps of the project, upper layers first, so that their templates win."""

import os

from plugins.host.discovery import discover
from portal.config import environment as env
from portal.config.environment import PROJECT_DIR

PLUGINS_EXTERNAL = env.words("PLUGINS_EXTERNAL")
PLUGINS_SAFE_MODE = env.flag("PLUGINS_SAFE_MODE", default=False)
PLUGINS_STRICT = env.flag("PLUGINS_STRICT", default=False)
PLUGINS_DISCOVERED = discover(
    data_dir=env.data_dir(),
    external=PLUGINS_EXTERNAL,
    safe_mode=PLUGINS_SAFE_MODE,
    strict=PLUGINS_STRICT,
    try_imports=env.flag("PLUGINS_TRIAL", default=True),
    settings_module=os.environ.get("DJANGO_SETTINGS_MODULE", ""),
)

_PORTAL_APPS = [
    "portal.config",
    "portal.demo",
    "portal.workbench",
    "portal.news",
    "portal.school",
    "portal.microlessons",
    "portal.experiences",
    "portal.regulations",
    "portal.pages",
    "portal.references",
    "portal.notices",
    "portal.watching",
    "portal.files",
    "portal.basepage",
    "portal.organisations",
    "portal.accounts",
    "portal.records",
    "portal.shared",
    "portal.events",
    "plugins.host",
    *PLUGINS_DISCOVERED.installed_apps,
    "search",
    "media_pipeline",
    "portal.ground",
]

INSTALLED_APPS = [
    *(
        app
        for app in _PORTAL_APPS
        if app in PLUGINS_DISCOVERED.installed_apps or (PROJECT_DIR / app.replace(".", "/") / "apps.py").exists()
    ),
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
    "axes",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
