"""Nothing of a document may reach those who may not see it: no hit, total, snippet, facet, suggestion or difference."""

from __future__ import annotations

import pytest

from search.service import search, suggest
from tests.search.shelf import CLEARED, FACETS, MEMBER, OTHER_MEMBER, VISITOR, make

CANARY = "紫杉鹦鹉"
LATIN_CANARY = "zqxcanary"

PROBES = [
    CANARY,
    "紫杉",
    "鹉",
    "鸚鵡",
    LATIN_CANARY,
    f"“{CANARY}”",
    f'"{LATIN_CANARY}"',
    f"{CANARY}第五十四条",
    "第五十四条",
    f"《{CANARY}》第54条",
    "党费",
    "党费 紫杉",
    "内部通报",
    f"党费 {LATIN_CANARY} 内部",
]
PREFIXES = ["紫", "紫杉", "zs", "zishan", "zsyw", "zqx", "杉", "内部", "nbtb", "党费", "d"]


def secret(uid: str, **values):
    return make(
        uid,
        f"内部通报{CANARY}",
        f"党费事项 {CANARY} {LATIN_CANARY}",
        context=f"{CANARY}上级标题",
        summary=f"{CANARY}摘要",
        url=f"/a/{LATIN_CANARY}/{uid}",
        label="第五十四条",
        reference_title=CANARY,
        reference_path="art54",
        facets={"level": f"{CANARY}级", "column": CANARY},
        **values,
    )


PUBLIC_ROWS = [
    make("open", "党费公告", "党费的收缴标准", facets={"column": "要闻"}),
    make(
        "law",
        "公开办法",
        "党费条文",
        reference_title="公开办法",
        reference_path="art54",
        label="第五十四条",
        type="article",
    ),
]
SECRETS = [
    secret("unit", tokens=frozenset({"ou:7"})),
    secret("level", tokens=frozenset({"public", "member", "ou:7"}), secrecy=1),
    secret("both", tokens=frozenset({"ou:7"}), secrecy=3),
    secret("nobody", tokens=frozenset()),
]


def asked_by(viewer) -> list:
    answers = []
    for probe in PROBES:
        for types, facets in (((), {}), (("news",), {}), ((), {key: [CANARY] for key in FACETS})):
            results = search(probe, viewer, types=types, facets=facets, per_page=50)
            hits = sorted((hit.uid, hit.title_html, hit.snippet, hit.label, hit.url) for hit in results.hits)
            found = results.reference.found if results.reference else None
            options = [
                (group.key, option.value, option.count)
                for group in results.facets
                for option in group.options
                if not option.selected
            ]
            answers.append((probe, types, bool(facets), hits, results.total, results.total_is_capped, found, options))
    return answers


@pytest.mark.parametrize("viewer", [VISITOR, OTHER_MEMBER], ids=["visitor", "other"])
def test_hidden_documents_change_nothing_that_is_answered(shelf, viewer):
    shelf.put(*PUBLIC_ROWS)
    before = (asked_by(viewer), [suggest(prefix, viewer) for prefix in PREFIXES])

    shelf.put(*SECRETS)
    after = (asked_by(viewer), [suggest(prefix, viewer) for prefix in PREFIXES])

    assert after == before
    assert CANARY not in repr([answer[3:] for answer in after[0]]) + repr(after[1])
    assert LATIN_CANARY not in repr([answer[3:] for answer in after[0]]) + repr(after[1])


def test_the_probes_would_find_it_for_those_who_may(shelf):
    shelf.put(*PUBLIC_ROWS, *SECRETS)

    of_member = {hit.uid for hit in search(CANARY, MEMBER).hits}
    of_cleared = {hit.uid for hit in search(CANARY, CLEARED).hits}

    assert (of_member, of_cleared) == ({"unit"}, {"unit", "level"})


def test_suggestions_come_only_from_public_rows_of_level_0_even_for_the_cleared(shelf):
    shelf.put(*PUBLIC_ROWS, *SECRETS)

    assert [suggest(prefix, CLEARED) for prefix in ("紫杉", "内部", "zqx")] == [(), (), ()]
    assert [suggestion.title for suggestion in suggest("党费", CLEARED)] == ["党费公告"]


def test_document_that_becomes_internal_is_gone_at_once(shelf):
    shelf.put(make("a", f"党费{CANARY}", CANARY, facets={"column": "要闻"}))
    assert search(CANARY, VISITOR).total == 1

    shelf.put(make("a", f"党费{CANARY}", CANARY, facets={"column": "要闻"}, tokens=frozenset({"ou:7"})))

    assert search(CANARY, VISITOR).total == 0
    assert suggest("党费", VISITOR) == ()
    assert search(CANARY, MEMBER).total == 1


def test_viewer_without_tokens_finds_nothing(shelf):
    from portal.ground.suppliers import Viewer

    shelf.put(*PUBLIC_ROWS, *SECRETS)

    results = search("党费", Viewer(frozenset(), 3))

    assert (results.hits, results.total, results.facets) == ((), 0, ())
    assert suggest("党费", Viewer(frozenset(), 3)) == ()
