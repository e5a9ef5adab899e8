"""Writing a complete little plugin from the files in `plugins/scaffold`. Knows no Django."""

from __future__ import annotations

import keyword
import shutil
from pathlib import Path

from plugins.host.catalogue import compile_catalogue
from plugins.host.manifest import RESERVED_SLUGS, SLUG

TEMPLATES = Path(__file__).resolve().parents[1] / "scaffold"
ENDING = ".tpl"
IN_BARE = ("plugin.toml", "__init__.py", "apps.py", "tests/__init__.py")


class CannotScaffold(ValueError):
    """The plugin cannot be written; the message is for people. Nothing was written."""


def write_plugin(
    slug: str,
    where: Path,
    *,
    name_zh: str = "",
    name_en: str = "",
    author: str = "",
    package: bool = False,
    bare: bool = False,
) -> Path:
    """Write the plugin `slug` into `where/slug`, or as a distribution of its own into `where/linghang-slug`. A bare one declares
    nothing yet. Returns the folder of the plugin itself. Raises CannotScaffold."""
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS or keyword.iskeyword(slug):
        raise CannotScaffold(
            f"“{slug}”不可用：应为 2–31 个小写字母或数字，字母开头，且不是保留名 (small letters and digits, not a reserved word)"
        )
    values = {
        "slug": slug,
        "Class": slug.capitalize(),
        "zh": name_zh or slug,
        "en": name_en or slug.capitalize(),
        "author": author or slug.capitalize(),
    }
    if bad := [value for value in values.values() if any(character in value for character in "\"'\\{}<>\n")]:
        raise CannotScaffold(f"名称中不能有引号、括号或换行 (no quotes, brackets or line breaks): {bad[0]}")
    top = where / f"linghang-{slug}" if package else where
    folder = top / slug
    if (there := top if package else folder).exists():
        raise CannotScaffold(f"{there} 已存在 (is there already)")
    if package:
        _write(TEMPLATES / "package", top, values)
    if bare:
        _write(TEMPLATES / "plugin", folder, values, only=IN_BARE)
        _write(TEMPLATES / "bare", folder, values)
    else:
        _write(TEMPLATES / "plugin", folder, values)
    for catalogue in folder.rglob("*.po"):
        compile_catalogue(catalogue)
    return folder


def _write(source: Path, target: Path, values: dict[str, str], only: tuple[str, ...] = ()) -> None:
    try:
        for template in sorted(source.rglob(f"*{ENDING}")):
            name = template.relative_to(source).as_posix().removesuffix(ENDING)
            if only and name not in only:
                continue
            path = target / _filled(name, values)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = _filled(template.read_text(encoding="utf-8"), values)
            path.write_text(_imports_in_order(text) if path.suffix == ".py" else text, encoding="utf-8")
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"__{name}__", value)
    return text


def _imports_in_order(text: str) -> str:
    """Imports stand by name, and the plugin's own name is known only now."""
    lines = text.splitlines(keepends=True)
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].startswith("from "):
            end += 1
        lines[at:end] = sorted(lines[at:end], key=lambda line: line.split()[1])
        at = end + 1
    return "".join(lines)
