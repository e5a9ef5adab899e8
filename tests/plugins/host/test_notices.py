"""Kinds of notices that plugins declare: chosen, delivered, sent like the others, and silent while the plugin is off."""

import datetime as dt

import pytest
from django.core import mail
from django.db import transaction

from plugins.host import state
from plugins.sdk import NoticeType, Plugin
from portal.ground.jobs import run_due_jobs
from portal.notices.domain.posting import send_due
from portal.notices.domain.preferences import choices_of, choose, due_at, in_digest
from portal.notices.domain.reminders import remind_of_tasks
from portal.notices.kinds import declared_kinds, kind_named
from portal.notices.models import ChannelChoice, Notice, Posting, Preferences, Task
from portal.public.notices import HoldersOf, MembersNamed, MembersWithin, close_task, notify, open_task
from tests.factories import make_branch, make_committee, make_member, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
NO_QUIET = {"quiet_from": dt.time(0), "quiet_to": dt.time(0)}
NIGHT = dt.datetime(2026, 11, 19, 15, 0, tzinfo=dt.UTC)  # 23:00 in Shanghai
MORNING = dt.datetime(2026, 11, 19, 23, 0, tzinfo=dt.UTC)  # 07:00
DIGEST = dt.datetime(2026, 11, 20, 0, 0, tzinfo=dt.UTC)  # 08:00


class Telling(Plugin):
    notice_types = (
        NoticeType("due", "试验到期", "Trial due"),
        NoticeType("chat", "试验闲谈", "Trial chat", tier="quiet"),
        NoticeType("alarm", "试验急事", "Trial alarm", tier="urgent"),
    )


@pytest.fixture
def trial(add_plugin):
    return add_plugin(Telling)


def off():
    state.switch("trial", enabled=False, site_id=state.default_site_id())


def work():
    for _ in range(4):
        run_due_jobs()


def told(user):
    return list(Notice.objects.filter(user=user).values_list("kind", "title"))


def test_kinds_of_a_plugin_stand_in_the_settings_while_it_is_on(trial, client):
    user = make_user()
    client.force_login(user)

    page = client.get("/notices/settings/").content.decode()
    off()
    later = client.get("/notices/settings/").content.decode()

    assert all(label in page for label in ("试验到期", "试验闲谈", "试验急事"))
    assert "试验" not in later


def test_kinds_are_named_in_english_too(trial, client):
    client.force_login(make_user())

    assert "Trial due" in client.get("/en/notices/settings/").content.decode()


def test_plugin_tells_a_person_once_however_often_it_says_so(trial):
    user = make_user()

    for _ in range(3):
        assert notify("trial.due:1", user, "trial.due", "该考试了", "/p/trial/") is True
        work()

    assert told(user) == [("trial.due", "该考试了")]


def test_what_leaves_the_site_is_a_general_sentence(trial):
    user = make_user(email="a@example.org")
    choose(user, [("trial.due", "email")], NO_QUIET)

    notify("trial.due:1", user, "trial.due", "秘密标题", "/p/trial/", text="秘密正文")
    work()

    (message,) = mail.outbox
    assert "您有一条新通知" in message.body
    assert "秘密" not in message.subject + message.body


def test_normal_kind_stays_on_the_site_until_chosen_and_urgent_goes_out(trial):
    user = make_user(email="a@example.org")
    Preferences.objects.create(user=user, **NO_QUIET)

    notify("trial.due:1", user, "trial.due", "到期")
    work()
    before = len(mail.outbox)
    notify("trial.alarm:1", user, "trial.alarm", "急事")
    work()

    assert (before, len(mail.outbox)) == (0, 1)


def test_person_can_refuse_an_urgent_kind(trial):
    user = make_user(email="a@example.org")
    choose(user, [], NO_QUIET)

    notify("trial.alarm:1", user, "trial.alarm", "急事")
    work()

    assert (told(user), mail.outbox) == ([("trial.alarm", "急事")], [])


@pytest.mark.parametrize(
    ("tier", "digest", "together", "at"),
    [
        ("normal", False, False, MORNING),
        ("normal", True, True, DIGEST),
        ("quiet", False, True, DIGEST),
        ("urgent", True, False, MORNING),
    ],
)
def test_quiet_hours_hold_for_all_and_the_digest_by_tier(tier, digest, together, at):
    own = Preferences(digest=digest)

    assert (in_digest(own, tier), due_at(NIGHT, own, tier)) == (together, at)


def test_nothing_is_said_while_the_plugin_is_off(trial):
    user = make_user()
    off()

    assert notify("trial.due:1", user, "trial.due", "到期") is False
    assert open_task("trial:1", user, "trial.due", "做一做", "/p/trial/") is False
    work()

    assert (told(user), Task.objects.count()) == ([], 0)


def test_what_was_said_and_not_delivered_is_told_to_nobody_once_it_is_off(trial):
    user = make_user()
    with transaction.atomic():
        notify("trial.due:1", user, "trial.due", "到期")
    off()

    work()

    assert told(user) == []


