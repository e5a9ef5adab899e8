"""The learned order: LambdaMART over `features`, by LightGBM (the extra `learn`)."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Sequence
from typing import Any

from search.ranking.features import NAMES

ROUNDS = 200
_PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank",
    "metric": "None",
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "label_gain": [0, 1],
    "lambdarank_truncation_level": 15,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "seed": 1,
    "verbosity": -1,
}
"""Small trees and strong smoothing: a few hundred questions carry no more, and larger trees fall below the unlearned order."""


class NotInstalled(RuntimeError):
    """LightGBM is missing: install the extra `learn`."""


@dataclasses.dataclass(frozen=True)
class Judged:
    """A question's candidates: their features and, for each, whether it answers the question."""

    lines: Sequence[Sequence[float]]
    answers: Sequence[bool]


class Booster:
    """A trained order. `text` is what is kept of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._model = _lightgbm().Booster(model_str=text)
        if self._model.feature_name() != list(NAMES):
            raise ValueError("this ranking was learned with other features; train it again")

    def scores(self, lines: Sequence[Sequence[float]]) -> list[float]:
        """A number for each line: the higher, the better the row."""
        return [float(value) for value in self._model.predict(_matrix(lines), num_threads=1)]

    def gains(self) -> dict[str, float]:
        """How much each feature contributed while training, as shares of 1."""
        gains = [float(gain) for gain in self._model.feature_importance("gain")]
        total = sum(gains) or 1.0
        return {name: round(gain / total, 4) for name, gain in zip(NAMES, gains, strict=True)}


def train(judged: Sequence[Judged]) -> Booster:
    """Learn from judged questions; those without an answer among their candidates teach nothing. Raises ValueError when none
    is left, NotInstalled without LightGBM."""
    usable = [one for one in judged if any(one.answers)]
    if not usable:
        raise ValueError("no question has an answer among its candidates")
    lightgbm = _lightgbm()
    data = lightgbm.Dataset(
        _matrix([line for one in usable for line in one.lines]),
        label=[int(answer) for one in usable for answer in one.answers],
        group=[len(one.lines) for one in usable],
        feature_name=list(NAMES),
    )
    return Booster(lightgbm.train(_PARAMETERS, data, num_boost_round=ROUNDS).model_to_string())


def is_installed() -> bool:
    """Whether a learned order can be used here."""
    try:
        _lightgbm()
    except NotInstalled:
        return False
    return True


def _lightgbm() -> Any:
    try:
        return importlib.import_module("lightgbm")
    except ImportError as error:
        raise NotInstalled("the learned ranking needs the extra “learn” (LightGBM)") from error


def _matrix(lines: Sequence[Sequence[float]]) -> Any:
    return importlib.import_module("numpy").asarray(lines, dtype="float32")
