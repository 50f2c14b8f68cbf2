"""`manage.py seal_ledger [--export FILE] [--json]`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import ledger


class Command(BaseCommand):
    """Seal now. The exported file belongs outside this system: it is what a later verification compares with."""

    help = "立即封存记录链；--export 写出封存文件，请保存在本系统之外"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--export", type=Path, metavar="FILE", help="写出封存及其各行的摘要，供 verify_ledger --seal 比对"
        )
        parser.add_argument("--json", action="store_true", help="以JSON回答")

    def handle(self, *args: Any, export: Path | None, **options: Any) -> None:
        try:
            seal = ledger.seal(timezone.now())
        except ledger.LogBroken as error:
            raise CommandError(str(error)) from error
        if export is not None:
            # Whole or not at all: a seal file cut off half-way would later accuse an honest ledger.
            unfinished = export.with_name(f".{export.name}.{os.getpid()}")
            try:
                with unfinished.open("x", encoding="utf-8", newline="\n") as file:
                    ledger.write_seal(seal, file)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(export)
            except OSError as error:
                unfinished.unlink(missing_ok=True)
                raise CommandError(f"无法写出 {export}：{error.strerror}") from error
        if options["json"]:
            answer = {"size": seal.size, "root": seal.root, "file": str(export) if export else None}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.stdout.write(f"已封存 {seal.size} 行，根摘要 {seal.root}" + (f"，写入 {export}" if export else ""))
