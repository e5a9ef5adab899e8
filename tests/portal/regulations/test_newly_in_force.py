"""The home page's strip of what took effect last."""

import datetime as dt

import pytest

from portal.ground.suppliers import ANONYMOUS
from portal.organisations.domain.audiences import members_audience, public_audience
from portal.regulations.domain.queries import newly_in_force
from portal.regulations.models import Regulation, RegulationVersion

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 21)


def enter(title: str, effective_on: dt.date | None, *, state: str = "published", **fields: object) -> None:
    fields.setdefault("audience", public_audience())
    work = Regulation.objects.create(title=title, title_key=title, **fields)
    RegulationVersion.objects.create(
        regulation=work, key=str(effective_on or "undated"), state=state, effective_on=effective_on
    )


def test_newly_in_force_lists_the_latest_that_everybody_may_see():
    enter("去年施行", TODAY - dt.timedelta(days=300))
    enter("昨天施行", TODAY - dt.timedelta(days=1))
    enter("明天施行", TODAY + dt.timedelta(days=1))
    enter("日期待核", None)
    enter("尚未发布", TODAY, state="draft")
    enter("只给党员", TODAY, audience=members_audience())

    found = [version.regulation.title for version in newly_in_force(ANONYMOUS, TODAY)]

    assert found == ["昨天施行", "去年施行"]


@pytest.mark.parametrize("size", [1, 3])
def test_newly_in_force_is_one_query(size, django_assert_num_queries):
    for number in range(size):
        enter(f"规定{number}", TODAY)

    with django_assert_num_queries(1):
        assert len([version.regulation.title for version in newly_in_force(ANONYMOUS, TODAY)]) == size
