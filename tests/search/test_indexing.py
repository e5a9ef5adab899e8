"""The index follows the database through repeats, races, faults and outages."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from portal.ground.jobs import run_due_jobs
from portal.ground.models import Delivery
from search import registry
from search.engines import current_engine
from search.engines.rows import SECTION_MARK
from search.indexing import changes, index_groups, reading, rebuild, sweep
from search.models import IndexState
from search.service import search
from tests.search.shelf import VISITOR, make, uids


def states() -> dict[str, tuple[int, int, list[str]]]:
    """What is noted of each group, its sections left out."""
    return {
        state.group: (state.seq, state.indexed_seq, [uid for uid in state.rows if not uid.startswith(SECTION_MARK)])
        for state in IndexState.objects.order_by("group")
    }


def test_index_state_follows_each_change(shelf):
    shelf.put(make("a1", "一", "党费", group="a"), make("a2", "二", "党费", group="a"), make("b", "三", "党费"))
    shelf.put(make("a2", "二", "党费", group="a"))
    shelf.remove("b")

    assert {group: (seq == done, rows) for group, (seq, done, rows) in states().items()} == {
        "a": (True, ["a2"]),
        "b": (True, []),
    }
    assert current_engine().row_count() == 1


def test_same_event_again_changes_nothing(shelf):
    shelf.put(make("a", "党费", "党费"))
    entries = [delivery.entry for delivery in Delivery.objects.filter(consumer="search.index")]

    for _ in range(3):
        changes.handle_entries(entries)

    assert uids(search("党费", VISITOR)) == ["a"]
    assert current_engine().row_count() == 1


def test_slow_reader_does_not_overwrite_a_newer_reading(shelf):
    shelf.put(make("a", "旧题", "党费旧文"), make("gone", "旧题", "党费旧文"))
    source = registry.source_of("thing")
    engine = current_engine()
    slow = reading.read_groups(source, ["a", "gone"])

    shelf.put(make("a", "新题", "党费新文"))
    shelf.remove("gone")
    engine.apply([one.change for one in slow], reading.is_current)
    reading.note_indexed(slow)

    assert [hit.title for hit in search("党费", VISITOR).hits] == ["新题"]
    assert all(seq == done for seq, done, _ in states().values())


@pytest.mark.parametrize("engine", [pytest.param("elastic", marks=pytest.mark.cluster)], indirect=True)
def test_elastic_versions_alone_refuse_a_late_write(shelf):
    shelf.put(make("a", "旧题", "党费旧文"), make("gone", "旧题", "党费旧文"))
    slow = reading.read_groups(registry.source_of("thing"), ["a", "gone"])

    shelf.put(make("a", "新题", "党费新文"))
    shelf.remove("gone")
    current_engine().apply([one.change for one in slow], lambda change: True)

    assert [hit.title for hit in search("党费", VISITOR).hits] == ["新题"]


def test_death_between_engine_and_note_is_repaired_by_the_next_delivery(shelf, monkeypatch):
    shelf.put(make("a", "党费", "党费"))

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "note_indexed", die)
    with pytest.raises(KeyboardInterrupt):
        shelf.put(make("a", "党费新题", "党费"), make("b", "党费", "党费"))
    monkeypatch.undo()
    changes.handle_entries([d.entry for d in Delivery.objects.filter(consumer="search.index", state="waiting")])

    assert sorted(uids(search("党费", VISITOR))) == ["a", "b"]
    assert all(seq == done for seq, done, _ in states().values())
    assert current_engine().row_count() == 2


def test_death_before_the_engine_is_repaired_by_the_sweep(shelf):
    shelf.put(make("a", "党费", "党费"), make("b", "党费", "党费"))
    del shelf.groups["b"]
    shelf.groups["a"] = [make("a", "新题", "党费新文")]
    reading.read_groups(registry.source_of("thing"), ["a", "b"])  # read, then died

    report = sweep()

    assert (report.repaired, report.rebuilt) == (2, False)
    assert [hit.title for hit in search("党费", VISITOR).hits] == ["新题"]
    assert sweep().repaired == 0


def test_full_sweep_finds_what_no_event_told(shelf):
    shelf.put(make("a", "旧题", "党费"), make("b", "党费", "党费"), make("same", "党费", "党费"))
    shelf.groups["a"] = [make("a", "新题", "党费")]
    del shelf.groups["b"]
    shelf.groups["c"] = [make("c", "党费", "党费")]

    assert sweep().repaired == 0
    assert sweep(full=True).repaired == 3
    assert sorted(hit.title for hit in search("党费", VISITOR).hits) == ["党费", "党费", "新题"]
    assert sweep(full=True).repaired == 0


def test_full_sweep_repairs_rows_that_are_missing_from_the_engine(shelf):
    from search.engines.base import GroupChange

    shelf.put(make("a", "党费", "党费"), make("b", "党费", "党费"))
    current_engine().apply([GroupChange("thing", "a", 99, (), frozenset({"thing:a"}))], lambda change: True)
    assert uids(search("党费", VISITOR)) == ["b"]

    assert sweep(full=True).repaired == 1

    assert sorted(uids(search("党费", VISITOR))) == ["a", "b"]


def test_group_that_cannot_be_read_does_not_stop_the_others(shelf, caplog):
    shelf.broken.add("bad")

    shelf.put(make("a", "党费", "党费"), make("bad", "党费", "党费"), make("c", "党费", "党费"))

    assert sorted(uids(search("党费", VISITOR))) == ["a", "c"]
    assert "KeyError" in IndexState.objects.get(group="bad").last_error
    shelf.broken.clear()
    sweep()
    assert sorted(uids(search("党费", VISITOR))) == ["a", "bad", "c"]
    assert IndexState.objects.get(group="bad").last_error == ""


def test_document_of_another_group_is_refused(shelf):
    shelf.put(make("a", "党费", "党费"))
    shelf.groups["b"] = [make("x", "党费", "党费", group="a")]

    index_groups("thing", ["b"])

    assert "WrongDocument" in IndexState.objects.get(group="b").last_error
    assert uids(search("党费", VISITOR)) == ["a"]


def test_unknown_kind_is_ignored(shelf):
    assert index_groups("nobody", ["x"]) == 0
    assert IndexState.objects.count() == 0


def test_rebuild_misses_no_change_made_meanwhile(shelf):
    shelf.put(*(make(f"d{number}", f"旧题{number}", "党费") for number in range(5)))
    plain = shelf._documents
    told: list[str] = []

    def documents(asked):
        for number, document in enumerate(plain(asked)):
            yield document
            if asked is None and number == 2 and not told:
                told.append("once")
                shelf.put(make("d0", "新题", "党费"), make("new", "新文", "党费"))  # reaches the index in use
                shelf.remove("d1")
                shelf.put(make("late", "晚到", "党费"), index=False)  # not delivered yet

    registry.unregister("thing")
    registry.register(shelf.source().__class__("thing", "东西", "Things", documents, shelf.source().types))
    rebuild()
    found = sorted(hit.title for hit in search("党费", VISITOR).hits)
    run_due_jobs()

    assert found == sorted(["旧题2", "旧题3", "旧题4", "新文", "新题"])
    assert sorted(hit.title for hit in search("党费", VISITOR).hits) == sorted(
        ["旧题2", "旧题3", "旧题4", "新文", "新题", "晚到"]
    )
    assert all(seq == done for seq, done, _ in states().values())


def test_rebuild_that_fails_leaves_the_old_index(shelf):
    shelf.put(make("a", "党费", "党费"), make("bad", "党费", "党费"))
    shelf.broken.add("bad")

    with pytest.raises(KeyError):
        rebuild()

    assert sorted(uids(search("党费", VISITOR))) == ["a", "bad"]
    shelf.broken.clear()
    assert rebuild().rows == 2


def test_commands_build_sweep_and_say_what_they_did(shelf, capsys):
    shelf.groups["a"] = [make("a", "党费", "党费")]

    call_command("search_rebuild", "--if-needed")
    call_command("search_rebuild", "--if-needed")
    call_command("search_rebuild", "--kind", "thing")
    call_command("search_sweep", "--full")

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" in ")[0] for line in lines] == [
        "1 rows of 1 groups",
        "The search index is of this version; nothing to do.",
        "1 rows of 1 groups",
        "0 groups indexed again",
    ]
    with pytest.raises(CommandError, match=r"No search source has the kind 'x'\. Known kinds: thing"):
        call_command("search_rebuild", "--kind", "x")


def test_sweep_runs_every_minute():
    from portal.ground.jobs.kinds import periods

    assert periods()["search.sweep"] == 60
