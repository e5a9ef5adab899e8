"""Which plugins are there, and which of them may be loaded. Knows no Django: settings call it before anything is set up.

A plugin that cannot be loaded is left out with its reason; the start goes on. Because a failing import cannot be undone
once Django is starting, a set that was never tried is first imported by a child process (`plugins.host.trial`).
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from plugins.host.manifest import BadManifest, Manifest, read_manifest, satisfies, sdk_version
from plugins.host.operator_list import OperatorList

PLUGINS_DIR = Path(__file__).resolve().parents[1]
BUNDLED_DIR = PLUGINS_DIR / "bundled"
ENTRY_POINT_GROUP = "linghang.plugins"
TRIAL_SECONDS = 60
TRIAL_CPU_SECONDS = 40
MOST_TRIALS = 4
CANNOT = "试载入失败 (cannot be imported): {}"
VERDICTS_NAME = "plugin-verdicts.json"
VERDICTS_KEPT = 20
PASSED = "linghang: all could be imported"
"""What the child process says last; one that was ended by a plugin does not come so far."""

Origin = Literal["bundled", "external"]

forced_set: tuple[tuple[str, str], ...] | None = None
"""Package and folder of each plugin, set by the trial process only: load exactly these and try nothing."""


class PluginsRefused(RuntimeError):
    """`PLUGINS_STRICT` is on and a plugin cannot be loaded."""


@dataclasses.dataclass(frozen=True)
class Found:
    """A plugin that lies there. `reason` says why it is left out; empty: it is loaded. `named` is the word by which the
    operator named an external one."""

    slug: str
    package: str
    folder: Path
    origin: Origin
    manifest: Manifest | None
    reason: str = ""
    named: str = ""

    @property
    def is_loaded(self) -> bool:
        """Whether it belongs to this process's set."""
        return not self.reason


@dataclasses.dataclass(frozen=True)
class Discovery:
    """All plugins found, and the packages to put into INSTALLED_APPS."""

    found: tuple[Found, ...]

    @property
    def installed_apps(self) -> list[str]:
        """The packages of the plugins that are loaded, those that others require first."""
        return [plugin.package for plugin in self.found if plugin.is_loaded]

    @property
    def left_out(self) -> tuple[Found, ...]:
        """The plugins that are not loaded, each with its reason."""
        return tuple(plugin for plugin in self.found if not plugin.is_loaded)


REMOVED = "已由操作员移除，plugins add {slug} 可恢复 (removed by the operator; `plugins add {slug}` brings it back)"
EntryPoints = Callable[[], Iterable[tuple[str, str]]]


def entry_points() -> Iterable[tuple[str, str]]:
    """Name and package of every distribution's entry points for plugins; nothing is imported."""
    return [(point.name, point.value) for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)]


def discover(
    *,
    data_dir: Path,
    external: Sequence[str] = (),
    decided: OperatorList | None = None,
    taken: Sequence[str] = (),
    safe_mode: bool = False,
    strict: bool = False,
    try_imports: bool = True,
    settings_module: str = "",
    bundled_dir: Path = BUNDLED_DIR,
    bundled_package: str = "plugins.bundled",
    external_points: EntryPoints = entry_points,
) -> Discovery:
    """Find the bundled plugins and those external ones that the operator named, and decide which are loaded.

    `external` and what the operator `decided` name entry points or absolute paths of plugin folders; `taken` are labels of the
    core, which no plugin may have. `safe_mode` leaves every external one out. With `try_imports` a set that no process has loaded yet is imported in a
    child process first; its verdict is kept in `data_dir` under the fingerprint of the set. Raises PluginsRefused under `strict`.
    """
    if forced_set is not None:
        tried = [_look(Path(folder), package, "external") for package, folder in forced_set]
        return Discovery(tuple(_in_order(tried)))
    decided = decided or OperatorList()
    found = _bundled(bundled_dir, bundled_package)
    found = [_out(p, REMOVED.format(slug=p.slug)) if p.slug in decided.removed else p for p in found]
    named = list(dict.fromkeys([*external, *decided.external]))
    found += _external(named, external_points, safe_mode=safe_mode)
    found = _without_clashes(found, taken)
    found = _without_unfit(found)
    if try_imports and any(plugin.is_loaded for plugin in found):
        verdict = _verdict(data_dir, [plugin for plugin in found if plugin.is_loaded], settings_module)
        found = [_out(plugin, verdict[plugin.slug]) if plugin.slug in verdict else plugin for plugin in found]
        found = _without_unfit(found)
    result = Discovery(tuple(_in_order(found)))
    if strict and result.left_out:
        lines = [f"{plugin.slug}: {plugin.reason}" for plugin in result.left_out]
        raise PluginsRefused("PLUGINS_STRICT: 有插件不能载入 (plugins cannot be loaded)\n" + "\n".join(lines))
    return result


