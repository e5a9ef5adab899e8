"""Loading the demo site: what is there afterwards, and that it happens once."""

import stat
import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db.models import Count

from plugins.bundled.disclosure.domain.queries import items_of_sheet
from plugins.bundled.disclosure.models import SheetPage
from portal.accounts.models import User
from portal.basepage.models import BasePage
from portal.demo.loading import logins
from portal.demo.loading.members import COMMITTEE_FROM
from portal.demo.loading.run import NotEmpty, load_demo
from portal.demo.loading.steps import STEPS, Step
from portal.demo.models import DemoStep
from portal.experiences.models import CasePage
from portal.ground.models import Job
from portal.ground.suppliers import ANONYMOUS
from portal.microlessons.models import MicroLessonPage
from portal.news.models import ArticlePage
from portal.notices.domain import tasks_of
from portal.notices.models import Message
from portal.organisations.domain.tree import found_organisation
from portal.organisations.models import Member, Organisation, Post, RoleGrant, Term
from portal.pages.models import BranchPage, ColumnPage, HomePage
from portal.regulations.models import Regulation, RegulationVersion
from portal.school.models import CoursePage, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def _load(*subjects):
    return load_demo(str, [step for step in STEPS if step.subject in subjects])


def test_organisations_and_members_have_the_wanted_numbers():
    _load("organisations", "members")

    kinds = dict(Organisation.objects.order_by().values_list("kind").annotate(Count("pk")))
    sizes = dict(Member.objects.order_by().values_list("organisation").annotate(Count("pk")))
    assert kinds == {"committee": 1, "general_branch": 18, "branch": 121}
    assert sum(sizes.values()) == 1581
    assert (len(sizes), min(sizes.values()), max(sizes.values())) == (121, 3, 50)
    assert Organisation.objects.values("name").distinct().count() == 140
    assert Member.objects.values("name").distinct().count() == 1581
    assert 30 <= Member.objects.filter(stage=Member.Stage.PROBATIONARY).count() <= 80


def test_posts_each_organisation_has_one_secretary_and_large_branches_a_committee():
    _load("organisations", "members")

    secretaries = Post.objects.filter(kind=Post.Kind.SECRETARY)
    large = (
        Organisation.objects.filter(kind="branch").annotate(size=Count("members")).filter(size__gte=COMMITTEE_FROM + 4)
    )
    without = [o.name for o in large if not o.posts.filter(kind=Post.Kind.DISCIPLINE_COMMISSIONER).exists()]
    assert secretaries.values("organisation").distinct().count() == secretaries.count() == 140
    assert large.count() > 50
    assert without == []
    assert not Post.objects.exclude(member__stage=Member.Stage.FULL).exists()


@pytest.mark.slow
def test_people_are_the_same_in_two_installations():
    _load("organisations", "members")
    first = list(Member.objects.order_by("pk").values_list("name", "organisation__code"))
    Post.objects.all().delete()
    Term.objects.all().delete()
    Member.objects.all().delete()
    DemoStep.objects.filter(subject="members").delete()

    _load("members")

    assert list(Member.objects.order_by("pk").values_list("name", "organisation__code")) == first


@pytest.mark.slow
def test_logins_have_all_roles_and_the_file_is_private(folder):
    _load("organisations", "members", "logins")

    path = folder / logins.FILE_NAME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if "LC0" in line]
    assert len(rows) == User.objects.count() == 15
    assert len({row[1] for row in rows}) == 15
    assert all(User.objects.get(username=row[0]).check_password(row[1]) for row in rows)
    assert all(Member.objects.filter(user__username=row[0]).exists() for row in rows)
    roles = set(RoleGrant.objects.values_list("role", flat=True))
    assert roles == {"admin", "editor", "reviewer", "system_admin", "security_admin", "auditor", "secretary"}
    assert not User.objects.filter(is_superuser=True).exists()
    for grant in RoleGrant.objects.filter(role="secretary"):
        assert Post.objects.filter(member__user=grant.user, kind="secretary", organisation=grant.organisation).exists()


def test_broken_step_leaves_nothing_and_the_next_run_goes_on():
    calls = []

    def break_once(context):
        calls.append(1)
        found_organisation(code="X1", name="临时", kind="committee", parent=None)
        if len(calls) == 1:
            raise RuntimeError("power cut")
        return "好了"

    steps = [STEPS[0], Step("flaky", "试验", break_once)]
    with pytest.raises(RuntimeError, match="power cut"):
        load_demo(str, steps)
    assert not Organisation.objects.filter(code="X1").exists()

    assert load_demo(str, steps) == ["flaky"]
    assert Organisation.objects.filter(code="X1").exists()


def test_installation_in_use_is_left_alone():
    found_organisation(code="REAL", name="真实的党委", kind="committee", parent=None)

    with pytest.raises(NotEmpty):
        load_demo(str)
    with pytest.raises(CommandError, match="已经有内容"):
        call_command("load_demo")
    call_command("load_demo", if_empty=True)

    assert Organisation.objects.count() == 1
    assert not DemoStep.objects.exists()


@pytest.mark.slow
def test_whole_demo_is_loaded_once_and_a_second_run_changes_nothing(folder):
    begun = time.process_time()

    loaded = load_demo(str)

    assert time.process_time() - begun < 40  # about 15 on a quiet machine
    assert loaded == [step.subject for step in STEPS]
    columns = ColumnPage.objects.filter(show_in_menus=True)
    assert [column.get_children().live().type(ArticlePage).count() for column in columns] == [5] * 6
    assert items_of_sheet(SheetPage.objects.live().get(), AnonymousUser())
    assert ArticlePage.objects.live().count() == 30 + 8  # in the columns, and on the sites of branches
    assert BranchPage.objects.live().count() == 140
    assert CoursePage.objects.live().count() == 2
    assert Unit.objects.filter(kind=Unit.Kind.VIDEO).count() == 8
    assert MicroLessonPage.objects.live().filter(video__isnull=False).exclude(script="").count() == 3
    assert CasePage.objects.live().count() == 6
    assert all(len(case.parts) == 4 for case in CasePage.objects.all())
    versions = dict(Regulation.objects.order_by().values_list("title").annotate(Count("versions")))
    assert sorted(versions.values()) == [1, 1, 1, 1, 1, 1, 2, 2]
    assert not RegulationVersion.objects.exclude(effective_origin="stated").exists()
    assert not RegulationVersion.objects.exclude(doubts=[]).exists()
    assert HomePage.objects.get().lead.title == "六号线北延段热滑一次成功"
    seen = ArticlePage.objects.filter(pk__in=BasePage.objects.visible_to(ANONYMOUS).values("pk")).count()
    assert seen == 36  # of the others, one is for members and one for its unit
    assert Job.objects.filter(kind="demo.make_film", state=Job.State.QUEUED).count() == 11

    def counts():
        return [model.objects.count() for model in (BasePage, User, Member, Job, RoleGrant)], (
            folder / "logins.txt"
        ).read_bytes()

    before = counts()
    assert load_demo(str) == []
    assert counts() == before


def test_notices_and_tasks_wait_for_the_people_with_a_login():
    _load("organisations", "members", "logins", "notices")

    assert Message.objects.filter(sender__username="admin").get().organisation == Organisation.objects.get(depth=1)
    asked = {name: tasks_of(User.objects.get(username=name)).count() for name in ("member1", "secretary2", "auditor")}
    assert asked == {"member1": 1, "secretary2": 2, "auditor": 0}
