"""Reading settings from the environment, once. Every name read here stands in `docs/operators/settings.md` (a test compares)."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PROJECT_DIR = Path(__file__).resolve().parents[2]
NAMES_READ: dict[str, str] = {}


def text(name: str, default: str = "") -> str:
    """The variable as text, or its default."""
    NAMES_READ[name] = default
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    """The variable as yes or no (1, true, yes, on / 0, false, no, off). Raises ImproperlyConfigured for anything else."""
    raw = text(name, "1" if default else "0").lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}")


def number(name: str, default: int, *, at_least: int | None = None) -> int:
    """The variable as a whole number. Raises ImproperlyConfigured for anything else, and below `at_least`."""
    raw = text(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}") from None
    if at_least is not None and value < at_least:
        raise ImproperlyConfigured(f"{name} must be {at_least} or more, not {value}")
    return value


def choice(name: str, options: tuple[str, ...]) -> str:
    """The variable as one of `options`, the first of them by default. Raises ImproperlyConfigured for anything else."""
    raw = text(name, options[0]).lower()
    if raw not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {raw!r}")
    return raw


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, split at commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def data_dir() -> Path:
    """The folder that holds everything this installation writes (`LINGHANG_DATA`, default `var/`)."""
    raw = text("LINGHANG_DATA", "")
    return Path(raw).expanduser().resolve() if raw else PROJECT_DIR / "var"
