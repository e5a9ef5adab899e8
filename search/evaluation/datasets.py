"""Articles and judged questions from files, one JSON object a line (`.gz` or plain).

An article: `id`, `law_title`, `article` (第一条), `text`, and optionally `heading`, `date`, `path`. A question: `query` and
`relevant`, a list of objects with `id`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from search.analysis.references import reference_in_query
from search.contracts import SearchDocument
from search.ranking import authority, citation_counts, level_of, place_citation_counts
from search.ranking.asked import AskedQuestion

KIND = "law"


class BadFile(ValueError):
    """A file is not in the form described above; the message names the line."""


@dataclasses.dataclass(frozen=True)
class Question:
    """A question with the uids of the articles that answer it."""

    text: str
    answers: frozenset[str]


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON lines, each with the number of its line. Raises BadFile, FileNotFoundError."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadFile(f"{path}, line {number}: not JSON ({error})") from error
            if not isinstance(row, dict):
                raise BadFile(f"{path}, line {number}: not an object")
            yield number, row


def read_articles(path: Path) -> list[SearchDocument]:
    """All articles as documents, public, with authority from title and citations of these very articles. Raises BadFile."""
    rows: list[dict[str, Any]] = []
    for number, row in read_lines(path):
        missing = {"id", "law_title", "article", "text"} - row.keys()
        if missing:
            raise BadFile(f"{path}, line {number}: without {', '.join(sorted(missing))}")
        rows.append(row)
    places = [reference_in_query(row["article"]) for row in rows]
    paths = [place.article if place else "" for place in places]
    titles = {row["law_title"] for row in rows}
    cited = citation_counts(titles, ((row["law_title"], row["text"]) for row in rows))
    cited_places = place_citation_counts(
        titles, ((row["law_title"], at, row["text"]) for row, at in zip(rows, paths, strict=True))
    )
    levels = {title: level_of(title) for title in titles}
    documents = []
    for row, at in zip(rows, paths, strict=True):
        title = row["law_title"]
        documents.append(
            SearchDocument(
                uid=str(row["id"]),
                group=title,
                kind=KIND,
                type="article",
                title=title,
                context=row.get("heading") or "",
                body=row["text"],
                url=f"/{row['id']}",
                tokens=frozenset({"public"}),
                authority=authority(levels[title], cited.get(title, 0), cited_places.get((title, at), 0) if at else 0),
                published=dt.date.fromisoformat(row["date"]) if row.get("date") else None,
                facets={"level": str(row.get("path", "")).split("/")[0]},
                reference_title=title if at else "",
                reference_path=at,
                label=row["article"],
            )
        )
    return documents


def read_questions(path: Path) -> list[Question]:
    """All questions that have an answer. Raises BadFile."""
    questions = []
    for number, row in read_lines(path):
        try:
            answers = frozenset(str(answer["id"]) for answer in row["relevant"] if answer.get("id"))
            text = str(row["query"])
        except (KeyError, TypeError, AttributeError) as error:
            raise BadFile(f"{path}, line {number}: needs query and relevant with ids") from error
        if answers:
            questions.append(Question(text, answers))
    return questions


def as_asked(questions: list[Question], documents: list[SearchDocument]) -> list[AskedQuestion]:
    """Questions as the learned ranking takes them. Answers that no document has are left out."""
    groups = {document.uid: document.group for document in documents}
    return [
        AskedQuestion(
            question.text,
            tuple((f"{KIND}:{uid}", f"{KIND}:{groups[uid]}") for uid in sorted(question.answers) if uid in groups),
        )
        for question in questions
    ]
