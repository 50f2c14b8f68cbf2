"""Let old audit rows go. Six months are kept whatever is asked."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agency import audit


class Command(BaseCommand):
    """Deletes audit rows older than so many days, never younger than six months."""

    help = "清理账号审计记录（保存不少于六个月）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than-days", type=int, required=True, help="只清理早于这么多天的记录")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = audit.purge(older_than_days=options["older_than_days"])
        except ValueError as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"已清理 {count} 条审计记录")
