"""Fill an empty installation with realistic volume, for benchmarks."""

from __future__ import annotations

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agency.models import Unit
from agency.selectors import agency_name
from config.loadtest.bureau import PASSWORD, settle
from config.loadtest.writing import write_cases, write_open_duties

MOST_CASES = 9_999_999


class Command(BaseCommand):
    help = "Fill an empty installation with an invented bureau and many cases, for benchmarks. Nothing can take them out again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=int, required=True, help="how many cases, in all states")
        parser.add_argument("--sections", type=int, default=10, help="among how many sections (10)")
        parser.add_argument("--open-duties", type=int, default=0, help="open further duties until so many are open")

    def handle(self, *args: Any, **options: Any) -> None:
        cases, sections = options["cases"], options["sections"]
        if not 0 < cases <= MOST_CASES or not 0 < sections <= 200:
            raise CommandError(f"--cases 1-{MOST_CASES}, --sections 1-200")
        if agency_name() or Unit.objects.exists():
            raise CommandError(f"本系统已经设立机关（{agency_name()}），压力测试数据只能装入空的系统")
        started = monotonic()
        today = timezone.localdate()
        write_cases(settle(sections), cases, today=today, say=self.stdout.write)
        if options["open_duties"]:
            write_open_duties(options["open_duties"], cases=cases, today=today, say=self.stdout.write)
        self.stdout.write(
            f"{cases:,} cases in {monotonic() - started:.0f} s; sign in as staff-0-0, head-0, leader … with {PASSWORD}"
        )
