"""Text messages go to the number of the member's file: deciphered by the worker, written down, with nothing in the text."""

import datetime as dt
import json

import pytest

from portal.ground.jobs import run_due_jobs
from portal.ground.models import OutboxEntry
from portal.members.domain import phones
from portal.members.domain.access import looks_at
from portal.members.models import AccessEntry
from portal.notices.channels import channel_named
from portal.notices.domain import notify
from portal.notices.domain.preferences import choose
from portal.notices.models import Posting
from portal.organisations.models import Member
from portal.shared.fields import UndecipherableValue
from tests.factories import make_branch, make_user
from tests.portal.members.makers import full_file

pytestmark = pytest.mark.django_db
NO_QUIET = {"quiet_from": dt.time(0), "quiet_to": dt.time(0)}
MOBILE = "13912345678"


@pytest.fixture(autouse=True)
def sms(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.NOTICE_CHANNELS = {"sms": "portal.notices.channels.file.FileChannel"}


def make_reader(phone=MOBILE, **values):
    member = full_file(make_branch(), phone=phone, **values)
    choose(member.user, [("notices.general", "sms")], NO_QUIET)
    return member


def tell(user, key="a"):
    notify(key, user, "notices.general", "民主生活会材料", "/notices/", text="密件全文")
    for _ in range(4):
        run_due_jobs()


def lines(tmp_path):
    file = tmp_path / "channels" / "sms.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_message_goes_to_the_number_of_the_file_with_nothing_in_the_text(tmp_path):
    member = make_reader(name="林晓")

    tell(member.user)

    (line,) = lines(tmp_path)
    assert (line["to"], line["text"]) == (MOBILE, "您有一条新通知，请登录门户查看。")
    assert not any(word in json.dumps(line, ensure_ascii=False) for word in ("林晓", "民主生活会", "密件"))


def test_use_of_the_number_is_written_down_once_a_day_where_the_member_sees_it(tmp_path):
    member = make_reader()

    tell(member.user, "a")
    tell(member.user, "b")

    assert len(lines(tmp_path)) == 2
    (entry,) = looks_at(member)
    assert (entry.name, entry.act, entry.fields, entry.reason) == (
        "本系统",
        "contacted",
        ["phone"],
        "按您的通知设置发送短信提示",
    )
    (line,) = OutboxEntry.objects.filter(name="audit.line", payload__action="members.contacted")
    assert line.payload["target_uid"] == str(member.uid)
    assert line.payload["detail"] == {"fields": ["phone"], "purpose": "notice"}
    assert MOBILE not in json.dumps([entry.payload for entry in OutboxEntry.objects.all()])


def test_page_of_settings_tells_that_a_number_is_known_without_deciphering_it(client, monkeypatch):
    member = make_reader()
    client.force_login(member.user)

    def never(user):
        raise AssertionError("deciphered for a page")

    monkeypatch.setattr("portal.notices.channels.base.Channel.address_of", never)

    page = client.get("/notices/settings/").content.decode()

    assert "短信" in page
    assert MOBILE not in page
    assert not AccessEntry.objects.filter(act="contacted").exists()


@pytest.mark.parametrize("phone", ["", "010-82345678"])
def test_person_without_a_mobile_number_has_none(phone):
    member = make_reader(phone)

    assert phones.number_for_text_message(member.user) == ""
    assert not AccessEntry.objects.filter(act="contacted").exists()


def test_who_has_left_or_has_no_file_is_not_reached():
    member = make_reader()
    Member.objects.filter(pk=member.pk).update(stage=Member.Stage.LEFT)

    assert phones.number_for_text_message(member.user) == ""
    assert (phones.has_number(member.user), phones.has_number(make_user())) == (False, False)


def test_number_whose_key_is_lost_is_not_sent_and_is_tried_again(settings, tmp_path):
    member = make_reader()
    settings.FIELD_KEYS = ["another key"]

    tell(member.user)

    posting = Posting.objects.get()
    assert (posting.state, posting.attempts) == ("waiting", 1)
    assert UndecipherableValue.__name__ in posting.last_error
    assert MOBILE not in posting.last_error
    assert lines(tmp_path) == []


def test_mail_is_not_given_the_number(settings):
    settings.NOTICE_CHANNELS = {"email": "portal.notices.channels.email.EmailChannel"}
    member = make_reader()

    assert channel_named("email").address_of(member.user) == member.user.email
