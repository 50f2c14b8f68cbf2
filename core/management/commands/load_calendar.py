"""Enter a year's holiday notice: check it, recount open duties, say which move, and tell those who owe them."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core import noticing
from core.templatetags.mc import day
from rulebook.model import RulebookError


class Command(BaseCommand):
    help = "录入一年的放假安排（TOML，格式同 rulebook/calendars），重新计算未办结的期限，并告知责任人"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="以JSON回答")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8-sig")
            notice, moves = noticing.enter(text)
        except UnicodeDecodeError as wrong:
            raise CommandError(f"{file.name} 不是 UTF-8 文本") from wrong
        except OSError as wrong:
            raise CommandError(f"读不出 {file.name}：{wrong.strerror}") from wrong
        except RulebookError as wrong:
            raise CommandError(f"{file.name}：{wrong}") from wrong
        if options["json"]:
            moved = [
                {
                    "duty": move.duty.title,
                    "subject": move.duty.subject_title,
                    "old": timezone.localtime(move.old).isoformat(),
                    "new": timezone.localtime(move.new).isoformat(),
                }
                for move in moves
            ]
            answer = {"year": notice.year, "citation": notice.citation, "moves": moved}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(f"已录入{notice.year}年：{notice.citation}")
        self.stdout.write(f"{len(moves)}项期限改变" if moves else "没有期限因此改变")
        for move in moves:
            self.stdout.write(f"  {move.duty.title} {move.duty.subject_title}：{day(move.old)} → {day(move.new)}")
