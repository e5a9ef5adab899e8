"""From draft to published, the day to look again, and sealed notes on the status."""

import datetime as dt

import pytest

from portal.ground.clock import today
from portal.notices.domain.tasks import tasks_of
from portal.records.domain.sealing import verify_chain, versions_of
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.domain.noting import SEALED_AS
from portal.regulations.domain.publishing import NotPossible
from portal.regulations.domain.relating import add_relation, decide_relation
from portal.regulations.domain.standing import Dates, set_dates, set_repeal
from portal.regulations.domain.status import status_on
from portal.regulations.domain.workflow import remind_of_reviews, review_done, send_back, submit, verify_and_publish
from portal.regulations.models import Regulation, RegulationVersion, Relation
from tests.factories import make_branch, make_committee, make_staff
from tests.portal.regulations.makers import LONG, law_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch():
    return make_branch(make_committee())


def _version(branch, title: str = "检修作业管理规定", publish: bool = False) -> RegulationVersion:
    result = import_regulation(law_text(*LONG, title=title), placement=Placement(owner=branch), publish=publish)
    assert result.version is not None
    return result.version


def _titles(user) -> list[str]:
    return [task.title for task in tasks_of(user)]


def test_draft_is_handed_in_returned_and_published_by_another_person(branch) -> None:
    author, reviewer = make_staff("reviewer", branch), make_staff("reviewer", branch)
    version = submit(_version(branch), actor=author)
    asked = _titles(reviewer)
    with pytest.raises(NotPossible, match="不能自己审核"):
        verify_and_publish(version, source="公报第 1 期", actor=author)

    version = send_back(version, reason="第三条有错字", actor=reviewer)
    told, asked_then = _titles(author), _titles(reviewer)
    version = verify_and_publish(submit(version, actor=author), source="公报第 1 期", actor=reviewer)

    assert asked == ["请审核《检修作业管理规定》2020-01-01 版"]
    assert (told, asked_then) == (["《检修作业管理规定》2020-01-01 版被退回：第三条有错字"], [])
    version.refresh_from_db()
    assert (version.state, version.verified_by, version.verified_source) == ("published", reviewer, "公报第 1 期")
    assert (_titles(author), _titles(reviewer)) == ([], [])


@pytest.mark.parametrize("source", ["", " ", "略"])
def test_publishing_without_a_named_source_is_refused(branch, source: str) -> None:
    with pytest.raises(NotPossible, match="依据什么核对"):
        verify_and_publish(_version(branch), source=source, actor=make_staff("reviewer", branch))

    assert RegulationVersion.objects.get().state == "draft"


def test_version_in_review_is_seen_by_nobody_and_counts_in_no_day(branch) -> None:
    version = submit(_version(branch), actor=make_staff("editor", branch))

    assert status_on(version, [version], None, today()).label == "待审核"
    assert not version.regulation.versions.filter(state="published").exists()


def test_day_of_review_gives_the_owner_a_task_until_it_is_done(branch) -> None:
    editor = make_staff("editor", branch)
    work = _version(branch, publish=True).regulation
    later = today() + dt.timedelta(days=400)
    Regulation.objects.filter(pk=work.pk).update(review_on=today() + dt.timedelta(days=10))

    due = [remind_of_reviews(), remind_of_reviews()]
    asked = _titles(editor)
    review_done(work, next_on=later, actor=editor)

    work.refresh_from_db()
    assert (due, asked) == ([1, 1], ["请复核《检修作业管理规定》是否仍然适用"])
    assert (_titles(editor), work.review_on, remind_of_reviews()) == ([], later, 0)


def test_status_entered_by_hand_is_sealed_and_tells_the_owner_of_rules_below(branch) -> None:
    editor = make_staff("editor", branch)
    upper = import_regulation(law_text(*LONG, title="检修安全法")).regulation
    below = _version(branch, "检修安全实施办法", publish=True).regulation
    add_relation(below, Relation.Kind.BASED_ON, "《检修安全法》", actor=editor)
    with pytest.raises(NotPossible, match="依据或原因"):
        set_repeal(upper, on=dt.date(2024, 5, 1), note=" ", actor=editor)

    set_repeal(upper, on=dt.date(2024, 5, 1), note="主席令第 1 号", actor=editor)
    set_repeal(upper, on=dt.date(2024, 5, 1), note="主席令第 1 号", actor=editor)
    set_repeal(upper, on=None, note="误填", actor=editor)

    sealed = versions_of(SEALED_AS, upper.uid)
    assert [(one.content["repealed_on"], one.reason) for one in sealed] == [
        ("2024-05-01", "主席令第 1 号"), (None, "误填"),
    ]  # fmt: skip
    assert list(verify_chain("regulations")) == []
    assert _titles(editor) == ["上位法《检修安全法》自 2024-05-01 起废止，请核对《检修安全实施办法》是否需要修改"]


def test_entered_dates_beat_the_text_of_a_later_import_and_are_sealed(branch) -> None:
    editor = make_staff("editor", branch)
    version = _version(branch, publish=True)
    with pytest.raises(NotPossible, match="失效日期应当在施行日期之后"):
        set_dates(version, Dates(effective=dt.date(2020, 2, 1), expires=dt.date(2020, 1, 1)), note="错", actor=editor)

    dates = Dates(promulgated=dt.date(2020, 1, 1), effective=dt.date(2020, 2, 1), expires=dt.date(2023, 2, 1))
    set_dates(version, dates, note="印发通知", actor=editor)
    import_regulation(law_text(*LONG, "第四条 新增。"), placement=Placement(owner=branch))

    version.refresh_from_db()
    assert (version.effective_on, version.effective_origin) == (dt.date(2020, 2, 1), "entered")
    assert (version.promulgated_origin, version.starts_on) == ("stated", dt.date(2020, 2, 1))
    assert [status_on(version, [version], None, dt.date(y, 3, 1)).code for y in (2020, 2023)] == ["in_force", "expired"]
    assert versions_of(SEALED_AS, version.regulation.uid)[0].content["effective_on"] == "2020-02-01"


def test_relation_added_by_hand_survives_reading_and_a_rejected_one_stays_rejected(branch) -> None:
    editor = make_staff("editor", branch)
    old = _version(branch, "旧检修规定", publish=True).regulation
    new = _version(branch, "新检修规定", publish=True).regulation
    added = add_relation(new, "supersedes", "旧检修规定", on=dt.date(2024, 1, 1), actor=editor)
    for kind, title in (("marries", "旧检修规定"), ("amends", "《》"), ("amends", "新检修规定")):
        with pytest.raises(NotPossible):
            add_relation(new, kind, title, actor=editor)

    decide_relation(added, confirm=False, actor=editor)

    old.refresh_from_db()
    added.refresh_from_db()
    assert (added.target, added.drawn_by, added.state) == (old, "person", "rejected")
    assert old.repealed_on == dt.date(2024, 1, 1)
