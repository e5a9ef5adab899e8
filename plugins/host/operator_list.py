"""What the operator decided about plugins, in one file of the data folder: which external ones are loaded, which bundled
ones are left out. Written by `manage.py plugins add | remove`, read before Django starts. Knows no Django."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path

FILE_NAME = "plugins.json"


@dataclasses.dataclass(frozen=True)
class OperatorList:
    """`external`: names of entry points, or absolute paths of plugin folders. `removed`: slugs of bundled plugins. `problem`
    says why the file could not be read; the lists are empty then."""

    external: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problem: str = ""

    def with_external(self, name: str) -> OperatorList:
        """The same with one more external plugin."""
        return self if name in self.external else dataclasses.replace(self, external=(*self.external, name))

    def without_external(self, *names: str) -> OperatorList:
        """The same without those external plugins."""
        return dataclasses.replace(self, external=tuple(name for name in self.external if name not in names))

    def with_removed(self, slug: str) -> OperatorList:
        """The same with one more bundled plugin left out."""
        return self if slug in self.removed else dataclasses.replace(self, removed=(*self.removed, slug))

    def without_removed(self, slug: str) -> OperatorList:
        """The same with that bundled plugin back."""
        return dataclasses.replace(self, removed=tuple(other for other in self.removed if other != slug))


def read_list(data_dir: Path) -> OperatorList:
    """The list as it stands; empty without a file, empty and with its problem when the file cannot be used."""
    path = data_dir / FILE_NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return OperatorList()
    except (OSError, ValueError) as error:
        return OperatorList(problem=f"{path} 不能读取 (cannot be read): {error}")
    if not isinstance(data, dict) or not all(_is_words(data.get(key, [])) for key in ("external", "removed")):
        return OperatorList(problem=f'{path} 应如 (should be like) {{"external": ["name"], "removed": []}}')
    return OperatorList(tuple(data.get("external", [])), tuple(data.get("removed", [])))


def write_list(data_dir: Path, decided: OperatorList) -> None:
    """Replace the file. Raises OSError, and ValueError rather than overwrite a file that could not be read."""
    if decided.problem:
        raise ValueError(decided.problem)
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=data_dir, delete=False, encoding="utf-8") as file:
        json.dump({"external": list(decided.external), "removed": list(decided.removed)}, file, ensure_ascii=False)
    os.chmod(file.name, 0o644)
    os.replace(file.name, data_dir / FILE_NAME)


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)
