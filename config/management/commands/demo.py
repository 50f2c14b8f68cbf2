"""Load the demonstration bureau, or print its accounts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agency.selectors import agency_name
from config.demo.bureau import build
from config.demo.people import PASSWORD, accounts


class Command(BaseCommand):
    help = "Load the demonstration bureau (invented people, employers and cases) into an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="print the accounts and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            self._print_accounts()
            return
        if agency_name():
            raise CommandError(f"本系统已经设立机关（{agency_name()}），演示数据只能装入空的系统")
        build(timezone.localdate())
        self.stdout.write("演示数据已装入，人物和单位均为虚构。")
        self._print_accounts()

    def _print_accounts(self) -> None:
        self.stdout.write(f"密码均为 {PASSWORD}")
        for username, name, role in accounts():
            self.stdout.write(f"  {username:<10}{name}　{role}")
