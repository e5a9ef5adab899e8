"""Meaning beside words, against each engine, with an embedding service over real HTTP (see `tests.search.embedder`)."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from portal.ground.clock import now
from portal.ground.jobs import run_due_jobs
from search import outage
from search.engines import current_engine
from search.engines.elastic.engine import ElasticEngine
from search.explain import explain
from search.indexing.changes import index_groups
from search.models import IndexState
from search.query.plan import Restriction
from search.service import search
from search.vectors import embedding, nearby
from search.vectors.service import (
    EmbeddingFailed,
    EmbeddingService,
    Maker,
    WrongDimensions,
    embed,
    embed_query,
    of_length_1,
)
from search.vectors.store import VectorRow
from search.vectors.stores import current_store
from tests.search.embedder import Embedder, vector_of
from tests.search.shelf import CLEARED, MEMBER, OTHER_MEMBER, PUBLIC, VISITOR, make, uids

ASKED = "番茄怎样保存"


@pytest.fixture(autouse=True)
def _where_it_matters(request: pytest.FixtureRequest) -> None:
    """FTS5 in memory differs from FTS5 in a folder by nothing that is asked here."""
    if "memory" in request.node.name.partition("[")[2]:
        pytest.skip("the same as fts5")


@pytest.fixture
def embedder(settings) -> Iterator[Embedder]:
    """A service for which 番茄 and 西红柿 are the same, switched on."""
    nearby.forget_failures()
    with Embedder() as running:
        running.same = {"番茄": "西红柿"}
        settings.SEARCH_EMBEDDING = running.settings()
        yield running
    nearby.forget_failures()


@pytest.fixture
def shelf(shelf, engine, settings, embedder):
    yield shelf
    if isinstance(engine, ElasticEngine):
        current_store(Maker("pairs", 256)).drop_all()


def both(shelf) -> None:
    shelf.put(
        make("words", "番茄", "番茄是一种蔬菜。"),
        make("meaning", "西红柿", "西红柿怎样存放：阴凉处保存即可，西红柿怎样保存都行。"),
        make("other", "运动会", "羽毛球比赛在周末举行，请各支部报名。"),
    )


# --- finding ----------------------------------------------------------------------------------------------------------
def test_search_by_meaning_finds_what_words_do_not_and_counts_it(shelf, settings):
    shelf.put(
        make("a", "番茄", "一种蔬菜。"),
        make("b", "西红柿", "西红柿，西红柿，西红柿。"),
        make("c", "运动会", "羽毛球。"),
    )
    on = search("番茄", VISITOR)
    settings.SEARCH_EMBEDDING = {}
    off = search("番茄", VISITOR)

    assert uids(off) == ["a"]
    assert uids(on) == ["a", "b"]
    assert (off.total, on.total) == (1, 2)
    (types,) = (group for group in on.facets if group.key == "type")
    assert [option.count for option in types.options] == [2]


def test_search_is_the_same_without_a_service_and_nobody_is_asked(shelf, settings, embedder):
    settings.SEARCH_EMBEDDING = {}
    both(shelf)

    search(ASKED, VISITOR)

    assert embedder.asked == []
    assert not IndexState.objects.exclude(embedded_digest="").exists()


def test_search_row_found_in_both_ways_goes_before_rows_found_in_one(shelf):
    both(shelf)

    assert uids(search("西红柿怎样保存", VISITOR))[0] == "meaning"
    assert uids(search(ASKED, VISITOR))[:2] == ["meaning", "words"]


def test_search_pages_hold_each_row_once_and_as_many_as_the_total(shelf):
    shelf.put(*(make(f"m{n}", f"西红柿{n}", "西红柿。" * (n % 5 + 1)) for n in range(30)))
    shelf.put(*(make(f"w{n}", f"番茄{n}", "番茄。" * (n % 5 + 1)) for n in range(230)))

    pages = [search("番茄", VISITOR, page=number, per_page=50) for number in range(1, 7)]
    found = [uid for page in {page.page: page for page in pages}.values() for uid in uids(page)]

    assert len(found) == len(set(found)) == pages[0].total
    assert pages[0].total > 230


def test_search_asks_for_the_vector_of_a_query_once_for_all_its_pages(shelf, embedder):
    shelf.put(*(make(f"w{n}", "番茄", f"{n}") for n in range(12)))
    before = len(embedder.asked)

    search("番茄", VISITOR)
    search("番茄", VISITOR, page=2)

    assert embedder.asked[before:] == [["番茄"]]


def test_search_place_phrase_and_exclusion_are_obeyed_by_meaning_too(shelf, embedder):
    shelf.put(
        make("a", "西红柿", "西红柿怎样保存。"),
        make("b", "番茄", "番茄怎样保存，另有说明。"),
        make("c", "番茄", "番茄怎样保存"),
    )

    assert sorted(uids(search('"番茄" 怎样保存', VISITOR))) == ["b", "c"]
    assert "b" not in uids(search("番茄怎样保存 -说明", VISITOR))
    before = len(embedder.asked)
    search("番茄保存法第三条", VISITOR)
    assert len(embedder.asked) == before


def test_search_narrowed_counts_and_finds_within_the_choice(shelf):
    shelf.put(
        make("a", "西红柿", "西红柿。", type="course", facets={"level": "法律"}),
        make("b", "番茄", "番茄。", facets={"level": "规章"}),
        make("c", "西红柿", "西红柿。", facets={"level": ("规章", "法律")}),
    )

    assert uids(search("番茄", VISITOR, types=["course"])) == ["a"]
    assert sorted(uids(search("番茄", VISITOR, facets={"level": ["法律"]}))) == ["a", "c"]
    assert uids(search("番茄", VISITOR, inactive=frozenset({"thing"}))) == []
    assert sorted(uids(search("番茄", VISITOR, inactive=frozenset({"thing:course"})))) == ["b", "c"]


# --- rights and dates -------------------------------------------------------------------------------------------------
def secret(shelf) -> None:
    shelf.put(
        make("public", "西红柿", "西红柿。"),
        make("branch", "西红柿", "西红柿甲。", tokens=frozenset({"ou:7"})),
        make("other", "西红柿", "西红柿乙。", tokens=frozenset({"ou:8"})),
        make("secret", "西红柿", "西红柿丙。", tokens=frozenset({"member"}), secrecy=2),
    )


def test_nearest_holds_only_what_the_viewer_may_see(shelf, settings, embedder):
    settings.SEARCH_EMBEDDING = embedder.settings(most_secrecy=3)
    secret(shelf)
    store, asked = current_store(Maker("pairs", 256)), of_length_1(vector_of("西红柿"))

    def found(viewer) -> list[str]:
        allowed = Restriction(viewer.tokens, viewer.clearance, 20260301)
        return sorted(key.removeprefix("thing:") for key, _ in store.nearest(asked, allowed, 10))

    assert found(VISITOR) == ["public"]
    assert found(MEMBER) == ["branch", "public"]
    assert found(OTHER_MEMBER) == ["other", "public"]
    assert found(CLEARED) == ["branch", "public", "secret"]
    for viewer in (VISITOR, MEMBER, OTHER_MEMBER, CLEARED):
        assert sorted(uids(search("番茄", viewer))) == found(viewer)
    assert store.nearest(asked, Restriction(frozenset(), 9, 20260301), 10) == []


def test_search_row_closed_a_moment_ago_is_not_found_by_its_old_vector(shelf):
    shelf.put(make("a", "西红柿", "西红柿。"))
    assert uids(search("番茄", VISITOR)) == ["a"]

    shelf.put(make("a", "西红柿", "西红柿。", tokens=frozenset({"ou:8"})), index=False)
    index_groups("thing", ["a"])

    assert uids(search("番茄", VISITOR)) == []
    assert search("番茄", VISITOR).total == 0


def test_search_by_meaning_keeps_to_the_date_that_is_asked_for(shelf):
    shelf.put(
        make("old", "西红柿", "西红柿。", valid_from=20000101, valid_to=20101231),
        make("new", "西红柿", "西红柿。", valid_from=20110101),
        make("later", "西红柿", "西红柿。", valid_from=20990101),
    )

    assert uids(search("番茄", VISITOR)) == ["new"]
    assert uids(search("番茄", VISITOR, as_of=dt.date(2005, 5, 1))) == ["old"]
    assert sorted(uids(search("番茄", VISITOR, facets={"status": ["future", "past"]}))) == ["later", "old"]


def test_texts_above_the_level_that_may_leave_are_never_sent(shelf, embedder):
    secret(shelf)

    assert not any("丙" in text for text in embedder.texts)
    assert any("乙" in text for text in embedder.texts)


# --- making -----------------------------------------------------------------------------------------------------------
def test_vectors_of_a_change_of_audience_are_not_asked_for_again(shelf, embedder):
    shelf.put(make("a", "西红柿", "西红柿。"))
    sent = len(embedder.texts)

    shelf.put(make("a", "西红柿", "西红柿。", tokens=frozenset({"ou:7"})))

    assert len(embedder.texts) == sent
    assert uids(search("番茄", MEMBER)) == ["a"]


def test_vectors_of_what_is_gone_go_too(shelf):
    both(shelf)
    store = current_store(Maker("pairs", 256))
    assert store.count() == 3

    shelf.remove("meaning")
    shelf.put(make("words", "香蕉", "香蕉。"))

    assert store.count() == 2
    assert uids(search("西红柿", VISITOR)) == []


def test_indexing_goes_on_while_the_service_is_away_and_vectors_follow(shelf, embedder, monkeypatch):
    monkeypatch.setattr("search.vectors.service.PAUSES", (0.0,))
    embedder.failures = [500] * 10
    both(shelf)

    assert uids(search("羽毛球", VISITOR)) == ["other"]
    assert embedding.behind_count() == 3
    assert embedding.reading().value == "待处理 3 份"
    IndexState.objects.update(changed_at=now() - dt.timedelta(hours=1))
    assert embedding.reading().state == "warning"

    embedder.failures = []
    embedding.embed_what_is_behind()

    assert embedding.behind_count() == 0
    nearby.forget_failures()
    assert "meaning" in uids(search("番茄", VISITOR))


def test_another_model_needs_a_rebuild_says_so_and_words_answer_until_then(shelf, settings, embedder, capsys):
    both(shelf)
    settings.SEARCH_EMBEDDING = embedder.settings(model="other")

    with pytest.raises(embedding.MadeByAnother, match="search_rebuild --vectors"):
        embedding.embed_what_is_behind()
    assert uids(search("番茄", VISITOR)) == ["words"]
    assert explain("番茄", VISITOR).meaning
    assert isinstance(current_engine(), ElasticEngine) or embedding.reading().state == "bad"

    call_command("search_rebuild", "--vectors")

    assert "3 texts of 3 groups by other (256 dimensions)" in capsys.readouterr().out
    assert sorted(uids(search("番茄", VISITOR))) == ["meaning", "words"]


def test_rebuild_of_vectors_drops_nothing_while_the_service_gives_another_length(shelf, settings, embedder):
    both(shelf)
    settings.SEARCH_EMBEDDING = embedder.settings(dimensions=128)

    with pytest.raises(CommandError, match="gives 256 numbers for a text, SEARCH_EMBEDDING_DIMENSIONS says 128"):
        call_command("search_rebuild", "--vectors")

    settings.SEARCH_EMBEDDING = embedder.settings()
    assert "meaning" in uids(search("番茄", VISITOR))


def test_job_makes_vectors_of_what_was_there_before_the_service(shelf, settings, embedder):
    settings.SEARCH_EMBEDDING = {}
    both(shelf)
    settings.SEARCH_EMBEDDING = embedder.settings()
    shelf.put(make("one", "香蕉", "香蕉。"))

    run_due_jobs()

    assert current_store(Maker("pairs", 256)).count() == 4


# --- asking -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", ["slow", "500", "nonsense", "length", "gone"])
def test_search_answers_by_words_soon_and_without_error_when_the_service_fails(shelf, settings, embedder, fault):
    both(shelf)
    settings.SEARCH_EMBEDDING = embedder.settings(query_seconds=0.15)
    if fault == "slow":
        embedder.delay = 1.0
    elif fault == "500":
        embedder.failures = [500] * 3
    elif fault == "nonsense":
        embedder.body = b'{"data": [{"embedding": ["x"]}]}'
    elif fault == "length":
        embedder.dimensions = 8
    else:
        settings.SEARCH_EMBEDDING = embedder.settings(url="http://127.0.0.1:9/v1/embeddings")
    asked = len(embedder.asked)

    started = time.monotonic()
    found = outage.search_always("番茄", VISITOR)
    took = time.monotonic() - started
    outage.search_always("番茄", VISITOR)

    assert uids(found) == ["words"]
    assert not found.is_reduced
    assert took < 0.9
    assert len(embedder.asked) - asked <= 1  # then it is left alone for a moment


def test_explain_shows_both_parts(shelf):
    both(shelf)

    found = explain("番茄", VISITOR)

    assert found.is_fused
    assert [(row.row.data["uid"], row.by_words, row.by_meaning) for row in found.rows] == [
        ("words", 1, found.rows[0].by_meaning),
        ("meaning", None, found.rows[1].by_meaning),
    ]
    for row in found.rows:
        assert row.row.score == pytest.approx(nearby.fused(row.by_words, row.by_meaning))
        assert row.cosine is not None
        assert row.cosine >= 0.2


# --- the service itself, no engine ------------------------------------------------------------------------------------
def service(embedder: Embedder, **changed) -> EmbeddingService:
    return EmbeddingService(**embedder.settings(**changed))


def test_embed_asks_in_batches_in_order_and_with_the_key(embedder):
    texts = [f"文{n}" for n in range(7)]

    found = embed(service(embedder, batch=3, api_key="k"), texts)

    assert [len(batch) for batch in embedder.asked] == [3, 3, 1]
    assert found == [of_length_1(vector_of(text)) for text in texts]
    assert {headers["Authorization"] for headers in embedder.headers} == {"Bearer k"}


def test_embed_waits_longer_each_time_as_long_as_the_service_says_then_gives_up(embedder):
    waits: list[float] = []
    embedder.failures = [429, 503, 500]
    assert embed(service(embedder), ["文"], wait=waits.append)[0] is not None
    assert waits == [0.5, 2.0, 2.0]

    embedder.failures = [500] * 9
    with pytest.raises(EmbeddingFailed):
        embed(service(embedder), ["文"], wait=waits.append)
    embedder.failures = [401]
    with pytest.raises(EmbeddingFailed, match="401"):
        embed(service(embedder), ["文"], wait=waits.append)
    assert len(embedder.asked) == 4 + 4 + 1


def test_embed_too_many_at_once_are_halved_and_a_refused_text_is_left_out(embedder):
    embedder.most_inputs = 2
    embedder.refused = "坏"

    found = embed(service(embedder), ["甲", "乙", "坏", "丙"])

    assert [vector is None for vector in found] == [False, False, True, False]


def test_embed_query_has_its_prefix_and_wrong_lengths_are_named(embedder):
    embed_query(service(embedder, query_prefix="为这个句子："), "番茄")
    assert embedder.texts == ["为这个句子：番茄"]

    with pytest.raises(WrongDimensions):
        embed_query(service(embedder, dimensions=7), "番茄")


def test_nearest_of_many_rows_is_what_comparing_all_whole_vectors_gives(settings, tmp_path):
    """Above `EXACT` rows signs choose first: of the 10 nearest of each of 20 queries at least 95 % are found."""
    settings.ELASTICSEARCH_URL, settings.SEARCH_INDEX_DIR = "", tmp_path
    generator = random.Random(7)
    centres = [[generator.gauss(0, 1) for _ in range(64)] for _ in range(40)]

    def near(centre: list[float]) -> list[float]:
        return list(of_length_1([value + generator.gauss(0, 0.7) for value in centre]) or ())

    vectors = {f"thing:{n}": of_length_1(near(generator.choice(centres))) for n in range(3_000)}
    store = current_store(Maker("m", 64))
    store.begin()
    store.replace(
        {
            key: [VectorRow(key, "thing", "news", ("public",), 0, 0, 99999999, {}, key, vector)]
            for key, vector in vectors.items()
        }
    )
    hits = 0
    for _ in range(20):
        asked = of_length_1(near(generator.choice(centres)))
        exact = sorted(vectors, key=lambda key: -sum(a * b for a, b in zip(asked, vectors[key], strict=True)))[:10]
        found = store.nearest(asked, Restriction(PUBLIC, 0, 20260301), 10)
        hits += len({key for key, _ in found} & set(exact))
        assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)

    assert hits >= 190
