"""Makers of sites, columns and articles."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from portal.files.models import PortalDocument, PortalImage
from portal.news.models import ArticlePage
from portal.organisations.models import Organisation
from portal.pages.domain.setup import set_up_site
from portal.pages.models import ColumnPage, HomePage
from tests.factories import make_committee


def make_site(owner: Organisation | None = None) -> HomePage:
    """A set-up site whose home page belongs to `owner` (or a committee of its own)."""
    return set_up_site("领航", owner=owner or make_committee())


def make_column(home: HomePage | None = None, title: str = "工作动态", **fields: Any) -> ColumnPage:
    """A live column in the navigation."""
    parent = HomePage.objects.get(pk=(home or make_site()).pk)
    return parent.add_child(instance=ColumnPage(title=title, show_in_menus=True, **fields))


def make_article(column: Any, title: str = "检修一班党支部把党课开到大修现场", **fields: Any) -> ArticlePage:
    """A live article below `column`."""
    parent = type(column).objects.get(pk=column.pk)
    return parent.add_child(instance=ArticlePage(title=title, **fields))


def make_picture(title: str = "大修现场", size: tuple[int, int] = (1400, 900), **fields: Any) -> PortalImage:
    """A picture with real bytes."""
    stream = io.BytesIO()
    Image.new("RGB", size, (120, 60, 50)).save(stream, "JPEG")
    image = PortalImage(title=title, **fields)
    image.file.save("picture.jpg", ContentFile(stream.getvalue()), save=False)
    image.width, image.height = size
    image.save()
    return image


def make_document(title: str = "通知", **fields: Any) -> PortalDocument:
    """A document of a few bytes."""
    document = PortalDocument(title=title, **fields)
    document.file.save("notice.txt", ContentFile("各支部：".encode()), save=False)
    document.save()
    return document
