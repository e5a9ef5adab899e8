"""E-mail over a real connection: to a small mail server of our own on the loopback."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import socketserver
import threading

import pytest

from portal.config.settings.channels import mail_settings
from portal.ground.jobs import run_due_jobs
from portal.notices.domain import notify
from portal.notices.domain.posting import send_due
from portal.notices.domain.preferences import choose
from portal.notices.kinds import kind_named
from portal.notices.models import Posting
from tests.factories import make_user

pytestmark = pytest.mark.django_db
GENERAL = "notices.general"


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a client needs; keeps what it got. Refuses recipients at `unknown.example.org`."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails: list[tuple[list[str], bytes]] = []


class Session(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        recipients: list[str] = []
        self.say("220 test")
        for line in self.rfile:
            command = line.decode().strip()
            verb = command.upper()
            if verb.startswith("RCPT") and "unknown.example.org" in command:
                self.say("550 no such user")
            elif verb.startswith("RCPT"):
                recipients.append(command.partition("<")[2].partition(">")[0])
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                for body in self.rfile:
                    if body == b".\r\n":
                        break
                    lines.append(body)
                self.server.mails.append((recipients, b"".join(lines)))
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, value in mail_settings(f"smtp://127.0.0.1:{server.server_address[1]}", "").items():
            setattr(settings, name, value)
        yield server
        server.shutdown()


def reader(address: str):
    user = make_user(email=address)
    choose(user, [(GENERAL, "email")], {"quiet_from": dt.time(0), "quiet_to": dt.time(0)})
    return user


def work() -> None:
    for _ in range(4):
        run_due_jobs()


def test_mail_arrives_whole_over_smtp(mail_server):
    notify("a", reader("reader@example.org"), GENERAL, "不出站的标题")
    work()

    ((recipients, raw),) = mail_server.mails
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert (recipients, mail["To"], mail["Subject"]) == (["reader@example.org"], "reader@example.org", "领航 · 通知")
    assert kind_named(GENERAL).outside in mail.get_content()
    assert "标题" not in raw.decode() + mail.get_content()


def test_refused_recipient_and_dead_server_are_tried_again_with_the_reason(clock, mail_server):
    notify("a", [reader("nobody@unknown.example.org"), reader("reader@example.org")], GENERAL, "标题")
    work()
    assert sorted(Posting.objects.values_list("state", flat=True)) == ["sent", "waiting"]
    assert "no such user" in Posting.objects.get(state="waiting").last_error

    mail_server.shutdown()
    mail_server.server_close()
    clock.wait(3600)
    send_due()

    assert "ConnectionRefusedError" in Posting.objects.get(state="waiting").last_error
    assert Posting.objects.get(state="waiting").attempts == 2
