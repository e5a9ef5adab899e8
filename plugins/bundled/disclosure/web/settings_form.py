"""The settings of the disclosure plugin."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DisclosureSettings(forms.Form):
    """Which column of the portal is held to the rule about periods."""

    column_title = forms.CharField(
        label=_("要求写明期间的栏目"),
        max_length=60,
        required=False,
        initial="党务公开",
        help_text=_("这个栏目下的文章，标题、摘要或正文没有写明所属期间就不能发布。不填则不检查。"),
    )
