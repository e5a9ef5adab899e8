"""Content outlives code: blocks whose plugin is gone survive everything that is done with a page, and come back whole."""

import copy
import json

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale
from wagtail.test.utils.form_data import querydict_from_html

from plugins.bundled.disclosure.models import SheetPage
from portal.basepage import orphans
from portal.basepage.models import BasePage
from portal.ground.models import OutboxEntry
from portal.news.models import ArticlePage
from portal.organisations.models import Role
from portal.pages.models import BranchPage, HomePage, StandardPage
from portal.shared.blocks import OpenStreamField
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.factories.pages import make_article, make_column, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
STORED = [
    {"type": "paragraph", "value": "<p>看得见的正文</p>", "id": "11111111-1111-4111-8111-111111111111"},
    {"type": "quiz", "value": {"paper": 7, "藏": ["甲", None, 1.5]}, "id": "22222222-2222-4222-8222-222222222222"},
    {"type": "poll.v2", "value": "投票内容", "id": "33333333-3333-4333-8333-333333333333"},
]


class House:
    def __init__(self):
        self.committee = make_committee()
        self.branch = make_branch(self.committee, "检修一班党支部")
        self.site = make_site(self.committee)
        self.column = make_column(self.site, "工作动态", owner_organisation=self.branch)


@pytest.fixture
def house(db):
    return House()


def _fields():
    return [
        (model, field.name)
        for model in apps.get_models()
        if issubclass(model, BasePage)
        for field in model._meta.local_fields
        if isinstance(field, OpenStreamField)
    ]


KNOWN = {ArticlePage: "column", StandardPage: "site", BranchPage: "site", SheetPage: "column"}


def make_page(house, model, field, **more):
    """A live page of any core type with the stored content."""
    parent = getattr(house, KNOWN[model])
    parent = type(parent).objects.get(pk=parent.pk)
    values = {"title": "带插件内容的页面", field: json.dumps(STORED), "owner_organisation": house.branch, **more}
    if model is BranchPage:
        values["organisation"] = house.branch
    page = parent.add_child(instance=model(**values))
    return model.objects.get(pk=page.pk)


def content(page, field):
    """What the page holds, block by block: first as read, then written back from the blocks themselves."""
    value = getattr(page, field)
    list(value)
    return value.stream_block.get_prep_value(value)


def test_every_page_type_with_a_stream_is_tried_here():
    assert {model for model, _field in _fields()} == set(KNOWN)


