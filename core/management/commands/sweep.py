"""What beat runs every minute, by hand: for an outage, a test, or a curious administrator."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core import sweeping


class Command(BaseCommand):
    help = "打开周期性期限、发出提醒、编发邮件、处理后台任务；可以重复运行，也可以同时运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", help="按这一时刻（ISO 8601）检查期限，默认现在")
        parser.add_argument("--json", action="store_true", help="以JSON回答")

    def handle(self, *args: Any, at: str | None, **options: Any) -> None:
        now = timezone.now()
        if at:
            try:
                now = datetime.fromisoformat(at)
            except ValueError as wrong:
                raise CommandError(f"不是有效的时刻：{at}") from wrong
            if timezone.is_naive(now):
                now = timezone.make_aware(now)
        swept = sweeping.sweep(now)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(swept), ensure_ascii=False))
        else:
            self.stdout.write(
                f"新开期限{swept.opened}项，提醒{swept.raised}条，编成邮件{swept.composed}封，处理任务{swept.jobs}件"
            )
        if swept.failures:
            raise CommandError("部分工作没有完成，下次会重试：\n" + "\n".join(swept.failures))
