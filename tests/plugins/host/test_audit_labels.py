"""Actions of plugins are called by their names in the audit trail, also after the plugin is gone."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import translation

from plugins.host import labels, registry, state
from plugins.host.models import AuditLabel
from plugins.sdk import Plugin, audit
from portal.ground import outbox
from portal.records.domain.auditing import Search, export_trail, labels_of
from tests.factories import make_committee, make_staff

pytestmark = pytest.mark.django_db


class Acting(Plugin):
    audit_labels = {"trial.closed": ("关闭试验", "Trial closed")}


def shown(client):
    outbox.drain("records.audit")
    client.force_login(make_staff("auditor", make_committee()))
    return client.get(reverse("records:trail"))


def test_action_of_a_plugin_is_called_by_its_name(add_plugin, client):
    add_plugin(Acting)
    audit(None, "trial.closed", target_kind="trial")
    audit(None, "trial.unnamed")

    page = shown(client).content.decode()

    assert "关闭试验 <code>trial.closed</code>" in page
    assert '<option value="trial.closed">关闭试验</option>' in page
    assert "<code>trial.unnamed</code>" in page


def test_name_is_in_the_export_and_in_english(add_plugin):
    add_plugin(Acting)
    audit(None, "trial.closed")
    outbox.drain("records.audit")

    rows = list(csv.reader(io.StringIO("".join(export_trail(Search(action="trial"), by=None)).lstrip("\ufeff"))))
    with translation.override("en"):
        english = labels_of(["trial.closed"])

    assert rows[1][3:5] == ["trial.closed", "关闭试验"]
    assert english == {"trial.closed": "Trial closed"}


def test_action_stays_readable_after_the_plugin_is_off_and_gone(add_plugin, client):
    add_plugin(Acting)
    audit(None, "trial.closed")
    state.switch("trial", enabled=False, site_id=state.default_site_id())
    registry.remove_plugin("trial")

    assert "关闭试验 <code>trial.closed</code>" in shown(client).content.decode()


def test_changed_name_wins_and_is_kept(add_plugin):
    AuditLabel.objects.create(action="trial.closed", slug="trial", label="旧名称")
    add_plugin(Acting)

    assert labels.all_labels()["trial.closed"] == ("关闭试验", "Trial closed")
    assert labels.keep_labels() >= 1
    assert labels.keep_labels() == 0
    registry.remove_plugin("trial")
    assert labels.all_labels()["trial.closed"] == ("关闭试验", "Trial closed")


def test_names_of_the_bundled_plugins_were_kept_when_the_database_was_made():
    assert AuditLabel.objects.get(action="disclosure.approve").label == "通过公开事项"


@pytest.mark.parametrize(
    ("declared", "error"),
    [
        ({"quizzes.closed": ("a", "b")}, 'must begin with "trial."'),
        ({"trial.closed": "关闭"}, "needs its Chinese and its English name"),
        ({"trial.closed": ("关闭", "")}, "needs its Chinese and its English name"),
        ({"trial." + "x" * 100: ("a", "b")}, "at most 100 characters"),
    ],
)
def test_bad_names_keep_the_plugin_out(add_plugin, declared, error):
    with pytest.raises((TypeError, ValueError), match=error):
        add_plugin(type("Wrong", (Plugin,), {"audit_labels": declared}))