def test_what_waits_for_its_channel_is_skipped_once_it_is_off(trial):
    user = make_user(email="a@example.org")
    notify("trial.alarm:1", user, "trial.alarm", "急事")
    Preferences.objects.create(user=user, digest=True)
    Posting.objects.all().delete()
    work()
    Posting.objects.update(state="waiting", due_at=MORNING)
    mail.outbox.clear()
    off()

    send_due()

    assert (mail.outbox, list(Posting.objects.values_list("state", "last_error"))) == (
        [],
        [("skipped", "its plugin is switched off")],
    )


def test_choices_are_kept_while_the_plugin_is_off(trial):
    user = make_user()
    choose(user, [("trial.due", "email")], NO_QUIET)
    off()
    choose(user, [], NO_QUIET)

    assert ChannelChoice.objects.get(user=user, kind="trial.due").wanted
    assert kind_named("trial.due").label == "试验到期"
    assert "trial.due" not in {kind.code for kind in declared_kinds()}


def test_notice_of_a_plugin_that_is_gone_is_still_readable(trial, client):
    from plugins.host import registry

    user = make_user()
    notify("trial.due:1", user, "trial.due", "到期")
    work()
    registry.remove_plugin("trial")
    client.force_login(user)

    answer = client.get("/notices/")

    assert answer.status_code == 200
    assert "到期" in answer.content.decode()


def test_recipients_by_right_by_organisation_and_by_member(trial):
    committee = make_committee()
    branch = make_branch(committee)
    reviewer = make_staff("reviewer", committee)
    member, other = make_member(branch), make_member(make_branch())

    notify("trial.a", HoldersOf("disclosure.check", branch.pk), "trial.due", "按权限")
    notify("trial.b", MembersWithin(committee.pk), "trial.due", "按组织")
    notify("trial.c", MembersNamed((member.uid,)), "trial.due", "按人")
    work()

    assert told(reviewer) == [("trial.due", "按权限")]
    assert {title for _kind, title in told(member.user)} == {"按组织", "按人"}
    assert told(other.user) == []


def test_task_is_open_until_it_is_closed_also_while_the_plugin_is_off(trial):
    user = make_user()
    open_task("trial:1", user, "trial.due", "做一做", "/p/trial/", dt.date(2026, 12, 1), announce=True)
    work()
    off()

    assert close_task("trial:1", by=user) is True
    assert close_task("trial:1") is False
    assert Task.objects.get().closed_by == user


@pytest.mark.parametrize(
    ("key", "kind", "url", "error"),
    [
        ("quizzes.x", "trial.due", "", ValueError),
        ("trial.x", "trial.unknown", "", LookupError),
        ("trial.x", "trial.due", "https://elsewhere.example/", ValueError),
        ("trial." + "x" * 200, "trial.due", "", ValueError),
    ],
)
def test_what_is_not_the_plugins_own_is_refused(trial, key, kind, url, error):
    with pytest.raises(error):
        notify(key, make_user(), kind, "标题", url)


def test_organisation_that_is_not_there_is_refused(trial):
    with pytest.raises(LookupError, match="no organisation 0"):
        notify("trial.x", MembersWithin(0), "trial.due", "标题")


def test_settings_ask_as_often_for_one_kind_as_for_three(add_plugin):
    user = make_user()
    add_plugin(type("One", (Plugin,), {"notice_types": Telling.notice_types[:1]}), slug="one")

    one = queries_of(lambda: choices_of(user))
    add_plugin(Telling)
    more = queries_of(lambda: choices_of(user))

    assert len(one) == len(more)


def test_declaration_of_another_kind_keeps_the_plugin_out(add_plugin):
    with pytest.raises(TypeError, match="notice_types must hold NoticeType, not str"):
        add_plugin(type("Garbage", (Plugin,), {"notice_types": ("due",)}))


def test_tasks_and_notices_of_a_plugin_that_is_off_are_hidden_until_it_is_on(trial, client):
    user = make_user()
    notify("trial.due:1", user, "trial.due", "该考试了", "/p/trial/")
    open_task("trial.due:2", user, "trial.due", "做完试卷", "/p/trial/2", due_on=dt.date(2026, 11, 20))
    work()
    client.force_login(user)

    def seen():
        pages = "".join(
            client.get(address).content.decode() for address in ("/notices/", "/notices/tasks/", "/workbench/")
        )
        return "该考试了" in pages, "做完试卷" in pages

    before = seen()
    off()
    hidden, reminded = seen(), remind_of_tasks(dt.date(2026, 11, 20))
    state.switch("trial", enabled=True, site_id=state.default_site_id())

    assert before == seen() == (True, True)
    assert hidden == (False, False)
    assert reminded == 0
    assert remind_of_tasks(dt.date(2026, 11, 20)) == 1
