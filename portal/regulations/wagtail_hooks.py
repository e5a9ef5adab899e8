"""Regulations have their place in the administration."""

from wagtail import hooks

from portal.regulations.admin import RegulationViewSet


@hooks.register("register_admin_viewset")
def register_regulations() -> object:
    """Import, edit, publish, withdraw."""
    return RegulationViewSet("regulation")
