from portal.files.models.document import PortalDocument
from portal.files.models.image import PortalImage, PortalRendition
from portal.files.models.text import DocumentText
from portal.files.models.video import Video

__all__ = ["DocumentText", "PortalDocument", "PortalImage", "PortalRendition", "Video"]
