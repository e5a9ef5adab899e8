"""Terms with their reminders, posts, and the rules of the register as data."""

import datetime as dt

import pytest

from portal.ground.models import Delivery, OutboxEntry
from portal.ground.outbox import drain
from portal.notices.models import Notice, Task
from portal.organisations.checks import rules_can_be_read
from portal.organisations.domain import rules as module
from portal.organisations.domain.codes import next_code
from portal.organisations.domain.members import enter_member
from portal.organisations.domain.refusals import OrganisationEnded, WrongDate, WrongPost
from portal.organisations.domain.rules import SHIPPED, BrokenRules, Sizes, rules, term_rule, warnings_for
from portal.organisations.domain.terms import appoint, elect, months_before, relieve, remind_of_ending_terms
from portal.organisations.domain.tree import dissolve_organisation
from portal.organisations.models import Post, Term
from tests.factories import make_branch, make_committee, make_staff

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 3, 31)


@pytest.fixture
def branch():
    return make_branch()


@pytest.fixture
def people(branch):
    return [enter_member(name, branch, since=dt.date(2020, 1, 1)) for name in ("林晓", "周敏", "何川")]


def test_elect_ends_the_term_and_posts_before(branch, people):
    elect(branch, [(people[0], "secretary")], on=dt.date(2021, 3, 31))

    term = elect(branch, [(people[1], "secretary"), (people[2], "committee_member")], on=DAY, document_number="文1")

    assert (term.number, term.until) == (2, dt.date(2027, 3, 31))
    assert list(Term.objects.order_by("since").values_list("ended_on", flat=True)) == [DAY, None]
    assert list(Post.objects.order_by("pk").values_list("member__name", "until", "ended_on")) == [
        ("林晓", dt.date(2024, 3, 31), DAY),
        ("周敏", dt.date(2027, 3, 31), None),
        ("何川", dt.date(2027, 3, 31), None),
    ]


@pytest.mark.parametrize(("kind", "years"), [("committee", 5), ("general_branch", 3), ("joint_branch", 3)])
def test_elect_lasts_as_long_as_the_kind_says(kind, years):
    organisation = make_committee() if kind == "committee" else make_branch(kind=kind)

    assert elect(organisation, [], on=DAY).until == dt.date(2024 + years, 3, 31)


def test_elect_kind_without_a_term_needs_an_end():
    temporary = make_branch(kind="temporary_branch")

    with pytest.raises(WrongPost, match="届满日期"):
        elect(temporary, [], on=DAY)

    assert elect(temporary, [], on=DAY, until=dt.date(2024, 9, 1)).until == dt.date(2024, 9, 1)


def test_elect_wrong_input_writes_nothing(branch, people):
    stranger = enter_member("外人", make_branch(), since=dt.date(2020, 1, 1))
    elect(branch, [], on=dt.date(2021, 3, 31))

    for leaders, values, refusal in [
        ([(stranger, "secretary")], {}, WrongPost),
        ([(people[0], "secretary"), (people[0], "secretary")], {}, WrongPost),
        ([(people[0], "emperor")], {}, WrongPost),
        ([], {"on": dt.date(2999, 1, 1)}, WrongDate),
        ([], {"on": dt.date(2020, 1, 1)}, WrongDate),
        ([], {"on": dt.date(2010, 1, 1)}, WrongDate),
        ([], {"until": DAY}, WrongPost),
    ]:
        with pytest.raises(refusal):
            elect(branch, leaders, **{"on": DAY, **values})

    assert (Term.objects.count(), Post.objects.count()) == (1, 0)


def test_appoint_lasts_to_the_end_of_the_term(branch, people):
    elect(branch, [(people[0], "secretary")], on=DAY)

    post = appoint(branch, people[1], "youth_commissioner", on=dt.date(2025, 1, 1))

    assert post.until == dt.date(2027, 3, 31)
    with pytest.raises(WrongPost, match="周敏"):
        appoint(branch, people[1], "youth_commissioner", on=dt.date(2025, 1, 2))


def test_relieve_ends_a_post_once(branch, people):
    post = appoint(branch, people[0], "secretary", on=DAY)

    with pytest.raises(WrongDate):
        relieve(post, on=DAY - dt.timedelta(days=1))
    relieve(post, on=dt.date(2025, 1, 1))

    with pytest.raises(WrongPost):
        relieve(post, on=dt.date(2025, 1, 2))
    assert Post.objects.get().ended_on == dt.date(2025, 1, 1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2026, 8, 31), 6, dt.date(2026, 2, 28)),
        (dt.date(2024, 8, 31), 6, dt.date(2024, 2, 29)),
        (dt.date(2026, 3, 1), 6, dt.date(2025, 9, 1)),
        (dt.date(2024, 2, 29), -36, dt.date(2027, 2, 28)),
    ],
)
def test_months_before_stays_in_the_month(day, months, expected):
    assert months_before(day, months) == expected


def work():
    """Everything that waits is handed over, and what that brings."""
    for _round in range(3):
        for consumer in set(Delivery.objects.filter(state=Delivery.State.WAITING).values_list("consumer", flat=True)):
            drain(consumer)


def told():
    return [
        entry.payload["months_left"]
        for entry in OutboxEntry.objects.filter(name="organisations.term_ending").order_by("pk")
    ]


