"""Papers in the administration."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel

from plugins.bundled.quizzes.models import Paper
from portal.public.admin import OwnedViewSet


class PaperViewSet(OwnedViewSet):
    """Papers with their questions, within the own organisations."""

    model = Paper
    right = "quizzes.manage"
    name = "quizzes_papers"
    icon = "tasks"
    menu_label = _("试卷")
    list_display = ["title", "owner_organisation", "opens_at", "closes_at", "is_published"]
    list_filter = ["course_uid"]
    search_fields = ["title"]
    panels = [
        FieldPanel("title"),
        FieldPanel("introduction"),
        FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
        FieldRowPanel([FieldPanel("pass_percent"), FieldPanel("max_attempts")]),
        MultiFieldPanel(
            [
                FieldPanel("owner_organisation"),
                FieldPanel("audience"),
                FieldPanel("secrecy"),
                FieldPanel("is_published"),
            ],
            heading=_("范围与发布"),
        ),
        InlinePanel(
            "questions",
            heading=_("试题"),
            label=_("试题"),
            panels=[
                FieldPanel("kind"),
                FieldPanel("stem"),
                FieldPanel("options"),
                FieldPanel("key"),
                FieldPanel("explanation"),
                FieldPanel("score"),
            ],
        ),
    ]


viewsets = [PaperViewSet()]
