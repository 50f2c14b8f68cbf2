"""`manage.py rules`: every rule, what it opens, how it is enforced, which tests show it; with --names what a new rule may name.
Never reads the database.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import rule_names
from rulebook import cli, library
from rulebook.deadlines import legal_day
from rulebook.model import RulebookError

COVERAGE = Path("docs") / "rule-coverage.json"


class Command(BaseCommand):
    help = "列出规则：引起什么、怎样执行、由哪些测试证明"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--profile", help="规则档案；不写时列出全部规则")
        parser.add_argument("--json", action="store_true", help="以JSON回答")
        parser.add_argument(
            "--names",
            nargs="?",
            const="",
            metavar="WORD",
            help="列出规则可以使用的事实、核查、约束和行为；写了词的只列含有它的",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options.get("names") is not None:
                self.stdout.write("\n".join(rule_names.listed(options["names"])) or "没有找到，不写词时列出全部")
                return
            for refused in rule_names.unknown():
                raise RulebookError(refused)
            coverage = cli.read_coverage(Path(settings.BASE_DIR) / COVERAGE)
            described = cli.describe_rules(options["profile"], coverage, on=legal_day(datetime.now(UTC)))
        except RulebookError as refused:
            raise CommandError(str(refused), returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps(described, ensure_ascii=False, indent=1))
            return
        for row in described:
            self.stdout.write(self._line(row, options["profile"]))
        later = sum(not library.get().rule(str(row["id"])).is_enforced for row in described)
        self.stdout.write(f"共{len(described)}条规则，其中{later}条尚未纳入执行")

    def _line(self, row: dict[str, object], profile: str | None) -> str:
        rule = library.get().rule(str(row["id"]))
        how = [
            f"起算于 {'、'.join(rule.opens_on)}" if rule.opens_on else "",
            f"办结于 {'、'.join(rule.met_by)}" if rule.met_by else "",
            f"关口 {'、'.join(rule.guards)}" if rule.guards else "",
            f"约束 {'、'.join(rule.constraints)}" if rule.constraints else "",
            f"延长 {rule.extends}" if rule.extends else "",
            f"暂停 {'、'.join(rule.allows_pause_of)}" if rule.allows_pause_of else "",
            "" if rule.is_enforced else "尚未纳入执行",
            "" if row["in_force"] else "未施行或者已失效",
            "参照" if profile and library.get().is_adopted(rule.id, profile) else "",
        ]
        tests = row["tests"]
        shown = f"测试{len(tests)}项" if isinstance(tests, list) else ""
        return "　".join(
            part
            for part in (
                rule.id,
                library.get().cite(rule.id).short,
                rule.kind,
                rule.title,
                *how,
                str(row["enforced_by"]),
                shown,
            )
            if part
        )
