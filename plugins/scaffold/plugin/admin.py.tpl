"""The notes in the administration, each editor within the own organisations."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from __slug__.models import Note
from portal.public.admin import OwnedViewSet


class NoteViewSet(OwnedViewSet):
    """Notes within the subtrees where the person holds the right."""

    model = Note
    right = "__slug__.manage"
    name = "__slug___notes"
    icon = "doc-full"
    menu_label = _("__zh__")
    list_display = ["title", "owner_organisation", "shown_on"]
    search_fields = ["title"]
    panels = [
        FieldPanel("title"),
        FieldPanel("body"),
        FieldPanel("shown_on"),
        MultiFieldPanel(
            [FieldPanel("owner_organisation"), FieldPanel("audience"), FieldPanel("secrecy")], heading=_("范围")
        ),
    ]


viewsets = [NoteViewSet()]
