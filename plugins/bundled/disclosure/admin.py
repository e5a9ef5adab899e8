"""Categories and items in the administration. The flow itself is on the desk (`/p/disclosure/desk/`)."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from plugins.bundled.disclosure.models import Category, Item
from portal.public.admin import OwnedViewSet, PlainViewSet


class CategoryViewSet(PlainViewSet):
    model = Category
    right = "disclosure.check"
    name = "disclosure_categories"
    icon = "tag"
    menu_label = _("公开类别")
    add_to_admin_menu = False
    list_display = ["name", "order", "source"]
    form_fields = ["name", "order", "source"]


class ItemViewSet(OwnedViewSet):
    model = Item
    right = "disclosure.propose"
    name = "disclosure_items"
    icon = "doc-full-inverse"
    menu_label = _("公开事项")
    add_to_admin_menu = False
    list_display = ["title", "category", "owner_organisation", "state", "publish_on", "expires_on"]
    list_filter = ["state", "category"]
    search_fields = ["title"]
    form_fields = [
        "title",
        "category",
        "period",
        "body",
        "owner_organisation",
        "audience",
        "secrecy",
        "publish_on",
        "expires_on",
    ]


class DisclosureGroup(ViewSetGroup):
    menu_label = _("党务公开")
    menu_icon = "view"
    items = (ItemViewSet(), CategoryViewSet())


viewsets = [DisclosureGroup()]