def test_remind_of_ending_terms_tells_each_moment_once(branch):
    term = elect(branch, [], on=DAY)  # to 2027-03-31
    days = [
        "2026-09-29",
        "2026-09-30",
        "2026-10-15",
        "2026-12-31",
        "2027-02-28",
        "2027-03-30",
        "2027-03-31",
        "2027-05-01",
    ]

    counts = [remind_of_ending_terms(dt.date.fromisoformat(day)) for day in days]

    assert term.until == dt.date(2027, 3, 31)
    assert counts == [0, 1, 0, 1, 1, 0, 1, 0]
    assert told() == [6, 3, 1, 0]


def test_remind_of_ending_terms_after_a_long_silence_tells_once(branch):
    elect(branch, [], on=DAY)

    assert [remind_of_ending_terms(dt.date(2027, 3, 10)) for _ in range(3)] == [1, 0, 0]
    assert told() == [1]


def test_remind_of_ending_terms_ended_organisations_are_quiet(branch):
    elect(branch, [], on=DAY)
    dissolve_organisation(branch)

    assert remind_of_ending_terms(dt.date(2027, 3, 10)) == 0


def test_elect_in_an_ended_organisation_is_refused(branch):
    with pytest.raises(OrganisationEnded):
        elect(dissolve_organisation(branch), [], on=DAY)


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sizes", "expected"),
    [
        ("branch", Sizes(full_members=2, members=2, leaders=1, secretaries=1), {"full_members_few"}),
        ("branch", Sizes(full_members=3, members=3, leaders=1, secretaries=1), set()),
        ("joint_branch", Sizes(full_members=2, members=2, leaders=1, secretaries=1), set()),
        ("branch", Sizes(full_members=6, members=6, leaders=1, secretaries=1), set()),
        ("branch", Sizes(full_members=7, members=7, leaders=2, secretaries=1), {"committee_missing"}),
        ("branch", Sizes(full_members=50, members=50, leaders=7, secretaries=1), set()),
        (
            "branch",
            Sizes(full_members=50, members=51, leaders=8, secretaries=0),
            {"members_many", "committee_large", "secretary_missing"},
        ),
        ("committee", Sizes(subtree_members=99, secretaries=1), {"committee_small"}),
        ("committee", Sizes(subtree_members=100, secretaries=1), set()),
        ("group", Sizes(), set()),
    ],
)
def test_warnings_for_names_the_rules_that_are_not_kept(kind, sizes, expected):
    assert {warning.key for warning in warnings_for(kind, sizes)} == expected


def test_warnings_for_say_value_limit_and_source():
    (warning,) = warnings_for("branch", Sizes(full_members=60, members=61, leaders=5, secretaries=1))

    assert warning.text == "党员 61 人，超过 50 人，可考虑分设党支部。"
    assert "支部工作条例" in warning.source


def test_warnings_for_a_day_before_the_rule_are_none():
    assert warnings_for("branch", Sizes(), dt.date(2017, 12, 31)) == []


def test_rules_of_the_unit_replace_ours(settings, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        SHIPPED.read_text()
        .replace("years = 3", "years = 5")
        .replace('branch = "{parent}{number:02}"', 'branch = "{parent}-{number:03}"')
    )
    settings.ORGANISATION_RULES = str(own)
    committee = make_committee()

    assert term_rule("branch").years == 5
    assert next_code("branch", committee) == f"{committee.code}-001"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[code.pattern]", "[code.patterns]"),
        ('"{parent}L{number:02}"', '"{parent}L"'),
        ('"{parent}L{number:02}"', '"{parent}{nummer}{number}"'),
        ("years = 3", "years = 300"),
        ('kinds = ["committee"]', 'kinds = ["comittee"]'),
        ("at_least = 3", "at_leest = 3"),
        ("{value} 人，不足", "{wert} 人，不足"),
        ("[reminder]", "[reminder"),
    ],
)
def test_rules_that_are_broken_are_named_at_start(settings, tmp_path, old, new):
    own = tmp_path / "broken.toml"
    text = SHIPPED.read_text()
    assert old in text
    own.write_text(text.replace(old, new))
    settings.ORGANISATION_RULES = str(own)

    with pytest.raises(BrokenRules, match=r"broken\.toml"):
        rules()
    assert [error.id for error in rules_can_be_read()] == ["organisations.E001"]


def test_rules_shipped_are_sound():
    module._read.cache_clear()

    assert rules_can_be_read() == []
    assert rules().reminder_months == 6


# --- told through notices ---------------------------------------------------------------------------------------------


def test_reminder_opens_a_task_that_the_election_closes(branch, people):
    admin = make_staff("admin", branch.get_parent())
    elect(branch, [(people[0], "secretary")], on=DAY)

    remind_of_ending_terms(dt.date(2026, 10, 1))
    work()
    opened = Task.objects.get()
    told_people = list(Notice.objects.values_list("user_id", flat=True))
    elect(branch, [(people[1], "secretary")], on=dt.date(2026, 11, 1))
    work()

    assert (opened.right, opened.organisation, opened.due_on) == ("organisations.manage", branch, dt.date(2027, 3, 31))
    assert told_people == [admin.pk]
    assert Task.objects.get().closed_at is not None
