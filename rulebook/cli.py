"""What the commands `deadline` and `rules` answer, from the rulebook's files alone: no database, no settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from rulebook import deadlines, library, periods, workdays
from rulebook.deadlines import SHANGHAI, Due, Pause
from rulebook.library import Rulebook
from rulebook.model import Rule, RulebookError
from rulebook.workdays import Calendar

_LINE_FIELDS = frozenset({"rule", "at", "profile", "pauses", "extend_on"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DATE.pattern + r"[T ][0-9].*")
_WEEKDAYS = "一二三四五六日"


def find_deadline(
    rule: str,
    at: str,
    *,
    profile: str | None = None,
    pauses: Iterable[Sequence[str]] = (),
    extend_on: str | None = None,
    calendar: Calendar | None = None,
    rulebook: Rulebook | None = None,
) -> Due:
    """The deadline that a rule gives for a moment written as text; refused with RulebookError."""
    book, moment = rulebook or library.get(), parse_moment(at)
    return deadlines.due(
        named(rule, book, on=deadlines.legal_day(moment)),
        moment,
        calendar=calendar or workdays.get(),
        rulebook=book,
        profile=profile,
        pauses=tuple(_pause(pause) for pause in pauses),
        extend_on=parse_moment(extend_on) if extend_on is not None else None,
    )


def named(rule: str, book: Rulebook, on: date | None = None) -> Rule:
    """The rule of a name, in the version of a day if one is given. An article in which a single rule counts time may be named without that
    rule's letter: CN-INSPECTION-17 is CN-INSPECTION-17a. Refused with RulebookError: an unknown name, with the rules of that article if any.
    """
    try:
        return book.rule(rule, on=on)
    except RulebookError as unknown:
        letters = re.compile(re.escape(rule) + "[a-z]")
        article = [each for each in book.rules if letters.fullmatch(each.id)]
        counted = [each for each in article if each.is_clock or each.is_periodic]
        if len(counted) == 1:
            return book.rule(counted[0].id, on=on)
        if not article:
            raise
        raise RulebookError(f"{unknown}，有 {'、'.join(each.id for each in counted or article)}") from unknown


def answer_deadline(
    rule: str,
    at: str,
    *,
    profile: str | None = None,
    pauses: Iterable[Sequence[str]] = (),
    extend_on: str | None = None,
    calendar: Calendar | None = None,
    rulebook: Rulebook | None = None,
) -> dict[str, object]:
    """The JSON of one deadline; refused with RulebookError."""
    return find_deadline(
        rule, at, profile=profile, pauses=pauses, extend_on=extend_on, calendar=calendar, rulebook=rulebook
    ).as_json()


def answer_batch(
    lines: Iterable[str], *, calendar: Calendar | None = None, rulebook: Rulebook | None = None
) -> Iterator[dict[str, object]]:
    """One answer for each line, in order; a line that cannot be answered gives its rule and the error.

    Empty lines at the very end of the input are not questions.
    """
    empty = 0
    for line in lines:
        if not line.strip():
            empty += 1
            continue
        for _ in range(empty):
            yield refusal(None, "空行")
        empty = 0
        yield _answer_line(line, calendar or workdays.get(), rulebook or library.get())


def refusal(rule: str | None, error: object) -> dict[str, object]:
    """The JSON of a question that was refused."""
    return {"rule": rule, "error": str(error)}


def describe_deadline(due: Due, rulebook: Rulebook | None = None) -> str:
    """A deadline in words, for a person at a terminal."""
    cite = (rulebook or library.get()).cite
    lines = [
        f"{_long(due.day)}{due.due:%H:%M:%S}止　{due.rule.title}",
        f"依据　　{cite(due.rule.id).text}“{due.rule.quote}”" + ("（参照）" if due.adopted else ""),
    ]
    lines += [f"　　　　{cite(basis.rule).text} {_long(basis.due.date())}" for basis in due.bases[1:]]
    if due.rule.is_periodic:
        lines.append(f"所属　　{periods.name_of(due.rule.each or 'year', due.day_zero)}")
    elif due.is_same_day:
        lines.append(f"起算　　{_long(due.day_zero)}，当天24时截止")
    elif due.unit == "hour" and not due.extended_on:
        lines.append(f"起算　　{_long(due.day_zero)}{due.due - timedelta(hours=due.amount or 0):%H:%M}")
    else:
        lines.append(f"起算　　{_long(due.day_zero)}" + ("" if due.unit == "hour" else "，当天不计入"))
    if due.counted:
        numbers = "、".join(f"{one.day:%m-%d}{'班' if one.make_up else ''}({one.n})" for one in due.counted)
        lines.append(f"计入　　{numbers}")
    if due.skipped:
        lines.append("跳过　　" + "、".join(f"{one.day:%m-%d}{one.reason}" for one in due.skipped))
    lines += [f"暂停　　{pause.start}至{pause.end}" for pause in due.pauses]
    if due.extended_on:
        lines.append(f"延长　　{due.extended_on}批准")
    if due.nominal > due.day:
        lines.append(f"名义日　{_long(due.nominal)}，遇休息日提前")
    elif due.nominal < due.day:
        lines.append(f"名义日　{_long(due.nominal)}，自该日起提醒")
    elif due.alert_from != due.day:
        lines.append(f"提醒　　自{_long(due.alert_from)}起")
    lines += [f"约定　　{convention}" for convention in due.conventions]
    lines += [f"未采用　{_reading(other, cite(other.rule).text)}" for other in due.others]
    if due.provisional:
        lines.append("暂定　　所涉年度的放假安排尚未录入，录入后重新计算")
    if not due.in_force:
        lines.append(f"注意　　这一规则当时对{due.profile}不生效")
    if due.state == "deadline_precedes_rule":
        lines.append("注意　　期限早于规则施行，不算逾期")
    lines.append(f"日历　　{due.calendar_id} {due.calendar_digest[:12]}")
    return "\n".join(lines)


def describe_rules(
    profile: str | None = None,
    coverage: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    on: date,
    rulebook: Rulebook | None = None,
) -> list[dict[str, object]]:
    """The JSON of every rule, or of those that bind a profile; what enforces and shows them comes from the coverage
    file.

    `in_force` is asked for the day `on` under the profile, or under that of the rule's own instrument.
    """
    book = rulebook or library.get()
    shown = book.rules if profile is None else dict.fromkeys(book.rule(one.id) for one in book.binding(profile))
    described = []
    for rule in shown:
        covered = (coverage or {}).get(rule.id, {})
        version = book.rule(rule.id, on)
        described.append(
            {
                "id": rule.id,
                "instrument": rule.instrument,
                "article": rule.article,
                "quote": rule.quote,
                "kind": rule.kind,
                "obligation": rule.obligation,
                "in_force": book.in_force(version, on, profile or book.default_profile(rule).id),
                "enforced_by": str(covered.get("enforced_by", "")),
                "tests": list(covered.get("tests", [])),
            }
        )
    return described


def read_coverage(path: Path) -> dict[str, dict[str, Any]]:
    """Which code enforces each rule and which tests show it, by rule id; nothing where the file is not there."""
    if not path.exists():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))
    rows = data if isinstance(data, list) else [{"id": name, **row} for name, row in data.items()]
    return {row["id"]: row for row in rows}


def calendar_with(path: Path) -> Calendar:
    """The product's calendar with one more year's notice from a file."""
    return workdays.get().with_notices(workdays.read_notice(path))


def parse_moment(text: str) -> datetime | date:
    """A day (2026-02-11) or a moment (2026-02-11T10:30, Asia/Shanghai unless it names its zone)."""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        # a day in another notation (20260211, 2026-W07-3) would be read as its midnight, and hours counted from there
        if not _MOMENT.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    except (ValueError, OverflowError) as wrong:
        raise RulebookError(f"{text!r} 不是日期或者时刻") from wrong


def parse_day(text: str) -> date:
    """The Asia/Shanghai day of a day or moment written as text."""
    return deadlines.legal_day(parse_moment(text))


def parse_pause(text: str) -> tuple[str, str]:
    """FROM..TO as on the command line."""
    start, dots, end = text.partition("..")
    if not dots:
        raise RulebookError(f"暂停应写作 FROM..TO，现为 {text!r}")
    return start, end


def _pause(pause: Sequence[str]) -> Pause:
    days = [parse_day(text) for text in pause]
    if len(days) != 2:
        raise RulebookError("暂停应有起日和止日")
    start, end = days
    return Pause(start, end)


def _answer_line(line: str, calendar: Calendar, rulebook: Rulebook) -> dict[str, object]:
    rule = None
    try:
        question = json.loads(line)
        if not isinstance(question, dict):
            raise RulebookError("每行应为一个JSON对象")
        named = question.get("rule")
        rule = named if isinstance(named, str) else None
        return answer_deadline(**_checked(question), calendar=calendar, rulebook=rulebook)
    except RulebookError as refused:
        return refusal(rule, refused)
    except (ValueError, RecursionError) as wrong:
        return refusal(rule, f"不是有效的JSON：{wrong}")


def _checked(question: dict[str, Any]) -> dict[str, Any]:
    """The question's fields with their types made sure; null is as good as absent."""
    given = {name: value for name, value in question.items() if value is not None}
    if unknown := sorted(set(given) - _LINE_FIELDS):
        raise RulebookError(f"未知字段 {unknown[0]}")
    for name in ("rule", "at"):
        if name not in given:
            raise RulebookError(f"缺少 {name}")
    for name in ("rule", "at", "profile", "extend_on"):
        if name in given and not isinstance(given[name], str):
            raise RulebookError(f"{name} 应为文字")
    pauses = given.get("pauses", [])
    if not isinstance(pauses, list) or not all(
        isinstance(pause, list) and all(isinstance(day, str) for day in pause) for pause in pauses
    ):
        raise RulebookError("pauses 应写作 [[起日, 止日]]")
    return given


def _long(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def _reading(other: deadlines.Reading, text: str) -> str:
    when = f"{_long(other.due.date())}，" if other.due else ""
    return f"{text}：{when}{other.reason}"
