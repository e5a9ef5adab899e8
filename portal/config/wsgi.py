"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings.production")
application = get_wsgi_application()
gc.collect()
gc.freeze()  # what was loaded stays: looking through all of it for garbage would cost single requests a tenth of a second
