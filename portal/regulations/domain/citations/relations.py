"""Relations that a text states: 同时废止, 根据《X》制定, 适用《X》若干问题的解释, 关于修改《X》的决定. Proposals, never more."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from portal.regulations.domain.citations.names import plain_key
from portal.regulations.models import Citation, Provision, RegulationVersion, Relation

_SENTENCE = re.compile(r"[^。\n]*(?:。|$)")
_REPEALED = re.compile(r"(?:同时废止|予以废止|即行废止|停止执行|同时停止施行|自行废止|同时失效|废止)")
_NOT_REPEALED = re.compile(
    r"(?:不|未|申请|撤销|或者|修改、|制定、|、修改|公布)废止|废止(?:的|办法|程序|案|或者|意见|建议|、)"
)
_BASED = re.compile(r"(?:根据|依据|依照)[^。；]{0,400}?(?:制定本|作出本|解释如下|规定如下|制订本|对有关问题)")
_DATE = re.compile(r"自\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*起")
_OF_TITLE = (
    (Relation.Kind.AMENDS, re.compile(r"关于修[改订正]《(?P<title>.+?)》(?:等.{0,20})?的决定$")),
    (Relation.Kind.AMENDS, re.compile(r"^(?P<title>中华人民共和国[^（(]{1,30}?)修正案")),
    (Relation.Kind.REPEALS, re.compile(r"关于废止《(?P<title>.+?)》(?:等.{0,20})?的决定$")),
    (Relation.Kind.INTERPRETS, re.compile(r"(?:适用|贯彻|执行)《(?P<title>[^》]+)》.*(?:解释|规定|意见)(?:（.+）)?$")),
    (Relation.Kind.IMPLEMENTS, re.compile(r"^(?P<title>.+?)(?:实施条例|实施细则|实施办法|实施规定)$")),
)


def propose_relations(
    version: RegulationVersion,
    provisions: Sequence[Provision],
    rows: Sequence[Citation],
    targets: Mapping[str, int | None],
) -> None:
    """Write what a version states of other works, in the caller's transaction. What a person decided stays."""
    stated = stated_relations(version.regulation.title, version.starts_on, provisions, rows)
    known = {(r.title_key, r.kind): r for r in Relation.objects.filter(source=version.regulation_id)}
    fresh = []
    for (key, kind), (title, day, quote) in stated.items():
        relation = known.get((key, kind))
        if relation is None:
            fresh.append(
                Relation(
                    source_id=version.regulation_id,
                    version=version,
                    target_id=targets.get(key),
                    title=title[:300],
                    title_key=key[:300],
                    kind=kind,
                    on=day,
                    quote=quote[:300],
                )
            )
        elif relation.target_id is None and targets.get(key):
            relation.target_id = targets[key]
            relation.save(update_fields=["target"])
    Relation.objects.bulk_create(fresh, ignore_conflicts=True)


def stated_relations(
    title: str, starts_on: dt.date | None, provisions: Sequence[Provision], rows: Sequence[Citation]
) -> dict[tuple[str, str], tuple[str, dt.date | None, str]]:
    """{(key of the title, kind): (title, day, the words)} of all that a text states of other works."""
    own = plain_key(title)
    found: dict[tuple[str, str], tuple[str, dt.date | None, str]] = {}
    by_path: dict[str, list[Citation]] = {}
    for row in rows:
        if not row.path and row.title_key != own:
            by_path.setdefault(row.source_path, []).append(row)
    for provision in provisions:
        mentions = by_path.get(provision.path)
        if not mentions or provision.in_annex:
            continue
        for sentence in _SENTENCE.finditer(provision.text):
            words = sentence.group()
            inside = [row for row in mentions if sentence.start() <= row.start < sentence.end()]
            if not inside:
                continue
            if _REPEALED.search(words) and not _NOT_REPEALED.search(words):
                last = list(_REPEALED.finditer(words))[-1].start() + sentence.start()
                date = _DATE.search(words)
                day = _day(date) if date else starts_on
                for row in inside:
                    if row.start < last and row.quote.startswith("《"):
                        found[(row.title_key, Relation.Kind.REPEALS)] = (row.quote.strip("《》"), day, words.strip())
            if based := _BASED.search(words):
                for row in inside:
                    if based.start() <= row.start - sentence.start() < based.end():
                        found.setdefault(
                            (row.title_key, Relation.Kind.BASED_ON), (row.quote.strip("《》"), None, words.strip())
                        )
    for kind, pattern in _OF_TITLE:
        match = pattern.search(title)
        if match and plain_key(match["title"]) != own:
            name = match["title"].replace("〈", "《").replace("〉", "》")
            found.setdefault((plain_key(name), kind), (name, starts_on, title))
    return found


def _day(match: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
