from __future__ import annotations

import pytest

from search.query import curation
from search.service import search
from tests.search import canary

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def filled(shelf, engine):
    return engine, canary.prepare(engine, seed=7)


def test_two_hundred_random_questions_of_each_role_show_no_planted_word(filled):
    engine, learned = filled

    found = [leak for role in canary.ROLES for leak in canary.leaks(engine, learned, role, 200, seed=11)]

    assert found == []


def test_the_planted_words_are_there_for_those_who_may(filled):
    engine, learned = filled

    for role, viewer in canary.ROLES.items():
        of_role = [word for word in canary.AUDIENCES if word not in canary.planted(viewer)]
        for word in of_role:
            assert search(f"“{word}”", viewer, engine=engine, learned=learned).total == 8, (role, word)


def test_the_search_for_leaks_would_find_one(filled, monkeypatch):
    engine, learned = filled
    monkeypatch.setitem(canary.ROLES, "visitor", canary.CLEARED)
    monkeypatch.setattr(canary, "planted", lambda viewer: ["青瓷骆驼"])

    assert canary.leaks(engine, learned, "visitor", 60, seed=11)


def test_pins_other_words_orders_answers_and_alerts_show_no_planted_word(filled, monkeypatch):
    engine, learned = filled
    monkeypatch.setattr(curation, "_supplier", None)
    canary.curate()

    pinned = search("党费", canary.CLEARED, engine=engine, learned=learned)
    found = [leak for role in canary.ROLES for leak in canary.leaks(engine, learned, role, 60, seed=13)]
    found += [leak for role in canary.ROLES for leak in canary.beside(engine, role, 40, seed=17)]

    assert [hit.is_pinned for hit in pinned.hits].count(True) >= 2
    assert found == []
