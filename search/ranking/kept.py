"""The learned ranking as it is kept: one JSON file in the data folder, with the questions, the order as text, and what it was
worth. Never a pickle: reading the file runs nothing."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from search.ranking.asked import AskedBefore, AskedQuestion
from search.ranking.booster import Booster, NotInstalled
from search.ranking.learned import Learned

log = logging.getLogger(__name__)

VERSION = 1
FILE = "ranking.json"


class BadRanking(ValueError):
    """The kept file cannot be used; the message says why."""


@dataclasses.dataclass(frozen=True)
class KeptRanking:
    """What is kept: when it was trained and on what, whether it is used, what each feature contributed (shares of 1), and the
    figures of the cross-validation, without and with it."""

    trained_at: str
    source: str
    is_on: bool
    gains: Mapping[str, float]
    figures: Mapping[str, Mapping[str, float]]
    questions: tuple[AskedQuestion, ...]
    order: str

    def learned(self) -> Learned:
        """For use. Raises NotInstalled without LightGBM, BadRanking when the order is of another version of the code."""
        try:
            return Learned(AskedBefore(self.questions), Booster(self.order))
        except NotInstalled:
            raise
        except Exception as error:  # LightGBM has errors of its own
            raise BadRanking(f"the learned order cannot be used: {error}") from error


def place() -> Path:
    """Where the ranking of this installation is kept."""
    return Path(settings.SEARCH_RANKING_DIR) / FILE


def keep(kept: KeptRanking, path: Path | None = None) -> None:
    """Write it in the place of the one before, as one act. Processes take it up with their next query."""
    path = path or place()
    path.parent.mkdir(parents=True, exist_ok=True)
    values = dataclasses.asdict(kept) | {
        "version": VERSION,
        "questions": [{"text": one.text, "answers": one.answers} for one in kept.questions],
    }
    written = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with written.open("w", encoding="utf-8") as file:
            json.dump(values, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def read(path: Path | None = None) -> KeptRanking | None:
    """What is kept; None when nothing is. Raises BadRanking."""
    path = path or place()
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadRanking(f"{path} cannot be read: {error}") from error
    try:
        if values["version"] != VERSION:
            raise BadRanking(f"{path} is of version {values['version']}, not {VERSION}: train again")
        return KeptRanking(
            trained_at=str(values["trained_at"]),
            source=str(values["source"]),
            is_on=values["is_on"] is True,
            gains={str(name): float(gain) for name, gain in values["gains"].items()},
            figures={str(name): dict(figures) for name, figures in values["figures"].items()},
            questions=tuple(_question(one) for one in values["questions"]),
            order=str(values["order"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, BadRanking):
            raise
        raise BadRanking(f"{path} is not a ranking: {error!r}") from error


def _question(values: Mapping[str, Any]) -> AskedQuestion:
    answers: Sequence[Any] = values["answers"]
    return AskedQuestion(str(values["text"]), tuple((str(row), str(group)) for row, group in answers))


class InUse:
    """The kept ranking of a place, read again when its file changes. A file that cannot be used is logged once and left out."""

    def __init__(self) -> None:
        self._mark: tuple[Any, ...] | None = None
        self._learned = Learned()

    def learned(self) -> Learned:
        """What is kept and switched on; nothing otherwise."""
        path = place()
        try:
            stat = path.stat()
        except OSError:
            self._mark, self._learned = None, Learned()
            return self._learned
        mark = (str(path), stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if mark != self._mark:
            self._learned = self._read()
            self._mark = mark
        return self._learned

    def _read(self) -> Learned:
        try:
            kept = read()
            return kept.learned() if kept is not None and kept.is_on else Learned()
        except (BadRanking, NotInstalled) as error:
            log.error("the learned ranking is not used: %s", error)
            return Learned()
