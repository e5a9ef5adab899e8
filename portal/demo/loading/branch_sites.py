"""A page for each organisation, nested like the organisations."""

from __future__ import annotations

from portal.demo.loading.context import Context
from portal.organisations.domain.audiences import public_audience
from portal.pages.models import BranchPage, HomePage


def load(context: Context) -> str:
    """Make the branch sites."""
    sites: dict[str, BranchPage] = {}
    home = HomePage.objects.get()
    everybody = public_audience()
    for key, organisation in context.organisations.items():
        above = key.rpartition("/")[0]
        parent = sites[above] if key else home
        site = BranchPage(
            title=organisation.short_name,
            slug=organisation.code.lower(),
            organisation=organisation,
            audience=everybody,
        )
        sites[key] = parent.add_child(instance=site)
    return f"{len(sites)} 个"
