"""The way for a forgotten password of the security administrator: whoever has the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agency import services
from agency.models import Official


class Command(BaseCommand):
    """Prints a one-time password, which must be changed at the next sign-in. The audit keeps a line."""

    help = "重置密码：打印一次性密码，本人登录后须立即修改"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="用户名")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            official = Official.objects.get_by_natural_key(options["username"])
        except Official.DoesNotExist:
            raise CommandError(f"没有用户名为“{options['username']}”的账号") from None
        password = services.reset_password(by=None, official=official)
        self.stdout.write(f"{official.name}　用户名 {official.username}　一次性密码 {password}")
        if not official.may_sign_in:
            self.stderr.write("这个账号已停用或者不在任职期内，重置后仍不能登录。")
