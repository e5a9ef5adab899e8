"""Production, and the probe."""

from portal.config.settings.production import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.probe"]  # noqa: F405
ROOT_URLCONF = "benchmarks.probe.urls"
