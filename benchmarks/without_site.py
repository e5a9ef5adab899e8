"""Importing this makes Django ready for benchmarks that use the code without a site: test settings and a folder that goes away."""

from __future__ import annotations

import os

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings.test")
    django.setup()
    if not connection.introspection.table_names():  # search asks for the words and clicks that editors and readers gave
        call_command("migrate", verbosity=0)
