"""A first start without the demonstration: the agency, its profile, and its first two administrators."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from agency import passwords, services
from agency.models import Official, Unit
from agency.roles import Role
from core.law import rulebook

QUESTIONS = (
    ("name", "机关全称"),
    ("short_name", "机关简称"),
    ("profile", "规则档案"),
    ("document_prefix", "文号机关代字（例如：示人社监）"),
    ("system_admin", "系统管理员姓名"),
    ("system_admin_username", "系统管理员用户名"),
    ("security_admin", "安全保密管理员姓名"),
    ("security_admin_username", "安全保密管理员用户名"),
)


class Command(BaseCommand):
    """Asks for what the options leave out; without a terminal it names them instead."""

    help = "设立机关：机关、规则档案、第一名系统管理员和安全保密管理员（各得一个一次性密码）"

    def add_arguments(self, parser: CommandParser) -> None:
        for key, label in QUESTIONS:
            parser.add_argument(f"--{key.replace('_', '-')}", dest=key, help=label)
        parser.add_argument("--credit-code", default="", help="统一社会信用代码")
        parser.add_argument(
            "--in-use-from",
            type=date.fromisoformat,
            help="启用日期，例如 2026-01-01（默认今天）；此前已经到期的年度、季度事项不列为逾期",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        answers = {key: options[key] or "" for key, _ in QUESTIONS}
        missing = [(key, label) for key, label in QUESTIONS if not answers[key]]
        if missing and not sys.stdin.isatty():
            flags = "、".join(f"--{key.replace('_', '-')}（{label}）" for key, label in missing)
            raise CommandError(f"请给出 {flags}")
        for key, label in missing:
            answers[key] = self._ask(key, label)
        try:
            handed_out = self._create(answers, options["credit_code"], options["in_use_from"])
        except ValidationError as refused:
            raise CommandError("；".join(refused.messages)) from refused
        self.stdout.write(self.style.SUCCESS(f"已设立{answers['name']}。一次性密码只显示这一次："))
        for official, label, password in handed_out:
            self.stdout.write(f"  {label}　{official.name}　用户名 {official.username}　密码 {password}")
        self.stdout.write("登录工作台（/desk/）后请立即修改密码；审计员和其他人员由这两名管理员建立账号、任职。")

    def _ask(self, key: str, label: str) -> str:
        hint = f"（{'、'.join(each.id for each in rulebook().profiles)}）" if key == "profile" else ""
        while True:
            answer = input(f"{label}{hint}：").strip()
            if answer:
                return answer

    @transaction.atomic
    def _create(
        self, answers: dict[str, str], credit_code: str, in_use_from: date | None
    ) -> list[tuple[Official, str, str]]:
        agency = services.create_agency(
            name=answers["name"],
            short_name=answers["short_name"],
            profile=answers["profile"],
            document_prefix=answers["document_prefix"],
            credit_code=credit_code,
            in_use_from=in_use_from,
        )
        return [
            self._administrator(agency.unit, role, answers[f"{role}_username"], answers[role])
            for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
        ]

    @staticmethod
    def _administrator(unit: Unit, role: Role, username: str, name: str) -> tuple[Official, str, str]:
        password = passwords.one_time_password()
        official = services.create_official(by=None, username=username, name=name, unit=unit, password=password)
        services.appoint(by=None, official=official, role=role, unit=unit, first_day=timezone.localdate())
        return official, str(role.label), password
