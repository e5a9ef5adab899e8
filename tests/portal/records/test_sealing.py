"""Sealing: submitted means sealed, later means a new version, and every touch from outside is found."""

import datetime as dt
import functools
import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from portal.ground.ids import new_uid
from portal.records.checks import protection_reading, triggers_present
from portal.records.domain.digests import UnsealableContent
from portal.records.domain.sealing import (
    Attachment,
    Change,
    Entry,
    ReasonMissing,
    VersionOvertaken,
    erase_personal,
    seal,
    seal_many,
    verify_chain,
    versions_of,
)
from portal.records.models import ChainHead, Seal, SealedContent
from portal.records.triggers import deleting_allowed, install_triggers, missing_triggers
from tests.factories import make_user

DAY = dt.date(2026, 7, 1)


def write(uid="m-1", chain="org:a", **content):
    more = {
        name: content.pop(name) for name in ("reason", "personal", "attachments", "expected_version") if name in content
    }
    return seal("minutes", uid, chain, content, happened_on=DAY, entered_by="clerk", **more)


def without_triggers(sql, *values):
    """What an owner of the database can do."""
    with connection.cursor() as cursor:
        for table, action in (("records_seal", "update"), ("records_seal", "delete"), ("records_chainhead", "delete")):
            on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_no_{action}"{on}')
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_versions_tell_who_when_why_before_and_after():
    clerk = make_user()
    attached = Attachment("签到表.pdf", "ab" * 32, 1200)
    first = seal(
        "minutes", "m-1", "org:a", {"topic": "学习", "present": 12}, happened_on=DAY, entered_by=clerk, due_on=DAY
    )
    second = seal(
        "minutes",
        "m-1",
        "org:a",
        {"topic": "学习", "present": 11, "fee": Decimal("3.50")},
        happened_on=DAY,
        entered_by="auditor",
        reason="多计一人",
        attachments=[attached],
    )

    versions = versions_of("minutes", "m-1")

    assert [(v.seal.version, v.seal.entered_by, v.reason) for v in versions] == [
        (1, str(clerk.uid), ""),
        (2, "auditor", "多计一人"),
    ]
    assert versions[0].content == {"topic": "学习", "present": 12}
    assert versions[1].changes == (Change("fee", None, "3.50"), Change("present", 12, 11))
    assert versions[1].attachments == (attached,)
    assert (first.happened_on, first.due_on, first.entered_on >= DAY) == (DAY, DAY, True)
    assert (second.number, second.previous_hash) == (2, first.seal_hash)
    assert list(verify_chain("org:a")) == []


@pytest.mark.django_db
def test_later_version_without_a_reason_is_refused():
    write(topic="a")

    with pytest.raises(ReasonMissing):
        write(topic="b")

    assert [v.content for v in versions_of("minutes", "m-1")] == [{"topic": "a"}]


@pytest.mark.django_db
def test_version_that_somebody_overtook_is_refused():
    write(topic="a", expected_version=0)

    with pytest.raises(VersionOvertaken):
        write(topic="b", reason="x", expected_version=0)

    assert Seal.objects.count() == 1


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, object(), "a\0b", "\ud800", {1: "x"}])
@pytest.mark.django_db
def test_content_that_would_not_come_back_the_same_is_refused(value):
    with pytest.raises(UnsealableContent):
        write(topic=value)

    assert Seal.objects.count() == 0


@pytest.mark.parametrize("keys", [{"uid": ""}, {"uid": "x" * 61}, {"chain": "org:\n"}, {"content": {"$reason": 1}}])
@pytest.mark.django_db
def test_odd_key_is_refused(keys):
    given = {"kind": "minutes", "uid": "m-1", "chain": "org:a", "content": {}, **keys}

    with pytest.raises(UnsealableContent):
        seal(**given, happened_on=DAY, entered_by="clerk")


@pytest.mark.django_db
def test_personal_values_lie_encrypted_and_can_be_erased_while_the_chain_holds():
    write(topic="a", phone="13800000000", personal=["phone"])
    write(topic="a", phone="13900000000", personal=["phone"], reason="换号")
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields, personal FROM records_sealedcontent")
        stored = str(cursor.fetchall())
    assert "1380" not in stored
    assert versions_of("minutes", "m-1")[1].changes == (Change("phone", "13800000000", "13900000000"),)

    erased = erase_personal("minutes", "m-1", by=make_user())

    versions = versions_of("minutes", "m-1")
    assert erased == 2
    assert [(v.content, v.erased) for v in versions] == [({"topic": "a"}, frozenset({"phone"}))] * 2
    assert versions[1].reason == "换号"
    assert list(verify_chain("org:a")) == []


@pytest.mark.django_db
def test_open_value_can_be_erased_by_name():
    write(topic="张三的谈话", place="A")

    erase_personal("minutes", "m-1", by="officer", fields=["topic"])

    assert versions_of("minutes", "m-1")[0].content == {"place": "A"}
    assert list(verify_chain("org:a")) == []


