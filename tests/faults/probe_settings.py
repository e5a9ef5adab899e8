"""The real processes with the least of the site: the ground alone, so that a fault test starts in a few seconds."""

from portal.config.settings import scratch  # noqa: F401
from portal.config.settings.base import *  # noqa: F403

INSTALLED_APPS = ["tests.faults.probe", "django.contrib.contenttypes", "portal.ground"]
MIDDLEWARE = []
ROOT_URLCONF = "tests.faults.probe.urls"
