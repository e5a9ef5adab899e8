"""Prints the ten longest files and functions, so that none ends up longest-of-all unnoticed. Fails nothing."""

import ast
import sys
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
FOLDERS = ("portal", "plugins", "search", "media_pipeline", "tests", "benchmarks")


def main() -> None:
    """Read all Python files of the project and print the longest."""
    files: list[tuple[int, str]] = []
    functions: list[tuple[int, str]] = []
    for folder in FOLDERS:
        for path in (PROJECT_DIR / folder).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            text, name = path.read_text(), str(path.relative_to(PROJECT_DIR))
            files.append((text.count("\n"), name))
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    functions.append(((node.end_lineno or node.lineno) - node.lineno + 1, f"{name} {node.name}"))
    for rows in (files, functions):
        for lines, name in sorted(rows, reverse=True)[:10]:
            sys.stdout.write(f"  {lines:5} {name}\n")
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