def _out(plugin: Found, reason: str) -> Found:
    return plugin if plugin.reason else dataclasses.replace(plugin, reason=reason)


def _look(folder: Path, package: str, origin: Origin) -> Found:
    name = package.rpartition(".")[2]
    try:
        manifest = read_manifest(folder / "plugin.toml")
    except BadManifest as error:
        return Found(name, package, folder, origin, None, str(error))
    plugin = Found(manifest.slug, package, folder, origin, manifest)
    if manifest.slug != name:
        return _out(plugin, f"slug“{manifest.slug}”与包名“{name}”不同 (slug differs from the package's name)")
    for source in sorted(folder.rglob("*.py")):
        try:
            compile(source.read_bytes(), str(source), "exec")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            return _out(plugin, f"{source.relative_to(folder)} 第 {line} 行有语法错误 (syntax error): {error}")
    return plugin


def _bundled(folder: Path, package: str) -> list[Found]:
    return [
        _look(manifest.parent, f"{package}.{manifest.parent.name}", "bundled")
        for manifest in sorted(folder.glob("*/plugin.toml"))
    ]


def _external(named: Sequence[str], points: EntryPoints, *, safe_mode: bool) -> list[Found]:
    found = []
    known = dict(points()) if named else {}
    for name in named:
        if os.sep in name:
            plugin = _look_at_folder(Path(name))
        else:
            package = known.get(name, "")
            folder = _folder_of(package) if package else None
            if folder is None:
                reason = "已由操作员列出，但没有安装 (named by the operator, but not installed)"
                found.append(Found(name, package or name, Path(), "external", None, reason, name))
                continue
            plugin = _look(folder, package, "external")
        plugin = dataclasses.replace(plugin, named=name)
        found.append(_out(plugin, "安全模式下不载入外部插件 (PLUGINS_SAFE_MODE)") if safe_mode else plugin)
    return found


def _look_at_folder(folder: Path) -> Found:
    """A plugin whose folder the operator named: its parent comes last on the import path, so that it hides nothing."""
    package = folder.name
    if not folder.is_absolute() or not folder.is_dir():
        reason = f"没有文件夹 {folder} (no such folder; an absolute path is needed)"
        return Found(package, package, folder, "external", None, reason)
    plugin = _look(folder, package, "external")
    if not plugin.is_loaded:
        return plugin
    put_on_path(folder)
    if (other := _folder_of(package)) is None or other.resolve() != folder.resolve():
        return _out(plugin, f"包名“{package}”已被占用 (another module has this name)：{other or package}")
    return plugin


def put_on_path(folder: Path) -> None:
    """Make the package in `folder` importable, unless it is already."""
    if _folder_of(folder.name) is None and str(folder.parent) not in sys.path:
        sys.path.append(str(folder.parent))
        importlib.invalidate_caches()


def _folder_of(package: str) -> Path | None:
    """The folder of a package, without importing it or its parents."""
    top, *rest = package.split(".")
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))).joinpath(*rest)
    return folder if folder.is_dir() else None


def _without_clashes(found: list[Found], core: Sequence[str]) -> list[Found]:
    """The core wins over plugins, bundled ones over external ones, what the operator named first over what came later. Who
    loses is still listed, under a name of its own."""
    taken: set[str] = set()
    kept = []
    for plugin in found:
        if plugin.slug in taken:
            reason = f"slug“{plugin.slug}”已被另一插件占用 (slug taken by another plugin)"
            plugin = _out(dataclasses.replace(plugin, slug=_free_name(plugin.slug, taken)), reason)
        elif plugin.slug in core:
            plugin = _out(plugin, f"slug“{plugin.slug}”已被门户自身占用 (slug taken by the portal itself)")
        taken.add(plugin.slug)
        kept.append(plugin)
    return kept


