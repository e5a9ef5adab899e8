"""`plugin.toml`, read as data before any code of its plugin runs. Knows no Django."""

from __future__ import annotations

import ast
import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

SLUG = re.compile(r"[a-z][a-z0-9]{1,30}")
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_CLAUSE = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d+\.\d+(?:\.\d+)?|\d+)")
_KEYS = {"slug", "name", "version", "sdk", "requires", "scope", "description", "author", "licence"}
_NEEDED = {"slug", "name", "version", "sdk"}
RESERVED_SLUGS = frozenset(
    {"admin", "api", "doctor", "faults", "host", "p", "plugins", "portal", "sdk", "search", "testing"}
)

Version = tuple[int, int, int]


class BadManifest(ValueError):
    """A manifest that cannot be used; the message says what to change, in Chinese and English."""


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What a plugin says of itself. `requires` maps the slugs of other plugins to version clauses."""

    slug: str
    name_zh: str
    name_en: str
    version: str
    sdk: str
    requires: dict[str, str]
    scope: Literal["site"]
    description_zh: str = ""
    description_en: str = ""
    author: str = ""
    licence: str = ""


def sdk_version() -> str:
    """The version of `plugins.sdk`, read from its source because importing it would need Django."""
    source = (Path(__file__).resolve().parents[1] / "sdk" / "version.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    raise RuntimeError("plugins/sdk/version.py has no version")


def parse_version(text: str) -> Version:
    """Three numbers of "1.2" or "1.2.3". Raises BadManifest."""
    match = _VERSION.fullmatch(text.strip())
    if not match:
        raise BadManifest(f"版本号“{text}”不是 1.2 或 1.2.3 的形式 (not a version: {text})")
    return int(match[1]), int(match[2]), int(match[3] or 0)


def satisfies(version: str, clauses: str) -> bool:
    """Whether a version meets clauses such as ">=1.0,<2". Raises BadManifest for clauses that cannot be read."""
    have = parse_version(version)
    for clause in clauses.split(","):
        match = _CLAUSE.fullmatch(clause.strip())
        if not match:
            raise BadManifest(
                f"版本要求“{clause.strip()}”看不懂，应如 >=1.0,<2 (not a version clause: {clause.strip()})"
            )
        want = parse_version(match[2] if "." in match[2] else f"{match[2]}.0")
        holds = {
            ">=": have >= want,
            "<=": have <= want,
            "==": have == want,
            "!=": have != want,
            ">": have > want,
            "<": have < want,
        }
        if not holds[match[1]]:
            return False
    return True


def read_manifest(path: Path) -> Manifest:
    """Read and check one `plugin.toml`. Raises BadManifest."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadManifest(f"读不到 plugin.toml (cannot be read): {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadManifest(f"plugin.toml 不是有效的 TOML (not valid TOML): {error}") from error
    unknown = sorted(set(data) - _KEYS)
    if unknown:
        raise BadManifest(
            f"plugin.toml 中有不认识的键 (unknown key): {', '.join(unknown)}；可用的键 (known keys): {', '.join(sorted(_KEYS))}"
        )
    missing = sorted(_NEEDED - set(data))
    if missing:
        raise BadManifest(f"plugin.toml 缺少 (missing key): {', '.join(missing)}")
    slug = _text(data, "slug")
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise BadManifest(
            f"slug“{slug}”不可用：应为 2–31 个小写字母或数字，字母开头，且不是保留名 (slug not usable: {slug})"
        )
    version = _text(data, "version")
    parse_version(version)
    sdk = _text(data, "sdk")
    satisfies("1.0", sdk)  # readable at all?
    requires = data.get("requires", {})
    if not isinstance(requires, dict) or not all(isinstance(value, str) for value in requires.values()):
        raise BadManifest('requires 应如 { points = ">=1.0" } (requires is not a table of version clauses)')
    for clauses in requires.values():
        satisfies("1.0", clauses)
    scope = data.get("scope", "site")
    if scope != "site":
        raise BadManifest(
            f"scope“{scope}”不可用：插件按站点开关，只能写 site，或不写 (plugins are switched for each site: scope is site, or left out)"
        )
    name_zh, name_en = _two_languages(data, "name")
    description_zh, description_en = _two_languages(data, "description") if "description" in data else ("", "")
    return Manifest(
        slug=slug,
        name_zh=name_zh,
        name_en=name_en,
        version=version,
        sdk=sdk,
        requires=dict(requires),
        scope=scope,
        description_zh=description_zh,
        description_en=description_en,
        author=_text(data, "author") if "author" in data else "",
        licence=_text(data, "licence") if "licence" in data else "",
    )


def _text(data: dict[str, Any], key: str) -> str:
    value = data[key]
    if not isinstance(value, str) or not value.strip():
        raise BadManifest(f"{key} 应为非空文字 (not a text): {value!r}")
    return value.strip()


def _two_languages(data: dict[str, Any], key: str) -> tuple[str, str]:
    value = data[key]
    if not isinstance(value, dict) or set(value) != {"zh", "en"}:
        raise BadManifest(f'{key} 应如 {{ zh = "在线考试", en = "Quizzes" }} ({key} needs zh and en)')
    return _text(value, "zh"), _text(value, "en")
