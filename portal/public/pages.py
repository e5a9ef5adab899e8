"""For plugins with page types: the concrete base page, and the stream field that keeps blocks whose code is gone."""

from portal.basepage.models import BasePage
from portal.shared.blocks import OpenStreamField

__all__ = ["BasePage", "OpenStreamField"]
