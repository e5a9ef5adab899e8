"""`python -m plugins.host.trial CPU_SECONDS PACKAGE=FOLDER...`: start Django with exactly these plugins and import what they declare.

Ends with 0 when all could be imported, and what Django reads of every app (template tags, migrations, commands, system checks) is in order:
there a plugin's mistake would be everybody's. Runs in a child process of its own, under limits, because a failed import cannot be
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
    _refuse_what_breaks_others()
    left_out = [found for found in registry.found() if registry.reason_of(found.slug)]
    if left_out:
        raise RuntimeError("; ".join(f"{found.slug}: {registry.reason_of(found.slug)}" for found in left_out))
    sys.stdout.write(f"\n{discovery.PASSED}\n")


def _refuse_what_breaks_others() -> None:
    """Raise for what would break pages, `migrate` or `manage.py` of the whole portal."""
    from django.core import checks  # noqa: PLC0415 - see above
    from django.core.management import find_commands, get_commands, load_command_class  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415
    from django.template import engines  # noqa: PLC0415
    from wagtail.hooks import search_for_hooks  # noqa: PLC0415

    engines.all()  # reads every library of template tags
    search_for_hooks()
    if several := MigrationLoader(None).detect_conflicts():
        raise RuntimeError(f"migrations that follow the same one, without one that joins them: {several}")
    djangos_own = set(find_commands(os.path.join(django.__path__[0], "core", "management")))
    plugins = {package for package, _ in discovery.forced_set or ()}
    for name, app in get_commands().items():
        if app in plugins:
            if name in djangos_own:
                raise RuntimeError(f"its command {name} would stand before Django's own")
            load_command_class(app, name)
    for message in checks.run_checks():
        if message.is_serious() and not message.is_silenced():
            raise RuntimeError(f"{message.id} {message.obj}: {message.msg}".replace("\n", " "))


if __name__ == "__main__":
    main(sys.argv[1:])
