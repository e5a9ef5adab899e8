"""The home page, the columns, the page about this site, the name in the masthead."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from wagtail.models import Site

from portal.demo.content_files import read_toml
from portal.demo.loading.bodies import body_of
from portal.demo.loading.context import Context
from portal.demo.loading.publish import publish_below
from portal.organisations.domain.audiences import public_audience
from portal.pages.domain.setup import set_up_site
from portal.pages.models import ColumnPage, SiteLink, SiteLook, StandardPage


def load(context: Context) -> str:
    """Make the frame of the site."""
    plan = read_toml("site.toml")
    committee = context.organisations[""]
    address = urlsplit(settings.BASE_URL)
    home = set_up_site(plan["name"], owner=committee, host=address.hostname or "localhost", port=address.port or 80)
    columns = read_toml("columns.toml")["column"]
    for column in columns:
        publish_below(
            home,
            ColumnPage(
                title=column["title"],
                slug=column["slug"],
                summary=column["summary"],
                show_in_menus=True,
                owner_organisation=committee,
                audience=public_audience(),
            ),
        )
    about = plan["about"]
    about_page = publish_below(
        home,
        StandardPage(
            title=about["title"],
            slug=about["slug"],
            summary=about["summary"],
            body=body_of(about["text"]),
            owner_organisation=committee,
        ),
    )
    look = SiteLook.for_site(Site.objects.get(is_default_site=True))
    for name in ("name", "name_en", "unit", "unit_en", "foot_line"):
        setattr(look, name, plan[name])
    look.save()
    SiteLink.objects.create(
        look=look, place=SiteLink.Place.FOOT, label=about["title"], label_en="About", page=about_page
    )
    return f"栏目 {len(columns)} 个"