@pytest.mark.django_db
def test_chains_count_for_themselves_without_gaps():
    entries = [Entry("minutes", f"m-{n}", f"org:{'ab'[n % 2]}", {"n": n}, DAY, "clerk") for n in range(7)]

    seal_many(entries)
    write(uid="m-x", chain="org:b", n=1)

    assert list(Seal.objects.filter(chain="org:a").order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert list(Seal.objects.filter(chain="org:b").order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert [*verify_chain("org:a"), *verify_chain("org:b")] == []


@pytest.mark.django_db
def test_same_record_twice_in_one_call_becomes_two_versions():
    entry = Entry("minutes", "m-1", "org:a", {"n": 1}, DAY, "clerk", reason="r")

    assert [made.version for made in seal_many([entry, entry])] == [1, 2]


@pytest.mark.django_db
def test_failing_entry_leaves_nothing_of_the_others():
    good = Entry("minutes", "m-1", "org:a", {"n": 1}, DAY, "clerk")
    write(uid="m-2", n=1)

    with pytest.raises(ReasonMissing):
        seal_many([good, Entry("minutes", "m-2", "org:a", {"n": 2}, DAY, "clerk")])

    assert Seal.objects.count() == 1
    assert write(uid="m-3", n=3).number == 2
    assert list(verify_chain("org:a")) == []


TAMPERING = {
    "changed": ("UPDATE records_seal SET happened_on = '2026-06-30' WHERE number = 2", [(2, "changed")]),
    "removed": ("DELETE FROM records_seal WHERE number = 2", [(2, "removed")]),
    "cut off": ("DELETE FROM records_seal WHERE number = 4", [(4, "head")]),
    "swapped": (
        "UPDATE records_seal SET number = CASE number WHEN 2 THEN 1003 WHEN 3 THEN 1002 ELSE number END WHERE number IN (2, 3)",
        None,
    ),
    "content": (
        """UPDATE records_sealedcontent SET fields = '{"n": {"s": "00", "v": 7}}' WHERE seal_id IN
           (SELECT id FROM records_seal WHERE number = 3)""",
        [(3, "content")],
    ),
}


@pytest.mark.parametrize("way", TAMPERING)
@pytest.mark.django_db
def test_tampering_is_found_where_it_was_done(way):
    for number in range(1, 5):
        write(uid=f"m-{number}", n=number)
    with deleting_allowed("records_sealedcontent"):
        if way in {"removed", "cut off"}:
            SealedContent.objects.filter(seal__number={"removed": 2, "cut off": 4}[way]).delete()

    sql, expected = TAMPERING[way]
    without_triggers(sql)
    if way == "swapped":
        without_triggers("UPDATE records_seal SET number = number - 1000 WHERE number > 1000")
        expected = [(2, "swapped"), (2, "changed"), (3, "swapped"), (3, "changed"), (4, "swapped")]

    assert [(fault.number, fault.kind) for fault in verify_chain("org:a")] == expected


@pytest.mark.parametrize(
    ("model", "action"), [(Seal, "update"), (Seal, "delete"), (SealedContent, "delete"), (ChainHead, "delete")]
)
@pytest.mark.django_db
def test_database_refuses_to_change_sealed_rows(model, action):
    install_triggers()
    write(topic="a")
    rows = model.objects.all()
    change = (
        functools.partial(rows.update, id=77) if action == "update" else functools.partial(rows._raw_delete, "default")
    )

    with pytest.raises(DatabaseError, match="sealed rows cannot be changed"), transaction.atomic():
        change()


@pytest.mark.django_db
def test_missing_trigger_is_told_and_installed_again():
    install_triggers()
    without_triggers("SELECT 1")
    assert missing_triggers() == ["records_chainhead_no_delete", "records_seal_no_delete", "records_seal_no_update"]

    install_triggers()

    assert missing_triggers() == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_no_gap_and_no_fork():
    """Eight writers, two chains, one record that all of them amend: every number once, every link right."""
    errors = []

    def work(writer):
        try:
            for step in range(6):
                seal(
                    "minutes",
                    new_uid(),
                    f"org:{(writer + step) % 2}",
                    {"writer": writer, "step": step},
                    happened_on=DAY,
                    entered_by=f"w{writer}",
                )
                seal(
                    "shared", "one", f"org:{writer % 2}", {"w": writer}, happened_on=DAY, entered_by="w", reason="again"
                )
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert [*verify_chain("org:0"), *verify_chain("org:1")] == []
    heads = dict(ChainHead.objects.values_list("chain", "number"))
    assert heads["org:0"] + heads["org:1"] == 8 * 6 * 2
    assert [version.seal.version for version in versions_of("shared", "one")] == list(range(1, 49))


@pytest.mark.django_db
def test_operator_sees_that_the_protection_is_gone():
    install_triggers()
    assert protection_reading().state == "good"

    without_triggers("SELECT 1")

    reading = protection_reading()
    assert (reading.state, reading.value) == ("bad", "缺少 3 个触发器")
    assert [warning.id for warning in triggers_present(databases=["default"])] == ["records.W001"]
