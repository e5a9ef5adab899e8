"""Acts that matter ask again who it is, and lose nothing that was typed."""

import re

import pytest
from django.urls import reverse

from plugins.host import registry
from plugins.host.models import PluginState
from portal.accounts.domain.second_factor import begin_enrolment, confirm_enrolment
from portal.ground.models import OutboxEntry
from portal.members.models import AccessEntry
from portal.organisations.domain.rights import grant_role
from portal.organisations.models import Organisation, RoleGrant
from tests.factories import make_branch, make_committee, make_member
from tests.portal.accounts.codes import code_of
from tests.portal.accounts.conftest import PASSWORD, make_login, sign_in
from tests.portal.members.makers import full_file

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TEMPLATE = "accounts/step_up.html"


def stale(client, clock, role, organisation=None):
    """Somebody with a role who signed in eleven minutes ago."""
    committee = organisation or make_committee()
    person = make_login()
    make_member(committee, user=person)
    grant_role(person, role, committee)
    sign_in(client)
    clock.wait(11 * 60)
    return person, committee


def hidden(answer) -> list[tuple[str, str]]:
    return re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode())


def asked(answer) -> bool:
    return TEMPLATE in [template.name for template in answer.templates]


def acts(branch, grant, file):
    """(role, address, what is sent) of every act that matters."""
    return [
        ("security_admin", reverse("grants:add"), {"user": grant.user_id, "role": "editor", "organisation": branch.pk}),
        ("security_admin", reverse("grants:edit", args=[grant.pk]), {"valid_to": "2030-01-01"}),
        ("admin", reverse("organisations:merge", args=[branch.pk]), {"into": "new"}),
        ("admin", reverse("organisations:split", args=[branch.pk]), {"stays": "no"}),
        ("admin", reverse("organisations:dissolve", args=[branch.pk]), {"on": "2026-11-01", "confirm": "1"}),
        ("admin", reverse("memberfiles:export"), {"reason": "年度统计用", "file_format": "csv"}),
        ("admin", reverse("memberfiles:reveal", args=[file.uid]), {"reason": "核对身份", "field": "phone"}),
        ("admin", reverse("exchange:send"), {"reason": "年度交换"}),
        ("system_admin", reverse("exchange:partner_new"), {"card": "x"}),
        ("system_admin", reverse("plugins_switch", args=["points"]), {"enabled": "0"}),
        ("auditor", reverse("records:trail_export"), {"who": "林晓"}),
        ("auditor", reverse("records:chain_export"), {}),
    ]


@pytest.mark.parametrize("number", range(12))
def test_act_that_matters_asks_first_and_does_nothing_before_the_answer(client, clock, number):
    committee = make_committee()
    branch = make_branch(committee)
    grant = grant_role(make_login("other"), "editor", branch)
    role, address, sent = acts(branch, grant, full_file(branch))[number]
    stale(client, clock, role, committee)

    before = (RoleGrant.objects.count(), AccessEntry.objects.count(), PluginState.objects.count())
    answer = client.post(address, sent)

    assert asked(answer), address
    assert "no-store" in answer["Cache-Control"]
    assert before == (RoleGrant.objects.count(), AccessEntry.objects.count(), PluginState.objects.count())
    assert Organisation.objects.get(pk=branch.pk).ended_on is None
    done = OutboxEntry.objects.filter(name="audit.line").values_list("payload__action", flat=True)
    assert not any(action.startswith(("records.", "plugins.", "exchange.", "members.")) for action in done)
    kept = dict(hidden(answer))
    assert {name: str(value) for name, value in sent.items()}.items() <= kept.items()


def test_act_goes_on_with_everything_typed_once_the_password_is_right(client, clock):
    committee = make_committee()
    stale(client, clock, "admin", committee)
    file = full_file(make_branch(committee))
    address = reverse("memberfiles:reveal", args=[file.uid])
    question = client.post(address, {"reason": "核对“身份” <证件>", "field": ["phone", "id_number"]})

    wrong = client.post(address, {**_typed(question), "step_up-password": "wrong"})
    right = client.post(address, {**_typed(wrong), "step_up-password": PASSWORD})

    assert "密码不正确" in wrong.content.decode()
    assert "wrong" not in str(hidden(wrong))
    assert file.file.phone in right.content.decode()
    entry = AccessEntry.objects.get(act="revealed")
    assert entry.reason == "核对“身份” <证件>"
    assert set(entry.fields) == {"phone", "id_number"}
    assert not asked(client.post(address, {"reason": "再看一次", "field": "phone"}))


def test_act_takes_the_code_of_who_has_a_second_factor_and_not_the_password(client, clock, settings):
    settings.EXPORT_APPROVAL_ABOVE = 10  # nobody else is there to approve
    committee = make_committee()
    person, _committee = stale(client, clock, "admin", committee)
    begin_enrolment(person)
    confirm_enrolment(person, code_of(person))
    clock.wait(60)
    address = reverse("memberfiles:export")

    question = client.post(address, {"reason": "年度统计用", "file_format": "csv"})
    by_password = client.post(address, {**_typed(question), "step_up-password": PASSWORD})
    by_code = client.post(address, {**_typed(question), "step_up-code": code_of(person)})

    assert "动态口令" in question.content.decode()
    assert asked(by_password)
    assert by_code.url.startswith("/members/files/")


def test_switching_a_plugin_goes_on_after_the_password(client, clock):
    stale(client, clock, "system_admin")
    slug = registry.found()[0].slug
    address = reverse("plugins_switch", args=[slug])
    question = client.post(address, {"enabled": "0"})

    answer = client.post(address, {**_typed(question), "step_up-password": PASSWORD})

    assert answer.url == reverse("plugins_overview")
    assert PluginState.objects.get(slug=slug).enabled is False


def test_who_may_not_is_refused_and_not_asked(client, clock):
    stale(client, clock, "editor")

    assert client.post(reverse("grants:add"), {}).status_code == 403
    assert client.post(reverse("memberfiles:export"), {}).status_code == 403
    assert client.post(reverse("records:trail_export"), {}).status_code == 403


def test_looking_at_the_form_is_free_and_a_fresh_person_is_not_asked(client, clock, settings):
    committee = make_committee()
    stale(client, clock, "admin", committee)
    branch = make_branch(committee)
    looked = client.get(reverse("organisations:dissolve", args=[branch.pk]))
    settings.STEP_UP_MINUTES = 15

    assert looked.status_code == 200
    assert not asked(looked)
    assert not asked(client.post(reverse("organisations:dissolve", args=[branch.pk]), {"on": "2026-11-01"}))


def test_part_of_a_page_is_answered_with_the_whole_question(client, clock):
    committee = make_committee()
    stale(client, clock, "admin", committee)
    file = full_file(make_branch(committee))

    answer = client.post(
        reverse("memberfiles:reveal", args=[file.uid]), {"reason": "核对身份"}, headers={"HX-Request": "true"}
    )

    assert asked(answer)
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("body", "innerHTML")


def test_wrong_answers_count_towards_the_pause(client, clock):
    stale(client, clock, "auditor")
    address = reverse("records:trail_export")
    for n in range(5):
        client.post(address, {"step_up-password": f"wrong-{n}"})

    assert "分钟后再试" in client.post(address, {"step_up-password": PASSWORD}).content.decode()


def _typed(answer) -> dict[str, list[str]]:
    import html

    found: dict[str, list[str]] = {}
    for name, value in hidden(answer):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found
