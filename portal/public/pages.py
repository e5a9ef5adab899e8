"""For plugins with page types: the concrete base page, and the stream field that keeps blocks whose code is gone."""

from portal.basepage.models import BasePage
from portal.shared.blocks import OpenStreamBlock, OpenStreamField, open_streams

__all__ = ["BasePage", "OpenStreamBlock", "OpenStreamField", "open_streams"]
