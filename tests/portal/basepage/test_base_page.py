"""The base page: identity, inheritance from the parent, events, rights by owner organisation."""

import pytest
from wagtail.actions.move_page import MovePageAction
from wagtail.models import Locale
from wagtail.permissions import policy_registry

from portal.basepage.models import BasePage
from portal.ground.generation import current_generation
from portal.ground.models import OutboxEntry
from portal.organisations.domain.audiences import members_audience
from portal.pages.models import StandardPage
from tests.factories import make_branch, make_committee, make_staff, make_user, site_root

pytestmark = pytest.mark.django_db


def add_page(title: str = "学习动态", parent: BasePage | None = None, **fields: object) -> BasePage:
    return (parent or site_root()).add_child(instance=BasePage(title=title, **fields))


def changed_uids() -> list[str]:
    return [entry.payload["uid"] for entry in OutboxEntry.objects.filter(name="content.changed").order_by("pk")]


def test_page_gets_pinyin_slug_and_short_code():
    page = add_page("重庆：银行的音乐会计")

    assert page.slug == "chong-qing-yin-hang-de-yin-yue-kuai-ji"
    assert len(page.short_code) == 8


def test_page_same_title_twice_gets_another_slug():
    assert [add_page("通知").slug, add_page("通知").slug] == ["tong-zhi", "tong-zhi-2"]


def test_page_title_of_punctuation_still_has_an_address():
    assert add_page("〈〉《》——").slug == "page"


def test_page_takes_owner_and_audience_from_its_parent():
    branch, audience = make_branch(), members_audience()
    parent = add_page("支部主页", owner_organisation=branch, audience=audience, secrecy=1)

    child = add_page("活动", parent)

    assert (child.owner_organisation, child.audience, child.secrecy) == (branch, audience, 1)


@pytest.mark.parametrize("operation", ["save", "publish", "unpublish", "move", "delete"])
def test_page_every_operation_tells_search_and_raises_the_generation(operation):
    page, target = add_page("甲"), add_page("乙")
    OutboxEntry.objects.all().delete()
    before, uid = current_generation(), str(page.uid)

    if operation == "save":
        page.save()
    elif operation == "publish":
        page.save_revision().publish()
    elif operation == "unpublish":
        page.unpublish()
    elif operation == "move":
        page.move(BasePage.objects.get(pk=target.pk), pos="last-child")
    else:
        page.delete()

    assert uid in changed_uids()
    assert current_generation() > before


def test_page_that_is_moved_tells_search_of_the_pages_below_it_whoever_moves_it():
    page, target = add_page("甲"), add_page("乙")
    below = page.add_child(instance=BasePage(title="丙"))
    OutboxEntry.objects.all().delete()

    MovePageAction(BasePage.objects.get(pk=page.pk), target, pos="last-child").execute()

    assert {str(page.uid), str(below.uid)} <= set(changed_uids())


def test_page_copy_has_an_identity_of_its_own():
    page = add_page("原件")

    copy = page.copy(update_attrs={"slug": "copy"})

    assert copy.uid != page.uid
    assert copy.short_code != page.short_code


def test_page_has_the_locale_of_the_site():
    assert add_page().locale == Locale.objects.get(language_code="zh-hans")


def test_policy_editor_may_change_only_pages_of_the_own_subtree():
    committee = make_committee()
    own, other = make_branch(committee), make_branch(committee)
    editor = make_staff("editor", own)
    mine, theirs = add_page("本支部稿件", owner_organisation=own), add_page("外支部稿件", owner_organisation=other)
    policy = policy_registry.get_by_type(BasePage)

    editable = policy.instances_user_has_permission_for(editor, "change")

    assert list(editable) == [mine]
    assert (mine.permissions_for_user(editor).can_edit(), theirs.permissions_for_user(editor).can_edit()) == (
        True,
        False,
    )
    assert mine.permissions_for_user(editor).can_publish() is False


def test_policy_finds_the_people_who_may_publish_a_page():
    committee = make_committee()
    own = make_branch(committee)
    chief = make_staff("admin", committee)
    make_staff("admin", make_branch(committee))
    page = add_page(owner_organisation=own)

    people = policy_registry.get_by_type(BasePage).users_with_permission_for_instance(
        "publish", page, include_superusers=False
    )

    assert list(people) == [chief]


def test_policy_explorable_pages_take_a_fixed_number_of_queries(django_assert_num_queries):
    committee = make_committee()
    editor = make_staff("editor", committee)
    page = add_page(owner_organisation=make_branch(committee))
    policy = policy_registry.get_by_type(BasePage)

    with django_assert_num_queries(4):
        assert page in set(policy.explorable_instances(editor))


def test_form_without_slug_is_valid_and_the_save_takes_a_free_one():
    parent = add_page("栏目")
    add_page("夜班的灯", parent)
    form_class = StandardPage.get_edit_handler().get_form_class()
    data = {"title": "夜班的灯", "slug": "", "display_date": "2026-11-21", "secrecy": "0", "body-count": "0"}
    form = form_class(
        data, instance=StandardPage(), parent_page=BasePage.objects.get(pk=parent.pk), for_user=make_user()
    )

    assert "slug" not in form.errors
    page = BasePage.objects.get(pk=parent.pk).add_child(instance=StandardPage(title="夜班的灯", slug="", live=False))
    assert page.slug == "ye-ban-de-deng-2"


@pytest.mark.parametrize("way", ["save", "revision"])
def test_page_emptied_by_a_stale_form_gets_owner_audience_and_level_back(way):
    branch, audience = make_branch(), members_audience()
    parent = add_page("支部主页", owner_organisation=branch, audience=audience, secrecy=1)
    page = add_page("活动", parent, live=False)
    page.owner_organisation, page.audience, page.secrecy = None, None, 0

    if way == "save":
        page.save()
    else:
        page.save_revision().publish()

    page.refresh_from_db()
    assert (page.owner_organisation, page.audience, page.secrecy) == (branch, audience, 1)
