"""A year's holiday notice from the server: preview what it would move, enter it, or undo its entry before it has any effect."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core import calendars, noticing
from core.access import NotPermitted
from core.models import CalendarChange, Duty
from core.noticing import NothingNew, NoticeRefused
from core.templatetags.mc import day
from rulebook import notices
from rulebook.files import why_unread
from rulebook.model import RulebookError
from rulebook.pasting import decoded

# As many moves are listed; how many there are is always said.
LISTED = 1000


class Command(BaseCommand):
    help = (
        "录入一年的放假安排，重新计算未办结的期限，并告知责任人。文件可以是通知的文字（“一、元旦：1月1日（周四）至3日……”），"
        "也可以是对已录入安排的调整，或者 TOML（格式同 rulebook/calendars）；--preview 只看会改变哪些期限，--undo 在生效前撤销"
    )

    # In which encoding the file was read.
    _encoding = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="通知的文字或者 TOML（UTF-8、GB18030 或者 UTF-16）")
        parser.add_argument("--preview", action="store_true", help="只列出会改变的期限，什么也不写")
        parser.add_argument("--undo", type=int, metavar="YEAR", help="撤销这一年放假安排的录入，须在生效之前")
        parser.add_argument("--reason", default="", help="撤销的理由")
        parser.add_argument("--year", type=int, help="文字中没有写明年份的，在此写明")
        parser.add_argument("--number", default="", help="文字中没有文号的，在此写明")
        parser.add_argument(
            "--incomplete", action="store_true", help="通知确实没有安排某些法定节日：照录，这些节日按普通的日子计算"
        )
        parser.add_argument("--by", metavar="USERNAME", help="录入人的用户名，须是法制科室的人员；不写的，记为系统管理")
        parser.add_argument("--json", action="store_true", help="以JSON回答")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        if (file is None) == (options["undo"] is None):
            raise CommandError("请给出放假安排的文件，或者用 --undo 写明撤销哪一年的录入")
        try:
            by = self._official(options["by"])
            if file is None:
                self._tell(noticing.undo(options["undo"], reason=options["reason"], by=by), options["json"])
                return
            reading = notices.read(
                self._text(file), year=options["year"], number=options["number"], in_force=calendars.current().notice
            )
            if options["preview"]:
                self._foresee(reading, options["json"])
                return
            if reading.missing and not options["incomplete"]:
                raise CommandError(
                    f"{file.name}：没有列出{'、'.join(reading.missing)}，没有录入。请补全通知的内容；"
                    "通知确实没有安排这些节日的，加 --incomplete 录入，这些节日将按普通的日子计算"
                )
            self._enter(reading, by, options["json"])
        except NotPermitted as refused:
            raise CommandError(refused.permit.reason) from refused
        except NoticeRefused as refused:
            raise CommandError(str(refused)) from refused
        except RulebookError as wrong:
            raise CommandError(f"{file.name if file else ''}：{wrong}") from wrong

    def _text(self, file: Path) -> str:
        try:
            text, self._encoding = decoded(file.read_bytes())
        except OSError as wrong:
            raise CommandError(f"读不出 {file.name}：{why_unread(wrong)}") from wrong
        return text

    @staticmethod
    def _official(username: str | None) -> Any:
        if username is None:
            return None
        model: Any = get_user_model()
        official = model.objects.filter(username=username, is_active=True).first()
        if official is None:
            raise CommandError(f"没有用户名为 {username} 的在用账号")
        return official

    def _enter(self, reading: notices.Reading, by: Any, as_json: bool) -> None:
        try:
            change = noticing.enter(reading, by=by)
        except NothingNew as same:
            if as_json:
                self._write(year=reading.notice.year, citation=reading.notice.citation, total=0, moves=[])
            else:
                self.stdout.write(f"已录入{reading.notice.year}年：{reading.notice.citation}\n{same}")
            return
        self._tell(change, as_json, reading.missing)

    def _tell(self, change: CalendarChange, as_json: bool, missing: tuple[str, ...] = ()) -> None:
        change = noticing.finish(change)
        moves = [
            (move.duty, move.old_due, move.new_due)
            for move in change.moves.select_related("duty").order_by("urgent_at", "pk")[:LISTED]
        ]
        if as_json:
            self._write(year=change.year, citation=change.notice.notice, **self._moves(change.moved, moves))
            return
        done = "已录入" if change.kind == CalendarChange.Kind.ENTERED else "已撤销录入："
        self.stdout.write(f"{done}{change.year}年：{change.notice.notice}")
        self._warn_of(missing)
        self._say_encoding()
        self._list(f"{change.moved}项期限改变" if change.moved else "没有期限因此改变", change.moved, moves)

    def _foresee(self, reading: notices.Reading, as_json: bool) -> None:
        preview = noticing.foresee(reading, size=LISTED).preview
        moves = [(each.duty, each.old, each.new) for each in preview.rows]
        if as_json:
            notice = reading.notice
            self._write(year=notice.year, citation=notice.citation, preview=True, **self._moves(preview.total, moves))
            return
        self.stdout.write(f"{reading.notice.year}年：{reading.notice.citation}（预览，没有录入）")
        self._say_encoding()
        self._warn_of(reading.missing)
        head = f"{preview.total}项期限将要改变" if preview.total else "没有期限会因此改变"
        self._list(head, preview.total, moves)
        for why, count in preview.kept.items():
            self.stdout.write(f"{count}项期限不能重新计算，保持原来的日期：{why}")

    def _say_encoding(self) -> None:
        if self._encoding:
            self.stdout.write(f"文件按 {self._encoding} 读取")

    def _warn_of(self, missing: tuple[str, ...]) -> None:
        if missing:
            self.stderr.write(f"注意：没有列出{'、'.join(missing)}，这些节日将按普通的日子计算")

    def _list(self, head: str, total: int, moves: list[tuple[Duty, datetime, datetime]]) -> None:
        self.stdout.write(head)
        for duty, old, new in moves:
            self.stdout.write(f"  {duty.title} {duty.subject_title}：{day(old)} → {day(new)}")
        if total > len(moves):
            self.stdout.write(f"  ……以上是最急的{len(moves)}项")

    @staticmethod
    def _moves(total: int, moves: list[tuple[Duty, datetime, datetime]]) -> dict[str, Any]:
        return {
            "total": total,
            "moves": [
                {
                    "duty": duty.title,
                    "subject": duty.subject_title,
                    "old": timezone.localtime(old).isoformat(),
                    "new": timezone.localtime(new).isoformat(),
                }
                for duty, old, new in moves
            ],
        }

    def _write(self, **answer: Any) -> None:
        read = {"encoding": self._encoding} if self._encoding else {}
        self.stdout.write(json.dumps({**answer, **read}, ensure_ascii=False))
