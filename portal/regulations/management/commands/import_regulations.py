"""`manage.py import_regulations PATH`: import a law file or a folder of them."""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from portal.organisations.domain.audiences import members_audience, organisation_audience, public_audience
from portal.organisations.models import Organisation
from portal.regulations.domain.citations.linking import read_unread
from portal.regulations.domain.files import BadMetadata, FileReport, Options, find_files, import_files, read_metadata
from portal.regulations.domain.importing import Placement
from portal.regulations.domain.levels import level_by_name
from portal.regulations.models import Regulation

_EVERY_SECONDS = 2.0
_OUTCOMES = {
    "created": "新建", "new_version": "新版本", "updated": "更新", "unchanged": "未变", "previewed": "试读", "refused": "未导入",
}  # fmt: skip


class Command(BaseCommand):
    help = "导入法规：PATH 是一个 Markdown 文件或文件夹。每个文件一个事务；再次导入相同的文件不做任何改动。"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="文件或文件夹")
        parser.add_argument("--dry-run", action="store_true", help="只解析和报告，不写入")
        parser.add_argument("--report", type=Path, help="报告文件，每个源文件一行 JSON")
        parser.add_argument("--metadata", type=Path, help="元数据表（TSV）：path、level、valid_from、publish 等列")
        parser.add_argument("--owner", default="", help="责任组织的编码；写明后按内部制度导入，默认只对该组织可见")
        parser.add_argument("--audience", choices=["public", "members", "owner"], help="可见范围")
        parser.add_argument("--level", default="", help="效力级别，如 法律、行政法规、内部制度")
        parser.add_argument("--draft", action="store_true", help="导入为草稿，不发布")
        parser.add_argument(
            "--accept-versions", action="store_true", help="已有法规的新日期直接成为新版本；不加时存为草稿，待确认"
        )
        parser.add_argument("--replace", action="store_true", help="覆盖同一版本的另一份文本")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["dry_run"]:
            try:
                Regulation.objects.exists()
            except DatabaseError as error:
                raise CommandError("数据库还没有准备好：请先运行 manage.py migrate。") from error
        settings = self._options(options)
        try:
            files = find_files(options["path"])
        except FileNotFoundError:
            raise CommandError(f"找不到 {options['path']}，请检查路径。") from None
        if not files:
            raise CommandError(f"{options['path']} 里没有文件。")
        try:
            report = options["report"].open("w", encoding="utf-8") if options["report"] else None
        except OSError as error:
            raise CommandError(f"报告文件 {options['report']} 无法写入：{error.strerror}") from error
        try:
            self._run(files, settings, report)
        finally:
            if report:
                report.close()

    def _options(self, options: dict[str, Any]) -> Options:
        owner = None
        if options["owner"]:
            owner = Organisation.objects.filter(code=options["owner"]).first()
            if owner is None:
                raise CommandError(f"没有编码为 {options['owner']} 的组织。")
        wanted = options["audience"] or ("owner" if owner else None)
        if wanted == "owner" and owner is None:
            raise CommandError("--audience owner 需要同时写明 --owner。")
        audience = None
        if not options["dry_run"] and wanted:
            if wanted == "owner" and owner is not None:
                audience = organisation_audience(owner)
            else:
                audience = members_audience() if wanted == "members" else public_audience()
        level = level_by_name(options["level"]) if options["level"] else ""
        if level is None:
            raise CommandError(f"没有名为“{options['level']}”的效力级别。")
        try:
            metadata = read_metadata(options["metadata"]) if options["metadata"] else {}
        except BadMetadata as error:
            raise CommandError(str(error)) from error
        return Options(
            placement=Placement(level=level, owner=owner, audience=audience),
            metadata=metadata,
            publish=not options["draft"],
            replace=options["replace"],
            dry_run=options["dry_run"],
            accept_versions=options["accept_versions"],
        )

    def _run(self, files: list[Any], settings: Options, report: Any) -> None:
        started = shown = time.monotonic()
        outcomes: Counter[str] = Counter()
        articles = done = doubted = uneven = waiting = 0
        for group in import_files(files, settings):
            for item in group:
                done += 1
                outcomes[item.outcome] += 1
                doubted += bool(item.doubts)
                waiting += item.to_confirm
                uneven += bool(item.balance) and not item.balance["even"]
                if item.outcome != "refused":
                    articles += item.articles
                self._write(report, item)
                if item.error:
                    self.stderr.write(f"{item.path}：{item.error}")
            if report:
                report.flush()
            if time.monotonic() - shown >= _EVERY_SECONDS:
                shown = time.monotonic()
                self.stdout.write(f"{done}/{len(files)} 个文件，{articles} 条，{shown - started:.0f} 秒")
        if not settings.dry_run:
            read_unread()
        seconds = max(time.monotonic() - started, 0.001)
        parts = "，".join(f"{_OUTCOMES.get(name, name)} {count}" for name, count in outcomes.most_common())
        self.stdout.write(
            f"完成：{done} 个文件（{parts}），{articles} 条，{seconds:.1f} 秒，每秒 {articles / seconds:.0f} 条；"
            f"有疑点的文件 {doubted} 个，字数不平衡 {uneven} 个。"
        )
        if waiting:
            self.stdout.write(
                f"其中 {waiting} 个是已有法规的新版本，已存为草稿：请在后台核对后发布，或加 --accept-versions 再导入一次。"
            )
        if outcomes["refused"] and outcomes["refused"] == done:
            raise CommandError("没有一个文件能够导入，原因见上。")

    def _write(self, report: Any, item: FileReport) -> None:
        if report:
            report.write(json.dumps(item.line(), ensure_ascii=False) + "\n")