@pytest.mark.parametrize(("model", "field"), _fields(), ids=str)
class TestKept:
    def test_saving_a_title_keeps_all(self, house, model, field):
        page = make_page(house, model, field)
        assert content(page, field) == STORED

        page.title = "新标题"
        page.save()

        assert content(model.objects.get(pk=page.pk), field) == STORED

    def test_revision_and_publishing_it_keep_all(self, house, model, field):
        page = make_page(house, model, field)
        page.title = "改过的标题"
        revision = page.save_revision()

        drafted = model.objects.get(pk=page.pk).get_latest_revision_as_object()
        assert content(drafted, field) == STORED
        revision.publish()
        published = model.objects.get(pk=page.pk)

        assert published.title == "改过的标题"
        assert content(published, field) == STORED

    def test_copy_and_alias_keep_all(self, house, model, field):
        if model is BranchPage:
            pytest.skip("a branch has one page: Wagtail refuses to copy it")
        page = make_page(house, model, field)
        page.save_revision().publish()
        page.refresh_from_db()

        made = page.copy(update_attrs={"slug": "fu-ben", "title": "副本"})
        assert content(model.objects.get(pk=made.pk), field) == STORED
        assert content(made.get_latest_revision_as_object(), field) == STORED
        alias = page.create_alias(update_slug="bie-ming")
        page.title = "再改"
        page.save_revision().publish()

        found = model.objects.get(pk=alias.pk)
        assert content(found, field) == STORED
        assert found.title == "再改"
        assert len({page.uid, made.uid, found.uid}) == len({page.short_code, made.short_code, found.short_code}) == 3

    def test_translation_keeps_all(self, house, model, field):
        if model is BranchPage:
            pytest.skip("a branch has one page: Wagtail refuses to translate it as a copy")
        page = make_page(house, model, field)
        english, _made = Locale.objects.get_or_create(language_code="en")

        translated = page.copy_for_translation(english, copy_parents=True)

        assert content(model.objects.get(pk=translated.pk), field) == STORED
        assert content(translated.get_latest_revision_as_object(), field) == STORED

    def test_editor_form_keeps_all(self, house, model, field):
        page = make_page(house, model, field)
        page.save_revision().publish()
        admin = Client()
        admin.force_login(
            make_user(is_superuser=True, is_active=True), backend="portal.accounts.backends.LoginHandleBackend"
        )
        address = reverse("wagtailadmin_pages:edit", args=[page.pk])
        shown = admin.get(address)
        assert shown.status_code == 200
        form = querydict_from_html(shown.content.decode(), form_id="page-edit-form")
        form["title"] = "编辑过的标题"
        form.update(_as_the_editor_sends(model, field, page))

        answer = admin.post(address, form)

        assert answer.status_code == 302, answer.context and answer.context["form"].errors
        drafted = model.objects.get(pk=page.pk).get_latest_revision_as_object()
        assert drafted.title == "编辑过的标题"
        assert _plain(content(drafted, field)) == _plain(STORED)

    def test_versions_can_be_compared(self, house, model, field):
        page = make_page(house, model, field)
        first = page.save_revision()
        page.title = "改过的标题"
        second = page.save_revision()
        admin = Client()
        admin.force_login(make_user(is_superuser=True), backend="portal.accounts.backends.LoginHandleBackend")

        shown = admin.get(reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, first.pk, second.pk]))

        assert shown.status_code == 200
        assert "改过的标题" in shown.content.decode()

    def test_search_finds_the_text_and_nothing_of_what_is_kept(self, house, model, field):
        body = make_page(house, model, field).search_body()

        assert "看得见的正文" in body
        assert "投票内容" not in body
        assert "paper" not in body

    def test_readers_see_the_rest_of_the_page(self, house, model, field, client):
        page = make_page(house, model, field)

        shown = client.get(page.get_url())

        assert shown.status_code == 200
        assert "看得见的正文" in shown.content.decode()
        assert "投票内容" not in shown.content.decode()

    def test_plugin_that_comes_back_finds_its_block_whole(self, house, model, field):
        from wagtail import blocks

        page = make_page(house, model, field)
        page.save()
        stream = model._meta.get_field(field).stream_block
        before = dict(stream.child_blocks)
        back = blocks.CharBlock()
        back.set_name("poll.v2")
        stream.child_blocks = {**stream.child_blocks, "poll.v2": back}
        try:
            value = getattr(model.objects.get(pk=page.pk), field)
            assert [str(child.value) for child in value if child.block_type == "poll.v2"] == ["投票内容"]
        finally:
            stream.child_blocks = before


def _as_the_editor_sends(model, field, page):
    """The stream as the editor's script sends it: known blocks as typed, kept ones as their JSON."""
    from wagtail.admin.rich_text import get_rich_text_editor_widget

    sent = {f"{field}-count": str(len(STORED))}
    for index, block in enumerate(STORED):
        value = block["value"]
        if block["type"] == "paragraph":
            value = get_rich_text_editor_widget().format_value(value)
        else:
            value = json.dumps(value, ensure_ascii=False)
        start = f"{field}-{index}"
        sent |= {f"{start}-deleted": "", f"{start}-order": str(index), f"{start}-type": block["type"]}
        sent |= {f"{start}-value": value, f"{start}-id": block["id"]}
    return sent


def _plain(stored):
    """Without the marks that the editor puts into rich text."""
    import re

    found = copy.deepcopy(stored)
    found[0]["value"] = re.sub(r' data-block-key="[^"]*"', "", found[0]["value"])
    return found


def test_review_from_submitting_to_publishing_keeps_all(house):
    author, reviewer = make_staff(Role.EDITOR, house.branch), make_staff(Role.REVIEWER, house.branch)
    page = make_page(house, ArticlePage, "body", live=False, owner=author)
    page.save_revision(user=author)

    page.get_workflow().start(page, author)
    state = page.current_workflow_task_state.specific
    state.task.specific.on_action(state, reviewer, "approve")

    published = ArticlePage.objects.get(pk=page.pk)
    assert published.live
    assert content(published, "body") == STORED


def test_pages_deleted_with_their_section_are_told_to_search_once_each(house):
    page = make_page(house, ArticlePage, "body")
    OutboxEntry.objects.all().delete()

    house.column.__class__.objects.get(pk=house.column.pk).delete()

    told = [
        payload["uid"]
        for payload in OutboxEntry.objects.filter(name="content.changed").values_list("payload", flat=True)
    ]
    assert sorted(told) == sorted([str(page.uid), str(house.column.uid)])


def test_page_deleted_in_the_administration_is_told_to_search(house):
    page = make_page(house, ArticlePage, "body")
    admin = Client()
    admin.force_login(make_user(is_superuser=True), backend="portal.accounts.backends.LoginHandleBackend")
    OutboxEntry.objects.all().delete()

    assert admin.post(reverse("wagtailadmin_pages:delete", args=[page.pk])).status_code == 302

    told = OutboxEntry.objects.filter(name="content.changed").values_list("payload__uid", flat=True)
    assert str(page.uid) in list(told)