def _free_name(slug: str, taken: set[str]) -> str:
    return next(name for number in range(2, len(taken) + 3) if (name := f"{slug}-{number}") not in taken)


def _without_unfit(found: list[Found]) -> list[Found]:
    """Leave out those that do not fit the SDK, and then, as often as needed, those whose requirements are left out."""
    sdk = sdk_version()
    current = [
        _out(plugin, f"需要 SDK {plugin.manifest.sdk}，本系统为 {sdk} (needs another SDK version)")
        if plugin.manifest and not satisfies(sdk, plugin.manifest.sdk)
        else plugin
        for plugin in found
    ]
    circle = _circle({p.slug: set(p.manifest.requires) for p in current if p.is_loaded and p.manifest})
    current = [
        _out(plugin, f"插件互相需要 (plugins require each other): {' → '.join([*circle, circle[0]])}")
        if plugin.slug in circle
        else plugin
        for plugin in current
    ]
    while True:
        there = {p.slug: p.manifest.version for p in current if p.is_loaded and p.manifest}
        nxt = [_out(plugin, _unmet(plugin, there)) if _unmet(plugin, there) else plugin for plugin in current]
        if nxt == current:
            return _without_unfit(current) if circle else current  # there may be a second circle
        current = nxt


def _circle(needs: dict[str, set[str]]) -> list[str]:
    """Some plugins that require each other in a circle, each the next; [] when there is no circle."""
    done: set[str] = set()
    for start in sorted(needs):
        path: list[str] = []
        slug = start
        while slug not in done:
            if slug in path:
                return path[path.index(slug) :]
            path.append(slug)
            open_needs = sorted(need for need in needs[slug] if need in needs and need not in done)
            if open_needs:
                slug = open_needs[0]
            else:
                done.add(slug)
                path.pop()
                slug = path.pop() if path else slug
    return []


def _unmet(plugin: Found, there: dict[str, str]) -> str:
    for slug, clauses in (plugin.manifest.requires if plugin.manifest else {}).items():
        if slug not in there:
            return f"缺少它需要的插件 {slug} (required plugin {slug} is missing or left out)"
        if not satisfies(there[slug], clauses):
            return f"需要 {slug} {clauses}，现有 {there[slug]} (required plugin has another version)"
    return ""


def _in_order(found: list[Found]) -> list[Found]:
    """Those that others require come first; else by origin and slug."""
    rest = sorted(found, key=lambda plugin: (plugin.origin != "bundled", plugin.slug))
    ordered: list[Found] = []
    while rest:
        placed = {plugin.slug for plugin in ordered}
        free = [p for p in rest if not (_requires(p) - placed) or not p.is_loaded]
        take = free[0] if free else rest[0]
        ordered.append(take)
        rest.remove(take)
    return ordered


# --- trying a set in a child process -----------------------------------------------------------------------------------


def fingerprint(plugins: Sequence[Found]) -> str:
    """A hash over the code of the plugins and of what they stand on: SDK, `portal.public`, the interpreter."""
    digest = hashlib.sha256(f"{sys.version} {sdk_version()}".encode())
    public = PLUGINS_DIR.parent / "portal" / "public"
    for folder in [PLUGINS_DIR / "sdk", public, *(plugin.folder for plugin in plugins)]:
        digest.update(f"\0{folder}".encode())
        for path in sorted([*folder.rglob("*.py"), *folder.glob("plugin.toml")]):
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _verdict(data_dir: Path, plugins: list[Found], settings_module: str) -> dict[str, str]:
    """Reasons by slug of the plugins that must be left out; from the kept verdicts where this very set was tried."""
    key = fingerprint(plugins)
    kept = _kept_verdicts(data_dir)
    if key not in kept:
        verdict = try_set(plugins, settings_module)
        if verdict is None:
            return {}  # the portal itself does not start: its own error will say so better than we could
        kept[key] = verdict
        _keep_verdicts(data_dir, dict(list(kept.items())[-VERDICTS_KEPT:]))
    return kept[key]


