from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.ground.jobs import fire_periodic, run_due_jobs


class Command(BaseCommand):
    """Due jobs without a worker."""

    help = "在当前进程里执行所有到期任务，然后退出 (run all due jobs in this process, then end)"

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` is the only way so far; it is asked for so that nobody expects this to keep running."""
        parser.add_argument("--once", action="store_true", help="执行到没有到期任务为止 (until none is due)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them. Raises CommandError without `--once`."""
        if not options["once"]:
            raise CommandError("请加上 --once；长期运行请用 bin/run (add --once; to keep running use bin/run)")
        fire_periodic()
        self.stdout.write(f"已执行 {run_due_jobs(limit=100_000)} 个任务 (jobs run)")
