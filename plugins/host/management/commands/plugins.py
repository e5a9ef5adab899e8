"""`manage.py plugins list | check | add | enable | disable | remove | doctor | compile`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from wagtail.models import Site

from plugins.host import adding, discovery, doctor, registry, removing, state
from plugins.host.catalogue import compile_catalogue


class Command(BaseCommand):
    """Plugins from the command line; what is safe while the site runs stands in the administration too."""

    help = "Lists plugins, tries, adds, switches and removes them, and finds what plugins left behind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """list, check [SLUG...], add NAME, enable SLUG, disable SLUG, remove SLUG --keep-data|--purge, doctor."""
        commands = parser.add_subparsers(dest="action", required=True)
        for name, text in (("enable", "switch a plugin on"), ("disable", "switch a plugin off")):
            command = commands.add_parser(name, help=text)
            command.add_argument("slug")
            command.add_argument("--site", type=int, default=None, help="id of the site; absent: the default site")
        listing = commands.add_parser("list", help="show all plugins found")
        listing.add_argument("--site", type=int, default=None, help="id of the site; absent: the default site")
        check = commands.add_parser(
            "check", help="import plugins in a child process; ends with 1 if one cannot be loaded"
        )
        check.add_argument("slugs", nargs="*")
        adding_one = commands.add_parser("add", help="take in an external plugin, or a bundled one that was removed")
        adding_one.add_argument("name", help="name of its entry point, its folder, or its slug")
        removing_one = commands.add_parser("remove", help="take a plugin away")
        removing_one.add_argument("slug")
        data = removing_one.add_mutually_exclusive_group(required=True)
        data.add_argument("--keep-data", action="store_true", help="its tables and rows stay for the day it comes back")
        data.add_argument("--purge", action="store_true", help="no row stays behind, save audit entries")
        removing_one.add_argument(
            "--leave-content", action="store_true", help="with --keep-data: pages and blocks of its types stay, unseen"
        )
        texts = commands.add_parser("compile", help="compile the texts (.po) of a plugin; needs no gettext programs")
        texts.add_argument("folder", type=Path)
        commands.add_parser(
            "doctor", help="find what plugins left behind and what holds them back; ends with 1 if anything"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen action."""
        getattr(self, f"_{options['action']}")(options)

    def _site(self, options: dict[str, Any]) -> int:
        site_id: int | None = options["site"]
        if site_id is None:
            return state.default_site_id()
        if not Site.objects.filter(pk=site_id).exists():
            raise CommandError(f"没有编号为 {site_id} 的站点 (no such site)")
        return site_id

    def _list(self, options: dict[str, Any]) -> None:
        on = state.active_on_site(self._site(options))
        notices = state.notices()
        for found in registry.found():
            reason = registry.reason_of(found.slug) or notices.get(found.slug, "")
            mark = "启用 on" if found.slug in on else "停用 off"
            if reason:
                mark = "未载入 left out" if registry.reason_of(found.slug) else "未生效 waits"
            version = found.manifest.version if found.manifest else "-"
            name = found.manifest.name_zh if found.manifest else ""
            self.stdout.write(f"{found.slug:<16} {version:<8} {found.origin:<9} {mark:<12} {name} {reason}".rstrip())

    def _enable(self, options: dict[str, Any]) -> None:
        self._switch(options, enabled=True)

    def _disable(self, options: dict[str, Any]) -> None:
        self._switch(options, enabled=False)

    def _switch(self, options: dict[str, Any], *, enabled: bool) -> None:
        try:
            state.switch(options["slug"], enabled=enabled, site_id=self._site(options))
        except registry.NoSuchPlugin as error:
            known = ", ".join(found.slug for found in registry.found())
            raise CommandError(f"没有名为 {options['slug']} 的插件，现有 (known): {known}") from error
        except state.CannotSwitch as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{options['slug']}: {'已启用 on' if enabled else '已停用 off'}")

    def _check(self, options: dict[str, Any]) -> None:
        chosen = options["slugs"] or [found.slug for found in registry.found()]
        try:
            plugins = [registry.found_plugin(slug) for slug in chosen]
        except registry.NoSuchPlugin as error:
            raise CommandError(f"没有名为 {error} 的插件 (no such plugin)") from error
        reasons = {plugin.slug: plugin.reason for plugin in plugins if plugin.reason}
        tried = discovery.try_set([plugin for plugin in plugins if not plugin.reason], settings_module="")
        if tried is None:
            raise CommandError(
                "没有任何插件时门户也不能启动，先处理那个错误 (the portal does not start without plugins either)"
            )
        reasons.update(tried)
        for plugin in plugins:
            self.stdout.write(f"{plugin.slug:<16} {reasons.get(plugin.slug) or '可以载入 ok'}")
        if reasons:
            raise CommandError(f"{len(reasons)} 个插件不能载入 (cannot be loaded)")

    def _add(self, options: dict[str, Any]) -> None:
        try:
            added = adding.add(options["name"], self._say)
        except adding.CannotAdd as refusal:
            raise CommandError(str(refusal)) from refusal
        for line in added.next_steps:
            self.stdout.write(f"→ {line}")

    def _remove(self, options: dict[str, Any]) -> None:
        if options["purge"] and options["leave_content"]:
            raise CommandError("--leave-content 只能与 --keep-data 同用 (goes with --keep-data only)")
        try:
            removed = removing.remove(
                options["slug"], purge=options["purge"], leave_content=options["leave_content"], say=self._say
            )
        except removing.CannotRemove as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{removed.slug}: {'已清除 purged' if options['purge'] else '已移除，数据保留 removed, data kept'}"
        )
        for line in removed.next_steps:
            self.stdout.write(f"→ {line}")

    def _doctor(self, options: dict[str, Any]) -> None:
        found = doctor.findings()
        for finding in found:
            self.stdout.write(f"✗ {finding.slug} {finding.text}".replace("  ", " "))
            self.stdout.write(f"  → {finding.type_this}")
        if found:
            raise CommandError(f"{len(found)} 处需要处理 (findings)")
        self.stdout.write("没有发现问题 (nothing found)")

    def _compile(self, options: dict[str, Any]) -> None:
        sources = sorted(options["folder"].rglob("*.po"))
        if not sources:
            raise CommandError(f"{options['folder']} 中没有 .po 文件 (no .po file)")
        for source in sources:
            self.stdout.write(str(compile_catalogue(source)))

    def _say(self, line: str) -> None:
        self.stdout.write(f"▸ {line}")
        self.stdout.flush()
