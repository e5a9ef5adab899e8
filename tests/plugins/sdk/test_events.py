"""Events survive JSON, other versions of the code, and name clashes."""

import dataclasses
import datetime as dt
import decimal
import uuid

import pytest
from django.db import transaction

from plugins.sdk import Event, EventNotReadable, event_class, publish
from portal.events.school import CourseCompleted
from portal.ground.models import OutboxEntry
from portal.ground.outbox import OutsideTransaction


@dataclasses.dataclass(frozen=True, kw_only=True)
class Everything(Event):
    name = "tests.everything"
    text: str
    number: int
    share: float
    flag: bool
    money: decimal.Decimal
    uid: uuid.UUID
    day: dt.date
    instant: dt.datetime
    uids: tuple[uuid.UUID, ...]
    nothing: str | None = None


def _one() -> Everything:
    return Everything(
        text="党",
        number=3,
        share=0.5,
        flag=True,
        money=decimal.Decimal("12.50"),
        uid=uuid.uuid4(),
        day=dt.date(2026, 7, 1),
        instant=dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC),
        uids=(uuid.uuid4(), uuid.uuid4()),
    )


def test_event_of_every_type_comes_back_equal():
    event = _one()

    assert Everything.from_json(event.to_json()) == event


def test_event_with_an_unknown_field_is_read_without_it():
    event = _one()

    assert Everything.from_json({**event.to_json(), "added_later": 1}) == event


@pytest.mark.parametrize(
    ("field", "value"), [("number", "3"), ("uid", "no uid"), ("flag", 1), ("text", None), ("uids", "x")]
)
def test_event_with_a_value_of_another_type_is_refused_with_the_field_name(field, value):
    with pytest.raises(EventNotReadable, match=rf"tests.everything: field {field}: "):
        Everything.from_json({**_one().to_json(), field: value})


def test_event_without_a_needed_field_is_refused():
    data = _one().to_json()
    del data["day"]

    with pytest.raises(EventNotReadable, match=r"^tests.everything: field day is missing$"):
        Everything.from_json(data)


def test_event_with_a_naive_instant_cannot_be_written():
    event = dataclasses.replace(_one(), instant=dt.datetime(2026, 7, 1, 8))  # noqa: DTZ001

    with pytest.raises(ValueError, match="aware instants only"):
        event.to_json()


def test_second_class_of_the_same_name_and_version_is_refused():
    with pytest.raises(ValueError, match=r"event school.course_completed v1 is declared twice"):

        class Other(Event):
            name = "school.course_completed"


def test_event_class_finds_the_declaring_class_and_nothing_else():
    assert event_class("school.course_completed") is CourseCompleted
    with pytest.raises(LookupError, match=r"no loaded code declares the event school.course_completed v9"):
        event_class("school.course_completed", 9)


@pytest.mark.django_db
def test_publish_writes_name_version_and_fields_into_the_outbox():
    event = _one()

    with transaction.atomic():
        entry = publish(event)

    stored = OutboxEntry.objects.get(pk=entry.pk)
    assert (stored.name, stored.version, stored.payload) == ("tests.everything", 1, event.to_json())


@pytest.mark.django_db(transaction=True)
def test_publish_outside_a_transaction_is_refused_and_writes_nothing():
    with pytest.raises(OutsideTransaction):
        publish(_one())

    assert not OutboxEntry.objects.exists()
