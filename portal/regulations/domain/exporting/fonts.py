"""The Chinese font of a PDF: one of this machine is put into the file; without one the reader's own has to do."""

from __future__ import annotations

import functools
import logging
from pathlib import Path

from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

EMBEDDED, NAMED = "Portal-CJK", "STSong-Light"
_log = logging.getLogger(__name__)
_SOME_HAN = "法规第一条〔〕《》"
# fonts with TrueType outlines, which a PDF writer can cut down to the characters used (Noto's CJK fonts have others)
_PLACES = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/truetype/arphic-gbsn00lp/gbsn00lp.ttf",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "C:/Windows/Fonts/simsun.ttc",
    "C:/Windows/Fonts/simhei.ttf",
    "/System/Library/Fonts/STHeiti Light.ttc",
)


@functools.cache
def chinese_font(named: str | None = None) -> str:
    """The name of a registered font for Chinese: EMBEDDED when a usable file is there (the setting REGULATIONS_PDF_FONT, else
    the usual places), NAMED when the PDF can only name a font that its reader has to bring along."""
    wanted = settings.REGULATIONS_PDF_FONT if named is None else named
    for place in [wanted] if wanted else _PLACES:
        if not Path(place).is_file():
            continue
        try:
            font = TTFont(EMBEDDED, place, subfontIndex=0)
        except (TTFError, OSError, ValueError, KeyError, IndexError) as error:
            _log.warning("the font %s cannot be put into a PDF: %s", place, error)
            continue
        if all(ord(char) in font.face.charToGlyph for char in _SOME_HAN):
            pdfmetrics.registerFont(font)
            return EMBEDDED
    if wanted:
        _log.warning("REGULATIONS_PDF_FONT is no usable Chinese TrueType font: %s", wanted)
    pdfmetrics.registerFont(UnicodeCIDFont(NAMED))
    return NAMED
