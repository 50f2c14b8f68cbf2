"""`manage.py deadline`: by when a rule demands its act, and why. Reads the rulebook's files, never the database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import rule_names
from rulebook import cli
from rulebook.files import why_unread
from rulebook.model import RulebookError
from rulebook.workdays import Calendar


class Command(BaseCommand):
    help = "计算一项规则的期限，并说明每一天是怎么算的"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rule", nargs="?", help="规则编号，例如 WH-MEAS-15b；一条中只有一项期限的，可以不写字母")
        parser.add_argument("--at", metavar="MOMENT", help="起算的日期或者时刻；没有写明时区的按北京时间")
        parser.add_argument("--profile", help="规则档案；不写时为规则所在文件的机关")
        parser.add_argument("--pause", action="append", default=[], metavar="FROM..TO", help="暂停，可以多次")
        parser.add_argument("--extend-on", action="append", default=[], metavar="DAY", help="批准延长的日期，只能一次")
        parser.add_argument("--calendar", metavar="FILE", help="另加一年的放假安排")
        parser.add_argument("--json", action="store_true", help="以JSON回答")
        parser.add_argument("--batch", metavar="FILE", help="每行一个JSON问题，每行一个JSON回答；- 为标准输入")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for refused in rule_names.unknown():
                raise RulebookError(refused)
            calendar = cli.calendar_with(Path(options["calendar"])) if options["calendar"] else None
            if options["batch"]:
                self._batch(options, calendar)
            else:
                self._single(options, calendar)
        except RulebookError as refused:
            if options["json"] and not options["batch"]:
                self._print(cli.refusal(options["rule"], refused))
                sys.exit(2)
            raise CommandError(str(refused), returncode=2) from refused

    def _single(self, options: dict[str, Any], calendar: Calendar | None) -> None:
        if not options["rule"] or not options["at"]:
            raise RulebookError("须给出规则编号和 --at，或者 --batch")
        if len(options["extend_on"]) > 1:
            raise RulebookError(f"{options['rule']}: 期限只能延长一次")
        due = cli.find_deadline(
            options["rule"],
            options["at"],
            profile=options["profile"],
            pauses=[cli.parse_pause(pause) for pause in options["pause"]],
            extend_on=options["extend_on"][0] if options["extend_on"] else None,
            calendar=calendar,
        )
        if options["json"]:
            self._print(due.as_json())
        else:
            self.stdout.write(cli.describe_deadline(due))

    def _batch(self, options: dict[str, Any], calendar: Calendar | None) -> None:
        if options["rule"] or options["at"] or options["profile"] or options["pause"] or options["extend_on"]:
            raise RulebookError("--batch 的问题写在文件里，不能另写规则、--at、--profile、--pause、--extend-on")
        if options["batch"] == "-":
            answers = cli.answer_batch(sys.stdin, calendar=calendar)
            for answer in answers:
                self._print(answer)
            return
        try:
            with Path(options["batch"]).open(encoding="utf-8-sig", errors="replace") as lines:
                for answer in cli.answer_batch(lines, calendar=calendar):
                    self._print(answer)
        except OSError as wrong:
            raise RulebookError(f"读不出来：{why_unread(wrong)}") from wrong

    def _print(self, answer: dict[str, object]) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False))
