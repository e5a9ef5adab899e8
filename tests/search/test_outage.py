"""The engine is away: titles in the database answer with the same rights, nothing is lost, and the index catches up."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from portal.ground.models import Delivery
from search import outage
from search.contracts import SearchUnavailable
from search.engines import current_engine
from search.indexing import reading, rebuild
from search.indexing.sweep import sweep
from search.models import MAX_ATTEMPTS, IndexState, KnownTitle
from search.outage import search_always, search_titles, suggest_always
from search.service import search
from tests.search.shelf import CLEARED, MEMBER, OTHER_MEMBER, VISITOR, make, uids

INSIDE = frozenset({"ou:7"})


@pytest.fixture
def away(settings, engine, tmp_path):
    """Call it to cut the engine off; call what it returns to bring it back."""
    if settings.SEARCH_ENGINE == "memory":
        pytest.skip("memory does not go away")
    url, folder = settings.ELASTICSEARCH_URL, settings.SEARCH_INDEX_DIR

    def cut():
        if url:
            settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
        else:
            blocked = tmp_path / "no-folder"
            blocked.write_text("a file is in the way")
            settings.SEARCH_INDEX_DIR = blocked

        def back():
            settings.ELASTICSEARCH_URL, settings.SEARCH_INDEX_DIR = url, folder
            outage.forget_outage()

        return back

    return cut


def test_titles_answer_with_the_same_rights_while_the_engine_is_away(shelf, away, client):
    shelf.put(
        make("a", "党费收缴办法", "正文", authority=2.0),
        make("b", "通知", "正文", summary="党费收缴的时间"),
        make("in", "支部党费收缴台账", "正文", tokens=INSIDE),
        make("secret", "党费收缴检查", "正文", tokens=INSIDE, secrecy=2),
        make("old", "党费收缴旧规", "正文", valid_to=20200101),
        make("other", "运动会", "正文"),
    )
    back = away()

    answered = client.get("/api/v1/search", {"q": "党费收缴"}).json()
    assert ([one["uid"] for one in answered["items"]], answered["is_reduced"]) == (["a", "b"], True)
    found = search_always("党费收缴", VISITOR)
    assert (uids(found), found.is_reduced, found.total) == (["a", "b"], True, 2)
    assert found.hits[0].title_html == "<mark>党费收缴</mark>办法"
    assert set(uids(search_always("黨費收繳", MEMBER))) == {"a", "b", "in"}
    assert set(uids(search_always("党费收缴", CLEARED))) == {"a", "b", "in", "secret"}
    assert set(uids(search_always("党费收缴", OTHER_MEMBER))) == {"a", "b"}
    assert uids(search_always("党费收缴 -办法", VISITOR)) == ["b"]
    assert uids(search_always("党费收缴", VISITOR, per_page=1, page=2)) == ["b"]
    assert uids(search_always("党费收缴", VISITOR, inactive=frozenset({"thing"}))) == []
    assert suggest_always("党费", VISITOR) == ()
    for nonsense in ("", "%", "_", "\0", "“”", "'); --", "第条" * 300):
        assert search_always(nonsense, VISITOR).is_reduced

    back()
    assert not search_always("党费收缴", VISITOR).is_reduced


def test_engine_that_failed_is_not_asked_again_at_once(shelf, away, monkeypatch):
    shelf.put(make("a", "党费收缴", "正文"))
    away()
    assert search_always("党费", VISITOR).is_reduced

    monkeypatch.setattr(outage, "search", lambda *a, **k: pytest.fail("asked again"))

    assert uids(search_always("党费", VISITOR)) == ["a"]


def test_changes_while_the_engine_is_away_are_noted_and_caught_up(shelf, away):
    shelf.put(make("a", "党费旧题", "正文"), make("b", "党费收缴", "正文"), make("c", "党费公示", "正文"))
    back = away()

    shelf.put(
        make("a", "党费新题", "正文"), make("c", "党费公示", "正文", tokens=INSIDE), make("new", "党费新文", "正文")
    )
    shelf.remove("b")

    assert not Delivery.objects.exclude(state=Delivery.State.DONE).filter(consumer="search.index").exists()
    assert sorted(hit.title for hit in search_always("党费", VISITOR).hits) == ["党费新文", "党费新题"]
    back()
    assert sweep().repaired == 4
    assert sorted(hit.title for hit in search("党费", VISITOR).hits) == ["党费新文", "党费新题"]
    assert sorted(uids(search("党费", MEMBER))) == ["a", "c", "new"]
    assert sweep(full=True).repaired == 0


def test_document_that_no_engine_takes_is_parked_with_its_reason_and_the_batch_goes_on(shelf, capsys):
    shelf.put(make("a", "党费", "正文"), make("bad", "党费", "正文", secrecy=-1), make("c", "党费", "正文"))

    assert sorted(uids(search("党费", VISITOR))) == ["a", "c"]
    assert "secrecy is -1" in IndexState.objects.get(group="bad").last_error
    for _ in range(MAX_ATTEMPTS):
        report = sweep()
    assert (report.repaired, report.parked) == (0, 1)
    call_command("search_sweep")
    assert "1 groups are parked" in capsys.readouterr().out

    rebuild()
    assert sorted(uids(search("党费", VISITOR))) == ["a", "c"]
    shelf.put(make("bad", "党费", "正文"))
    assert sorted(uids(search("党费", VISITOR))) == ["a", "bad", "c"]
    assert (IndexState.objects.get(group="bad").attempts, sweep().parked) == (0, 0)


@pytest.mark.parametrize("engine", [pytest.param("elastic", marks=pytest.mark.cluster)], indirect=True)
def test_row_that_elasticsearch_calls_malformed_is_parked_and_the_batch_goes_on(shelf, monkeypatch):
    from search.engines.elastic import engine as elastic

    plain = elastic.to_source
    monkeypatch.setattr(elastic, "to_source", lambda row: plain(row) | ({"nobody": 1} if "bad" in row.key else {}))

    shelf.put(make("a", "党费", "正文"), make("bad", "党费", "正文"), make("c", "党费", "正文"))

    assert sorted(uids(search("党费", VISITOR))) == ["a", "c"]
    assert "nobody" in IndexState.objects.get(group="bad").last_error
    rebuild()
    assert sorted(uids(search("党费", VISITOR))) == ["a", "c"]
    monkeypatch.undo()
    sweep()
    assert sorted(uids(search("党费", VISITOR))) == ["a", "bad", "c"]


def test_full_sweep_finds_rows_that_are_missing_stale_or_orphaned(shelf, db):
    shelf.put(*(make(f"d{number}", f"党费{number}", "正文") for number in range(6)))
    engine = current_engine()
    source = shelf.source()
    orphan = reading.read_groups(source, ["d5"])
    IndexState.objects.filter(group="d5").delete()
    shelf.groups.pop("d5")
    KnownTitle.objects.filter(group="d5").delete()
    IndexState.objects.filter(group="d1").update(seq=7, indexed_seq=7)

    assert len(engine.inventory()) == 6
    assert sweep(full=True).rebuilt

    assert orphan
    assert len(engine.inventory()) == engine.row_count() == 5
    assert sorted(uids(search("党费", VISITOR))) == ["d0", "d1", "d2", "d3", "d4"]
    assert sweep(full=True) == type(sweep())(0, rebuilt=False, parked=0)


def test_titles_are_one_line_a_work_and_follow_a_rebuild(shelf):
    shelf.groups["law"] = [
        make(f"law{number}", "某某条例", "正文", group="law", reference_path=f"art{number}", work_url="/law/")
        for number in range(1, 4)
    ]
    shelf.groups["a"] = [make("a", "党费", "正文")]
    rebuild()
    assert [(hit.title, hit.url) for hit in search_titles("某某条例", VISITOR).hits] == [("某某条例", "/law/")]

    del shelf.groups["a"]
    rebuild()

    assert list(KnownTitle.objects.values_list("title", flat=True)) == ["某某条例"]


def test_search_itself_still_says_that_it_is_unavailable(shelf, away):
    shelf.put(make("a", "党费", "正文"))
    away()

    with pytest.raises(SearchUnavailable):
        search("党费", VISITOR)