def _kept_verdicts(data_dir: Path) -> dict[str, dict[str, str]]:
    try:
        kept = json.loads((data_dir / VERDICTS_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep_verdicts(data_dir: Path, verdicts: dict[str, dict[str, str]]) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=data_dir, delete=False, encoding="utf-8") as file:
            json.dump(verdicts, file, ensure_ascii=False)
        os.replace(file.name, data_dir / VERDICTS_NAME)
    except OSError:
        return  # a full or read-only disk: the set is tried again at the next start


def try_set(plugins: Sequence[Found], settings_module: str) -> dict[str, str] | None:
    """Import the set in a child process; on failure find the guilty ones by trying each by itself, with what it requires, and then,
    should those that passed not get on with each other, by adding them one by one.

    Returns reasons by slug ({}: all is well), or None when the portal does not even start without any plugin.
    """
    error = _trial(plugins, settings_module)
    if not error:
        return {}
    if len(plugins) == 1:
        return None if _trial([], settings_module) else {plugins[0].slug: CANNOT.format(error)}
    ordered = _in_order(list(plugins))
    with ThreadPoolExecutor(min(MOST_TRIALS, os.cpu_count() or 1)) as threads:
        nobody = threads.submit(_trial, [], settings_module)
        alone = [threads.submit(_trial, _with_needs(plugin, ordered), settings_module) for plugin in ordered]
        if nobody.result():
            return None
        reasons: dict[str, str] = {}
        for plugin, tried in zip(ordered, alone, strict=True):
            if not _requires(plugin) & set(reasons) and (error := tried.result()):
                reasons[plugin.slug] = CANNOT.format(error)
    fit = [plugin for plugin in ordered if plugin.slug not in reasons and not _requires(plugin) & set(reasons)]
    if not fit or (reasons and not _trial(fit, settings_module)):
        return reasons
    return reasons | _found_one_by_one(fit, settings_module)


def _found_one_by_one(plugins: Sequence[Found], settings_module: str) -> dict[str, str]:
    good: list[Found] = []
    reasons: dict[str, str] = {}
    for plugin in plugins:
        if _requires(plugin) & set(reasons):
            continue  # left out anyway, with a reason that names the one it requires
        if error := _trial([*good, plugin], settings_module):
            reasons[plugin.slug] = CANNOT.format(error)
        else:
            good.append(plugin)
    return reasons


def _requires(plugin: Found) -> set[str]:
    return set(plugin.manifest.requires) if plugin.manifest else set()


def _with_needs(plugin: Found, ordered: Sequence[Found]) -> list[Found]:
    """The plugin and all that it requires, directly or not, in their order."""
    wanted, waiting = {plugin.slug}, [plugin]
    while waiting:
        more = _requires(waiting.pop()) - wanted
        wanted |= more
        waiting += [other for other in ordered if other.slug in more]
    return [other for other in ordered if other.slug in wanted]


def _trial(plugins: Sequence[Found], settings_module: str) -> str:
    """Start Django with just these plugins in a child process; the last line of its complaint, or "" when it went well."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    if settings_module:
        environment["DJANGO_SETTINGS_MODULE"] = settings_module
    command = [
        sys.executable,
        "-m",
        "plugins.host.trial",
        str(TRIAL_CPU_SECONDS),
        *(f"{p.package}={p.folder}" for p in plugins),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command,
            env=environment,
            cwd=PLUGINS_DIR.parent,
            capture_output=True,
            text=True,
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{TRIAL_SECONDS} 秒内没有载入完 (not imported in time)"
    if done.returncode == 0 and done.stdout.rstrip().endswith(PASSED):
        return ""
    if done.returncode == 0:
        return "载入时结束了进程 (ended the process while it was imported)"
    if done.returncode == -signal.SIGXCPU:
        return f"占用处理器 {TRIAL_CPU_SECONDS} 秒仍没有载入完 (not imported in time)"
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
    return lines[-1].strip()[:500] if lines else f"进程以 {done.returncode} 结束 (process ended with this code)"