# --- pages whose type is gone -------------------------------------------------------------------------------------------
@pytest.fixture
def orphan(house):
    """A live page whose content type has no model any more, as a removed plugin leaves it; its own table is still there."""
    page = make_article(house.column, "调查问卷", owner_organisation=house.branch)
    page.save_revision().publish()
    gone = ContentType.objects.create(app_label="surveys", model="surveypage")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE surveys_surveypage (basepage_ptr_id bigint PRIMARY KEY REFERENCES basepage_basepage (id), ask text)"
        )
        cursor.execute(
            "CREATE TABLE surveys_answer (id bigint PRIMARY KEY, survey_id bigint REFERENCES surveys_surveypage (basepage_ptr_id))"
        )
        cursor.execute("INSERT INTO surveys_surveypage VALUES (%s, 'x')", [page.pk])
        cursor.execute("INSERT INTO surveys_answer VALUES (1, %s)", [page.pk])
    ArticlePage.objects.filter(pk=page.pk)._raw_delete("default")
    BasePage.objects.filter(pk=page.pk).update(content_type=gone)
    page.latest_revision.__class__.objects.filter(object_id=str(page.pk)).update(content_type=gone)
    yield BasePage.objects.get(pk=page.pk)
    orphans._known.clear()


@pytest.fixture
def staff(house):
    client = Client()
    client.force_login(
        make_user(is_superuser=True, is_active=True), backend="portal.accounts.backends.LoginHandleBackend"
    )
    return client


def test_orphan_is_absent_for_readers_lists_api_and_search(orphan, house, client):
    from portal.pages.domain.searchable import search_documents

    address = reverse("pages:page", args=[orphan.short_code, orphan.slug])

    assert client.get(address).status_code == 404
    assert "调查问卷" not in client.get(house.column.get_url()).content.decode()
    assert client.get(f"/api/v1/pages/{orphan.uid}").status_code == 404
    assert client.get("/api/v1/pages?q=调查问卷").json()["total"] == 0
    assert list(search_documents([str(orphan.uid)])) == []
    assert str(orphan.uid) not in [document.uid for document in search_documents(None)]


def test_orphan_is_shown_to_staff_in_the_list_of_pages(orphan, house, staff):
    page = staff.get(reverse("wagtailadmin_explore", args=[house.column.pk]))

    assert page.status_code == 200
    assert "调查问卷" in page.content.decode()


def test_orphan_can_be_read_by_staff_in_place_of_editing(orphan, staff):
    page = staff.get(reverse("wagtailadmin_pages:edit", args=[orphan.pk]))

    assert page.status_code == 200
    text = page.content.decode()
    assert "调查问卷" in text
    assert "surveys" in text


@pytest.mark.parametrize(
    "name", ["history", "usage", "move", "copy", "unpublish", "add_subpage", "view_draft", "preview_on_edit"]
)
def test_other_views_of_an_orphan_lead_to_what_can_be_read(orphan, staff, name):
    page = staff.get(reverse(f"wagtailadmin_pages:{name}", args=[orphan.pk]))

    assert page.status_code == 200
    assert "surveys" in page.content.decode()
    assert staff.post(reverse(f"wagtailadmin_pages:{name}", args=[orphan.pk])).status_code == 403


def test_page_below_a_foreign_organisations_is_no_more_open_when_it_is_an_orphan(orphan, house):
    client = Client()
    client.force_login(
        make_staff(Role.EDITOR, make_branch(house.committee, "别的支部")),
        backend="portal.accounts.backends.LoginHandleBackend",
    )

    assert client.get(reverse("wagtailadmin_pages:edit", args=[orphan.pk])).status_code == 404


def test_orphan_can_be_deleted_by_staff_with_what_lies_around_it_untouched(orphan, house, staff):
    neighbour = make_article(house.column, "旁边的文章")

    asked = staff.get(reverse("wagtailadmin_pages:delete", args=[orphan.pk]))
    done = staff.post(reverse("wagtailadmin_pages:delete", args=[orphan.pk]))

    assert asked.status_code == 200
    assert done.status_code == 302
    assert not BasePage.objects.filter(pk=orphan.pk).exists()
    assert ArticlePage.objects.filter(pk=neighbour.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM surveys_surveypage), (SELECT count(*) FROM surveys_answer)")
        assert cursor.fetchone() == (0, 0)
    assert HomePage.objects.filter(pk=house.site.pk).exists()
