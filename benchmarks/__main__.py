"""`bin/bench [NAME...] [--json FILE] [-o NAME=VALUE] [--list]`: runs benchmarks one after the other and prints a table.

A benchmark is a module of this package with `run(options) -> dict`. Numbers in the dict are figures, nested or not. A target
stands beside its figure as `target_<figure>` (the figure should stay below it) or in `targets`: {figure: {"at_most": x}} or
{"at_least": x}. Exit code 1 when a benchmark failed or missed a target.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import benchmarks

PROJECT_DIR = Path(__file__).resolve().parents[1]


def names() -> list[str]:
    """All modules here that have a `run`, found by reading them, so that listing imports nothing heavy."""
    folder = Path(__file__).parent
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(
        name for name in found if (path := folder / f"{name}.py").exists() and "\ndef run(" in path.read_text()
    )


def figures(result: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float | str]]:
    """All numbers and words of a result, nested names joined by dots."""
    for name, value in result.items():
        if name == "targets" or name.startswith("target_"):
            continue
        if isinstance(value, dict):
            yield from figures(value, f"{prefix}{name}.")
        elif isinstance(value, int | float | str) and not isinstance(value, bool):
            yield f"{prefix}{name}", value


def target_of(figure: str, result: dict[str, Any]) -> tuple[str, float] | None:
    """("at_most" or "at_least", value) for a figure, or None."""
    for way, value in result.get("targets", {}).get(figure, {}).items():
        return way, float(value)
    plain = f"target_{figure.replace('.', '_')}"
    if isinstance(value := result.get(plain), int | float):
        return ("at_least" if "per_second" in figure else "at_most"), float(value)
    return None


def show(result: dict[str, Any]) -> bool:
    """Print one benchmark's table; whether all targets were reached."""
    reached = True
    for figure, value in figures(result):
        target, mark = target_of(figure, result), ""
        if target and isinstance(value, int | float):
            way, bound = target
            good = value <= bound if way == "at_most" else value >= bound
            reached &= good
            ratio = value / bound if bound else float(value > 0)
            mark = f"{'≤' if way == 'at_most' else '≥'} {bound:<10g} {ratio:8.2f}   {'ok' if good else 'MISSED'}"
        shown = f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        print(f"  {figure:<52} {shown:>14}  {mark}")
    return reached


def about() -> dict[str, Any]:
    """What the figures were measured on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT_DIR, capture_output=True, text=True, check=False
    )
    return {
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def main() -> int:
    """Entry point of `python -m benchmarks`."""
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures there")
    parser.add_argument("--list", action="store_true")
    parser.add_argument(
        "-o", dest="set", action="append", default=[], metavar="NAME=VALUE", help="an option of a benchmark"
    )
    options = parser.parse_args()
    if options.list:
        print("\n".join(names()))
        return 0
    if unknown := set(options.names) - set(names()):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    for pair in options.set:
        name, _, value = pair.partition("=")
        setattr(options, name.replace("-", "_"), value)
    all_good, results = True, {"about": about()}
    for name in options.names or names():
        print(f"\n━━ {name}", flush=True)
        began = time.monotonic()
        try:
            result = importlib.import_module(f"benchmarks.{name}").run(options)
            good = show(result)
        except Exception:  # noqa: BLE001 - shown, and the others go on
            traceback.print_exc()
            result, good = {"failed": traceback.format_exc(limit=1)}, False
        result["seconds"] = round(time.monotonic() - began, 1)
        results[name] = result
        all_good &= good
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1, default=str) + "\n")
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
