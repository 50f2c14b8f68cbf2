"""Fill an empty installation with realistic volume, for benchmarks."""

from __future__ import annotations

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agency.models import Unit
from agency.selectors import agency_name
from config.loadtest.bureau import NAME, PASSWORD, settle
from config.loadtest.writing import write_cases, write_open_duties

MOST_CASES = 9_999_999


class Command(BaseCommand):
    help = "Fill an empty installation with an invented bureau and many cases, for benchmarks. Nothing can take them out again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=int, default=0, help="how many cases, in all states")
        parser.add_argument("--sections", type=int, default=10, help="among how many sections (10)")
        parser.add_argument(
            "--open-duties",
            type=int,
            default=0,
            help="open further duties until so many are open; also later, without --cases",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cases, sections, open_duties = options["cases"], options["sections"], options["open_duties"]
        if not 0 <= cases <= MOST_CASES or not 0 < sections <= 200 or not (cases or open_duties):
            raise CommandError(f"--cases 1-{MOST_CASES}, --sections 1-200")
        name, started, today = agency_name(), monotonic(), timezone.localdate()
        if name != NAME if not cases else name or Unit.objects.exists():
            # Rows of a load test cannot be told from real ones, and nothing takes them out again.
            raise CommandError(
                f"本系统已经设立机关（{name}），压力测试数据只能装入空的系统" if name else "请先用 --cases 写入案卷"
            )
        if cases:
            write_cases(settle(sections), cases, today=today, say=self.stdout.write)
        if open_duties:
            section = Unit.objects.filter(kind=Unit.Kind.SECTION).values_list("pk", flat=True)[0]
            write_open_duties(open_duties, section=section, today=today, say=self.stdout.write)
        self.stdout.write(
            f"{cases:,} cases in {monotonic() - started:.0f} s; sign in as staff-0-0, head-0, leader … with {PASSWORD}"
        )
