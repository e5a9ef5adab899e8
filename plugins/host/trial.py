"""`python -m plugins.host.trial CPU_SECONDS PACKAGE=FOLDER...`: start Django with exactly these plugins and import what they declare.

Ends with 0 when all could be imported. Runs in a child process of its own, under limits, because a failed import cannot be
undone; touches no database.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import django

from plugins.host import discovery

MEMORY_BYTES = 4 * 1024**3


def main(arguments: list[str]) -> None:
    """Load the plugins, or raise what they raise."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    cpu_seconds = int(arguments[0])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    pairs = [argument.partition("=") for argument in arguments[1:]]
    for package, _, folder in pairs:
        if "." not in package:
            discovery.put_on_path(Path(folder))
    discovery.forced_set = tuple((package, folder) for package, _, folder in pairs)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings.production")
    django.setup()
    from plugins.host import registry  # noqa: PLC0415 - needs the apps that were just set up

    for plugin in registry.plugins():
        registry.import_everything(plugin)
    left_out = [found for found in registry.found() if registry.reason_of(found.slug)]
    if left_out:
        raise RuntimeError("; ".join(f"{found.slug}: {registry.reason_of(found.slug)}" for found in left_out))
    sys.stdout.write(f"\n{discovery.PASSED}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
