"""What leaves the site: a fixed sentence, at a time the person wants, to those who may still have it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core import mail

from portal.config.settings.channels import channel_classes, mail_settings
from portal.ground.jobs import run_due_jobs
from portal.ground.models import Job, OutboxEntry
from portal.notices.channels import Undeliverable, channel_named
from portal.notices.channels.file import FileChannel
from portal.notices.domain import Holders, MembersOf, notify
from portal.notices.domain.notices import TOLD, deliver
from portal.notices.domain.posting import MAX_ATTEMPTS, send_again, send_due
from portal.notices.domain.preferences import choose, due_at, preferences_of
from portal.notices.kinds import kind_named
from portal.notices.models import Notice, Posting, Preferences
from portal.organisations.models import RoleGrant
from tests.factories import make_branch, make_member, make_staff, make_user
from tests.factories.counting import queries_of

pytestmark = pytest.mark.django_db
GENERAL = "notices.general"
NO_QUIET = {"quiet_from": dt.time(0), "quiet_to": dt.time(0)}
SHANGHAI_MORNING = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)  # 09:00


def wants_mail(user, kind=GENERAL, channel="email", **settings):
    choose(user, [(kind, channel)], {**NO_QUIET, **settings})
    return user


def make_reader(**settings):
    return wants_mail(make_user(email="reader@example.org"), **settings)


def work() -> None:
    for _ in range(4):
        run_due_jobs()


def states() -> list[tuple[str, str]]:
    return list(Posting.objects.order_by("pk").values_list("state", "last_error"))


class Broken(FileChannel):
    """A gateway that is down."""

    error: Exception = ConnectionError("gateway is down")

    def send(self, address, outgoing):
        raise self.error


class Refusing(Broken):
    """A gateway that knows no such number."""

    error = Undeliverable("no such number")


def test_mail_holds_the_kinds_sentence_and_a_link_and_nothing_of_the_matter(settings):
    settings.BASE_URL = "https://portal.example.org/"
    user = make_reader()
    notify("secret:1", user, GENERAL, "林晓同志被立案审查", "/secret-path/", text="详细情况如下", sender=make_user())
    work()

    (sent,) = mail.outbox
    notice = Notice.objects.get()
    link = f"https://portal.example.org/notices/{notice.uid}/"
    assert (sent.to, sent.subject) == (["reader@example.org"], "领航 · 通知")
    assert sent.body == f"{kind_named(GENERAL).outside}\n\n{link}\n"


def test_mail_in_english_for_who_wants_it():
    notify("a", make_reader(language="en"), GENERAL, "标题")
    work()

    assert kind_named(GENERAL).outside_en in mail.outbox[0].body
    assert "/en/notices/" in mail.outbox[0].body


def test_nothing_leaves_the_site_until_a_person_chooses():
    notify("a", make_user(email="reader@example.org"), GENERAL, "标题")
    work()

    assert (mail.outbox, Posting.objects.count(), Notice.objects.count()) == ([], 0, 1)


def test_repeated_delivery_sends_once():
    user = make_reader()
    for _ in range(2):
        notify("a", user, GENERAL, "标题")
        work()

    assert len(mail.outbox) == 1


def told_and_then(change):
    """A reviewer is told at night, then something changes before the morning."""
    branch = make_branch()
    user = wants_mail(make_staff("reviewer", branch, email="r@example.org"), quiet_to=dt.time(10))
    notify("a", Holders("pages.review", branch), GENERAL, "标题")
    work()
    assert states() == [("waiting", "")]
    change(user)
    Posting.objects.update(due_at=SHANGHAI_MORNING)
    send_due()


def test_suspended_person_is_sent_nothing(clock):
    told_and_then(lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False))

    assert (mail.outbox, states()) == ([], [("skipped", "the account is suspended")])


def test_person_whose_right_was_withdrawn_is_sent_nothing(clock):
    told_and_then(lambda user: RoleGrant.objects.filter(user=user).delete())

    assert (mail.outbox, states()) == ([], [("skipped", "the right or membership it was told for has ended")])


def test_notice_read_meanwhile_is_not_sent(clock):
    told_and_then(lambda user: user.notices.update(read_at=SHANGHAI_MORNING))

    assert (mail.outbox, states()) == ([], [("skipped", "read on the site already")])


def test_channel_given_up_meanwhile_is_not_used(clock):
    told_and_then(lambda user: choose(user, [], NO_QUIET))

    assert (mail.outbox, states()) == ([], [("skipped", "the person wants it no more")])


def test_nothing_changed_and_it_is_sent(clock):
    told_and_then(lambda user: None)

    assert ([one.to for one in mail.outbox], states()) == ([["r@example.org"]], [("sent", "")])


def test_member_who_moved_away_is_sent_nothing(clock):
    branch = make_branch()
    member = make_member(branch)
    wants_mail(member.user, quiet_to=dt.time(10))
    notify("a", MembersOf(branch), GENERAL, "标题")
    work()
    member.organisation = make_branch()
    member.save()
    Posting.objects.update(due_at=SHANGHAI_MORNING)

    assert (send_due(), states()[0][0]) == (0, "skipped")


@pytest.mark.parametrize(
    ("local", "quiet", "expected"),
    [
        ("09:00", ("22:00", "07:00"), "09:00"),
        ("23:30", ("22:00", "07:00"), "07:00 +1"),
        ("03:00", ("22:00", "07:00"), "07:00"),
        ("22:00", ("22:00", "07:00"), "07:00 +1"),
        ("07:00", ("22:00", "07:00"), "07:00"),
        ("13:00", ("12:00", "14:00"), "14:00"),
        ("03:00", ("00:00", "00:00"), "03:00"),
    ],
)
def test_quiet_hours_of_shanghai_put_it_off_to_their_end(local, quiet, expected):
    zone = dt.timezone(dt.timedelta(hours=8))
    moment = dt.datetime.combine(dt.date(2026, 11, 20), dt.time.fromisoformat(local), zone)
    start, end = (dt.time.fromisoformat(text) for text in quiet)
    time, _plus, days = expected.partition(" +")

    found = due_at(moment, Preferences(quiet_from=start, quiet_to=end))

    day = dt.date(2026, 11, 20 + int(days or 0))
    assert found == dt.datetime.combine(day, dt.time.fromisoformat(time), zone)


def test_digest_is_one_message_a_day_for_all(clock, settings):
    user, other = make_reader(digest=True, digest_at=dt.time(18)), make_reader()
    for number in range(3):
        notify(f"a:{number}", [user, other], GENERAL, f"标题{number}")
        work()
    at_once = len(mail.outbox)
    clock.wait(10 * 3600)
    work()
    send_due()

    digest = mail.outbox[-1]
    assert (at_once, len(mail.outbox)) == (3, 4)
    assert "您有 3 条新通知，请登录门户查看。" in digest.body
    assert digest.body.endswith("/notices/\n")


def test_failing_channel_is_tried_again_then_parked_with_the_reason_and_can_be_sent_again(clock, settings):
    settings.NOTICE_CHANNELS = {"sms": f"{__name__}.Broken"}
    user = make_user()
    wants_mail(user, channel="sms")
    notify("a", user, GENERAL, "标题")
    work()
    first = Posting.objects.get()
    assert (first.state, first.attempts, first.last_error) == ("waiting", 1, "sms: ConnectionError: gateway is down")
    assert first.due_at > clock.moment

    for _ in range(MAX_ATTEMPTS):
        clock.wait(3600)
        send_due()

    parked = Posting.objects.get()
    assert (parked.state, parked.attempts) == ("parked", MAX_ATTEMPTS)
    settings.NOTICE_CHANNELS = {"sms": "portal.notices.channels.file.FileChannel"}
    assert (send_again(parked), send_due(), send_again(parked)) == (True, 1, False)


def test_address_that_cannot_be_reached_is_parked_at_once(settings):
    settings.NOTICE_CHANNELS = {"sms": f"{__name__}.Refusing"}
    notify("a", wants_mail(make_user(), channel="sms"), GENERAL, "标题")
    work()

    assert states() == [("parked", "no such number")]


def test_one_failing_person_does_not_stop_the_others():
    bad = wants_mail(make_user(email="no address at all"))
    none, good = wants_mail(make_user()), make_reader()
    notify("a", [bad, none, good], GENERAL, "标题")
    work()

    assert [state for state, _ in states()] == ["parked", "skipped", "sent"]
    assert [one.to for one in mail.outbox] == [["reader@example.org"]]


def test_file_channel_writes_a_line_with_the_sentence(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.NOTICE_CHANNELS = channel_classes(["sms"])
    user = make_user("zhao")
    notify("a", wants_mail(user, channel="sms"), GENERAL, "机密标题")
    work()

    (line,) = (tmp_path / "channels" / "sms.jsonl").read_text(encoding="utf-8").splitlines()
    sent = json.loads(line)
    assert (sent["to"], sent["text"]) == ("zhao", kind_named(GENERAL).outside)
    assert "机密" not in line


def test_delivering_takes_the_same_number_of_queries_for_one_and_three(clock):
    counts = []
    for size in (1, 3):
        users = [make_reader(digest=False) for _ in range(size)]
        notify(f"n:{size}", users, GENERAL, "标题")
        told = OutboxEntry.objects.filter(name=TOLD).last()
        Job.objects.all().delete()
        counts.append(len(queries_of(lambda entry=told: deliver([entry]))))

    assert counts[0] == counts[1]
    assert Posting.objects.count() == 4


@pytest.mark.parametrize("url", ["http://mail", "smtp://", "mail.example.org"])
def test_wrong_mail_address_stops_the_start(url):
    with pytest.raises(Exception, match="EMAIL_URL must be"):
        mail_settings(url, "x")


def test_mail_address_gives_djangos_settings():
    found = mail_settings("smtp+tls://u%40x:p%3Aw@mail.example.org", "x")

    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u@x", "p:w")


def test_own_adapter_is_named_in_the_setting(settings):
    settings.NOTICE_CHANNELS = channel_classes(["email", f"sms={__name__}.Broken"])

    assert type(channel_named("sms")) is Broken
    with pytest.raises(Exception, match="'pigeon' is none of"):
        channel_classes(["pigeon"])


def test_choosing_replaces_the_table():
    user = make_reader()
    wants_mail(user, kind="notices.task", digest=True)

    wanted = {(c.kind, c.channel) for c in user.channel_choices.filter(wanted=True)}
    assert wanted == {("notices.task", "email")}
    assert preferences_of(user).digest is True
