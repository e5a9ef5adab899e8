"""What a validator refuses was never live: not for the moment between saving and asking, not when its time comes, not as a copy."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models.signals import post_save
from django.test import Client
from django.urls import reverse
from wagtail.models import Revision
from wagtail.test.utils.form_data import nested_form_data, streamfield

from plugins.host import state
from plugins.sdk import Plugin, Refusal, Validator
from portal.ground.clock import now
from portal.ground.jobs import run_due_jobs
from portal.news.models import ArticlePage
from portal.notices.models import Message, Notice
from portal.pages.domain.plans import follow_plans
from portal.pages.models import ColumnPage
from tests.factories import make_branch, make_committee, make_staff, make_user
from tests.factories.pages import make_column, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NO_ROWS = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0}


def _house():
    class House:
        committee = make_committee()
        branch = make_branch(committee, "检修一班党支部")
        column = ColumnPage.objects.get(pk=make_column(make_site(committee), "要闻", owner_organisation=branch).pk)

    return House


@pytest.fixture
def house():
    return _house()


@pytest.fixture
def written():
    """Whether an article was live, for each time one was written to the database."""
    seen = []

    def note(instance, **_more):
        seen.append(instance.live)

    post_save.connect(note, sender=ArticlePage, weak=False)
    yield seen
    post_save.disconnect(note, sender=ArticlePage)


def _refusing(check):
    return type("Strict", (Plugin,), {"validators": (Validator("page.publish", check),)})


def _no(_context):
    raise Refusal("不能发布")


def _article(house, **fields):
    page = house.column.add_child(instance=ArticlePage(title="一篇文章", live=False, **fields))
    page.save_revision()
    return page


def _form(**fields):
    return nested_form_data(
        {
            "title": "一篇文章",
            "slug": "",
            "summary": "",
            "display_date": "2026-11-01",
            "secrecy": "0",
            "source": "",
            "body": streamfield([]),
            **dict.fromkeys(("comments", "gallery", "attachments"), NO_ROWS),
            **fields,
        }
    )


def _add(house, **fields):
    client = Client()
    client.force_login(make_staff("admin", house.committee))
    address = reverse("wagtailadmin_pages:add", args=["news", "articlepage", house.column.pk])
    return client.post(address, {**_form(**fields), "action-publish": "1"})


def test_new_page_is_a_draft_until_the_last_question_is_answered(house, written, add_plugin):
    asked = []

    def only_saved(context):  # as one that looks at rows of the page: it has nothing to say before there are any
        asked.append(context.subject.pk)
        if context.subject.pk:
            raise Refusal("不能发布")

    add_plugin(_refusing(only_saved))

    answer = _add(house)

    page = ArticlePage.objects.get()
    assert len(asked) >= 2
    assert page.pk in asked
    assert answer.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert written
    assert True not in written
    assert (page.live, page.first_published_at, page.live_revision) == (False, None, None)


def test_new_page_to_which_nobody_objects_is_live_at_once(house, written, add_plugin):
    add_plugin(_refusing(lambda context: None))

    _add(house)

    page = ArticlePage.objects.get()
    assert written[0] is False
    assert page.live
    assert page.first_published_at is not None
    assert page.has_unpublished_changes is False


def test_page_refused_for_a_later_time_stays_a_draft_when_that_comes(house, written, add_plugin):
    page = _article(house)
    page.go_live_at = now() + dt.timedelta(hours=1)
    revision = page.save_revision()
    add_plugin(_refusing(_no))

    with pytest.raises(Refusal):
        revision.publish()
    planned = Revision.objects.filter(approved_go_live_at__isnull=False).count()
    follow_plans()

    page.refresh_from_db()
    assert planned == 0
    assert page.live is False
    assert True not in written


def _planned(house, editor):
    """An article that waits for its time, which has come."""
    page = _article(house)
    page.go_live_at = now() + dt.timedelta(hours=1)
    page.save_revision(user=editor).publish(user=editor)
    revision = Revision.objects.get(object_id=str(page.pk), approved_go_live_at__isnull=False)
    revision.approved_go_live_at = now() - dt.timedelta(minutes=1)
    revision.content["go_live_at"] = revision.approved_go_live_at.isoformat()
    revision.save(update_fields=["approved_go_live_at", "content"])
    return page


def _told(user):
    run_due_jobs()
    return list(Notice.objects.filter(user=user).values_list("title", "message__text"))


def test_planned_page_is_asked_about_again_at_its_time_and_who_planned_it_is_told_once(house, written, add_plugin):
    editor = make_staff("admin", house.committee)
    refused, other = _planned(house, editor), _planned(house, editor)
    asked = []

    def check(context):
        asked.append((context.subject.pk, context.user))
        if context.subject.pk == refused.pk:
            raise Refusal("还缺一项")

    add_plugin(_refusing(check))

    done = [follow_plans(), follow_plans()]

    refused.refresh_from_db()
    other.refresh_from_db()
    assert done == [(0, 1), (0, 0)]
    assert asked == [(refused.pk, None), (other.pk, None)]
    assert (refused.live, other.live) == (False, True)
    assert not Revision.objects.exclude(approved_go_live_at=None).exists()
    ((title, text),) = _told(editor)
    assert title == "《一篇文章》到了计划的时间没有发布"
    assert text.startswith("还缺一项")


def test_plan_waits_while_the_validator_cannot_be_asked_and_nothing_else_waits_for_it(house, add_plugin):
    broken, sound = _planned(house, None), _planned(house, None)

    def check(context):
        if context.subject.pk == broken.pk:
            raise RuntimeError("broken")

    strict = type("Strict", (Plugin,), {"validators": (Validator("page.publish", check, when_broken="refuse"),)})
    add_plugin(strict)
    first = follow_plans()
    state.switch("trial", enabled=False, site_id=state.default_site_id())

    second = follow_plans()

    assert (first, second) == ((0, 1), (0, 1))
    assert sorted(ArticlePage.objects.live().values_list("pk", flat=True)) == sorted([broken.pk, sound.pk])
    assert not Message.objects.exists()


def test_page_whose_taking_down_is_refused_stays_live_and_who_planned_it_is_told_once(house, add_plugin):
    editor = make_staff("admin", house.committee)
    page = _article(house)
    page.get_latest_revision().publish(user=editor)
    ArticlePage.objects.filter(pk=page.pk).update(expire_at=now() - dt.timedelta(minutes=1))
    add_plugin(type("Strict", (Plugin,), {"validators": (Validator("page.unpublish", _no),)}))

    refused = [follow_plans(), follow_plans()]
    live = ArticlePage.objects.get(pk=page.pk).live
    told = _told(editor)
    state.switch("trial", enabled=False, site_id=state.default_site_id())

    assert refused == [(0, 0), (0, 0)]
    assert live is True
    assert [title for title, _text in told] == ["《一篇文章》到了计划的时间没有撤下"]
    assert follow_plans() == (1, 0)
    assert ArticlePage.objects.get(pk=page.pk).live is False


def test_planned_page_that_cannot_be_read_keeps_no_other_from_its_time(house, monkeypatch):
    torn, sound = _planned(house, None), _planned(house, None)
    as_object = Revision.as_object

    def read(revision):
        if revision.object_id == str(torn.pk):
            raise ValueError("torn")
        return as_object(revision)

    monkeypatch.setattr(Revision, "as_object", read)

    with pytest.raises(ExceptionGroup, match="planned pages that failed"):
        follow_plans()

    assert list(ArticlePage.objects.live()) == [sound]


def test_live_pages_that_are_moved_are_asked_about_where_they_would_lie_and_are_moved_whole_or_not(house, add_plugin):
    other = house.column.get_parent().add_child(instance=ColumnPage(title="另一栏", live=True))
    moved = house.column.add_child(instance=ColumnPage(title="小栏", live=True))
    live = moved.add_child(instance=ArticlePage(title="已发布"))
    moved.add_child(instance=ArticlePage(title="草稿", live=False))
    asked = []

    def check(context):
        asked.append((context.subject.title, context.subject.get_ancestors().filter(pk=other.pk).exists()))
        if context.subject.pk == live.pk:
            raise Refusal("这一栏要写明期间")

    add_plugin(_refusing(check))
    client = Client()
    client.force_login(make_staff("admin", house.committee))
    address = reverse("wagtailadmin_pages:move_confirm", args=[moved.pk, other.pk])

    answer = client.post(address, headers={"Referer": f"http://testserver{address}"})

    assert asked == [("小栏", True), ("已发布", True)]
    assert answer.url.endswith(address)
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["这一栏要写明期间"]
    assert ColumnPage.objects.get(pk=moved.pk).get_parent().pk == house.column.pk
    assert ArticlePage.objects.get(pk=live.pk).get_parent().pk == moved.pk


def test_order_within_a_column_is_changed_without_asking(house, add_plugin):
    first, second = (house.column.add_child(instance=ArticlePage(title=title)) for title in ("甲", "乙"))
    add_plugin(_refusing(_no))

    ArticlePage.objects.get(pk=second.pk).move(ArticlePage.objects.get(pk=first.pk), pos="left")

    assert [page.pk for page in house.column.get_children()] == [second.pk, first.pk]


def test_page_refused_at_its_approval_is_not_live_and_waits_for_the_reviewer_as_before(house, written, add_plugin):
    page = _article(house)
    page.get_workflow().start(page, make_user())
    reviewer = make_staff("reviewer", house.committee)
    step = page.current_workflow_task_state.specific
    add_plugin(_refusing(_no))
    client = Client()
    client.force_login(reviewer)

    client.post(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", step.pk]), {"comment": ""})

    page.refresh_from_db()
    step.refresh_from_db()
    assert True not in written
    assert page.live is False
    assert step.status == step.STATUS_IN_PROGRESS
    assert page.current_workflow_state.status == page.current_workflow_state.STATUS_IN_PROGRESS


def test_copy_that_would_be_live_and_an_alias_are_refused_whole(house, add_plugin):
    page = _article(house)
    page.get_latest_revision().publish()
    page.refresh_from_db()
    other = house.column.add_child(instance=ColumnPage(title="另一栏", live=True))
    add_plugin(
        _refusing(lambda context: _no(context) if context.subject.get_parent().pk == other.pk else None), "strict"
    )

    with pytest.raises(Refusal):
        page.copy(to=other, update_attrs={"slug": "copied"})
    with pytest.raises(Refusal):
        page.create_alias(parent=other, update_slug="alias")
    draft = page.copy(to=other, keep_live=False, update_attrs={"slug": "draft"})

    assert list(ArticlePage.objects.child_of(other)) == [draft]
    assert draft.live is False


@pytest.mark.cluster
@pytest.mark.django_db(transaction=True)
def test_refused_copy_is_at_no_moment_live_for_another_connection(add_plugin):
    house = _house()
    page = _article(house)
    page.get_latest_revision().publish()
    page.refresh_from_db()
    seen = []

    def look():
        try:
            return ArticlePage.objects.live().count()
        finally:
            connection.close()

    def check(context):
        with ThreadPoolExecutor(1) as elsewhere:
            seen.append(elsewhere.submit(look).result())
        raise Refusal("不能发布")

    add_plugin(_refusing(check))

    with pytest.raises(Refusal):
        page.copy(to=house.column, update_attrs={"slug": "copied"})

    assert (seen, look()) == ([1], 1)
