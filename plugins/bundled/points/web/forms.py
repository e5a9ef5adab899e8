"""The settings of the points plugin."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PointsSettings(forms.Form):
    """What members aim at in a year."""

    annual_goal = forms.IntegerField(
        label=_("年度积分目标"),
        min_value=0,
        max_value=10_000,
        initial=0,
        help_text=_("在“我的积分”里显示完成多少。填 0 不显示。"),
    )
    goal_note = forms.CharField(
        label=_("目标的依据"), max_length=60, required=False, initial="", help_text=_("写明由哪次会议或文件确定。")
    )
