"""The first pages of a new installation."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Locale, Site, Workflow, WorkflowPage, WorkflowTask

from portal.basepage.models import BasePage
from portal.organisations.models import Organisation
from portal.pages.models import HomePage, ReviewTask, SiteLook

REVIEW_WORKFLOW = "内容审核"


def set_up_site(name: str, *, owner: Organisation | None = None, host: str = "localhost", port: int = 80) -> HomePage:
    """Make the home page, the default site and the review workflow of a new installation; leave alone what is there.

    `owner` becomes the owner organisation of the home page, and so of the columns made below it. Returns the home page.
    Safe to repeat.
    """
    with transaction.atomic():
        Locale.objects.get_or_create(language_code="zh-hans")
        home = HomePage.objects.order_by("path").first()
        if home is None:
            home = _make_home(name, owner)
        elif owner is not None and home.owner_organisation_id is None:
            home.owner_organisation = owner
            home.save()
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            site = Site(is_default_site=True, hostname=host, port=port)
        if site.root_page_id != home.pk:
            site.root_page = home
            site.site_name = name
            site.save()
        SiteLook.objects.get_or_create(site=site, defaults={"name": name[:40]})
        review_workflow_at(home)
    return home


def _make_home(name: str, owner: Organisation | None) -> HomePage:
    root = BasePage.objects.filter(depth=1).first()
    if root is None:
        root = BasePage.add_root(instance=BasePage(title="Root", slug="root", locale=_locale()))
    _drop_welcome_page()
    root.refresh_from_db()
    home = HomePage(title=name, slug="home", owner_organisation=owner, locale=_locale(), show_in_menus=False)
    made: HomePage = root.add_child(instance=home)
    made.save_revision().publish()
    made.refresh_from_db()
    return made


def _drop_welcome_page() -> None:
    """Wagtail's own migrations leave a page that welcomes developers; nobody has written in it."""
    content_type = ContentType.objects.get_for_model(BasePage)
    for page in BasePage.objects.filter(depth=2, numchild=0, slug="home", content_type=content_type):
        page.delete()


def _locale() -> Locale:
    locale: Locale = Locale.objects.get(language_code="zh-hans")
    return locale


def review_workflow_at(page: BasePage) -> Workflow:
    """The review workflow, assigned to `page` and so to everything below it that has none of its own. Safe to repeat."""
    task = ReviewTask.objects.filter(active=True).first() or ReviewTask.objects.create(name="组织审核")
    workflow = Workflow.objects.filter(name=REVIEW_WORKFLOW, active=True).first()
    if workflow is None:
        workflow = Workflow.objects.create(name=REVIEW_WORKFLOW)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.get_or_create(page=page, defaults={"workflow": workflow})
    return workflow
