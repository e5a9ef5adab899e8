"""The chooser of the video block offers what the editor may use, and nothing else."""

import pytest
from django.urls import reverse

from portal.files.models import Video
from portal.organisations.domain.audiences import members_audience, organisation_audience
from tests.factories import make_branch, make_committee, make_member, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch():
    return make_branch(make_committee())


@pytest.fixture
def editor(branch):
    return make_member(branch, user=make_staff("editor", branch)).user


@pytest.fixture
def videos(branch):
    other = make_branch(branch.get_parent(), name="外单位党支部")
    made = {
        "本支部的内部课": (branch, organisation_audience(branch), 0),
        "外单位的内部课": (other, organisation_audience(other), 0),
        "外单位给全体党员的课": (other, members_audience(), 0),
        "外单位的公开课": (other, None, 0),
        "外单位的高级别课": (other, None, 3),
    }
    return {
        title: Video.objects.create(title=title, owner_organisation=owner, audience=audience, secrecy=secrecy)
        for title, (owner, audience, secrecy) in made.items()
    }


def offered(client, videos, view):
    answer = client.get(reverse(f"page_video_chooser:{view}"))
    page = answer.json()["html"] if view == "choose" else answer.content.decode()
    return {title for title in videos if title in page}


@pytest.mark.parametrize("view", ["choose", "choose_results"])
def test_chooser_lists_own_subtree_and_visible_videos_only(view, client, editor, videos):
    client.force_login(editor)

    assert offered(client, videos, view) == {"本支部的内部课", "外单位给全体党员的课", "外单位的公开课"}


def test_chooser_lists_everything_for_a_superuser(client, videos, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root", password="x" * 20))

    assert offered(client, videos, "choose") == set(videos)


def test_choosing_a_video_that_is_not_offered_is_answered_as_absent(client, editor, videos):
    client.force_login(editor)

    def answer(pk):
        return client.get(reverse("page_video_chooser:chosen", args=[pk])).status_code

    assert answer(videos["本支部的内部课"].pk) == 200
    assert answer(videos["外单位的内部课"].pk) == answer(999_999) == answer("x") == 404


def test_choosing_several_leaves_out_what_is_not_offered(client, editor, videos):
    client.force_login(editor)
    asked = [videos["本支部的内部课"].pk, videos["外单位的内部课"].pk, "x"]

    answer = client.get(reverse("page_video_chooser:chosen_multiple"), {"id": asked})

    assert [chosen["title"] for chosen in answer.json()["result"]] == ["本支部的内部课"]
