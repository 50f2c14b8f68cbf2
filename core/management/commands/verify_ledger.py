"""`manage.py verify_ledger [--seal FILE] [--json]`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import ledger


class Command(BaseCommand):
    """Exit 0: everything fits. Exit 1: something was altered, the first broken line is named. Exit 2: the seal file
    is none.
    """

    help = "核验记录链：逐行重算，指出第一处改动；--seal 另与系统之外保存的封存文件比对"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seal", type=Path, metavar="FILE", help="seal_ledger --export 写出的文件，或公示网站上的封存"
        )
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: Any, seal: Path | None, **options: Any) -> None:
        try:
            report = ledger.verify(ledger.read_seal(seal) if seal is not None else None)
        except (OSError, ledger.NotASeal) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False) if options["json"] else text(report))
        if not report.ok:
            raise SystemExit(1)


def text(report: ledger.Report) -> str:
    if report.broken is not None:
        return f"记录链不完整。第一处：{report.broken}"
    against = "" if report.exported_size is None else f"；与封存文件所载 {report.exported_size} 行一致"
    return (
        f"记录链完整：{report.streams} 份文件，{report.entries} 行，"
        f"其中已封存 {report.sealed} 行（{report.seals} 次封存），待封存 {report.waiting} 行{against}"
    )
