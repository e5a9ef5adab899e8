"""Point rules in the administration."""

from django.utils.translation import gettext_lazy as _

from plugins.bundled.points.models import Rule
from portal.public.admin import PlainViewSet


class RuleViewSet(PlainViewSet):
    """Rules are data; a change of figures is a new version with its own dates and source."""

    model = Rule
    right = "points.manage"
    name = "points_rules"
    icon = "pick"
    menu_label = _("积分规则")
    list_display = ["label", "code", "version", "points", "daily_cap", "valid_from", "valid_to", "source"]
    form_fields = ["code", "version", "label", "label_en", "points", "daily_cap", "source", "valid_from", "valid_to"]


viewsets = [RuleViewSet()]
