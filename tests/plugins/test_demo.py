"""The plugins' demo data load once, through their own domain, and show real things."""

import datetime as dt
import random

import pytest

from plugins.bundled.disclosure.models import Item
from plugins.bundled.points.domain.queries import sum_of_all_balances
from plugins.bundled.points.models import Transfer
from plugins.bundled.quizzes.models import Attempt, Paper
from plugins.sdk.demo import DemoContext, loaders
from portal.ground.clock import today
from tests.factories import make_branch, make_committee, make_member, make_staff


@pytest.mark.django_db
def test_demo_of_every_plugin_loads_and_a_second_run_changes_nothing():
    committee = make_committee()
    branch = make_branch(committee)
    for number in range(6):
        make_member(branch, name=f"党员{number}")
    make_staff("editor", committee)
    make_staff("reviewer", committee)
    lines = []

    def load():
        for _slug, loader in loaders():
            loader(DemoContext(today=today(), random=random.Random(1), report=lines.append))

    load()
    first = (Paper.objects.count(), Attempt.objects.count(), Item.objects.count(), Transfer.objects.count())
    load()

    assert [slug for slug, _ in loaders()] == ["disclosure", "points", "quizzes"]
    assert first == (Paper.objects.count(), Attempt.objects.count(), Item.objects.count(), Transfer.objects.count())
    assert Paper.objects.count() == 3
    assert Paper.objects.get(title="公司党内制度应知应会测验").questions.count() == 12
    assert Attempt.objects.exists()
    assert Transfer.objects.exists()
    assert sum_of_all_balances() == 0
    states = set(Item.objects.values_list("state", flat=True))
    assert states == {"published", "expired", "approved"}
    assert not Item.objects.filter(state="published", publish_on__gt=today() + dt.timedelta(days=0)).exists()
    assert len(lines) >= 3
