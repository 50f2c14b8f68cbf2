"""Reading the [[plan_item]] tables of an instrument: the items of a yearly plan, what this system can say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from rulebook.fields import LONGEST_TITLE, refuse_longer
from rulebook.files import Place, nearest
from rulebook.model import SHOWN_OF_ITEMS, PlanItem, Rule, RulebookError, Shows

_FIELDS: Final = frozenset({"number", "article", "title", "schedule", "shows", "counts", "report"})


def read_plan(rows: Sequence[Mapping[str, Any]], articles: frozenset[str], place: Place) -> tuple[PlanItem, ...]:
    """The items in the order of the file; whether the rules they name exist is checked by `check_plan`."""
    items = tuple(_item(row, articles, place) for row in rows)
    numbers = [item.number for item in items]
    if numbers != sorted(set(numbers)):
        raise place.refuse("[[plan_item]] 的 number 应依次递增，不得重复")
    return items


def check_plan(items: Sequence[PlanItem], rules: Mapping[str, Sequence[Rule]], instrument: str, place: Place) -> None:
    """Refuse an item that counts or reports under a rule that is not there, or that nobody could report on."""
    for item in items:
        for name in (*item.counts, *((item.report,) if item.report else ())):
            if name not in rules:
                raise _wrong(item.number, place, f"所指规则 {name} 不存在{nearest(name, rules)}")
        if not item.report:
            continue
        rule = rules[item.report][-1]
        if rule.instrument != instrument:
            raise _wrong(item.number, place, f"report 所指规则 {item.report} 不在本文件中")
        if not rule.is_periodic or not rule.met_by:
            raise _wrong(item.number, place, f"report 所指规则 {item.report} 应为 fixed_date 或者 period，有 met_by")


def _item(row: Mapping[str, Any], articles: frozenset[str], place: Place) -> PlanItem:
    number = row.get("number")
    if type(number) is not int or not 0 < number < 100:
        raise place.refuse("[[plan_item]] 的 number 应为1至99的整数")
    if unknown := sorted(set(row) - _FIELDS):
        raise _wrong(number, place, f"未知字段 {unknown[0]}{nearest(unknown[0], _FIELDS)}")
    article, title, schedule = (_text(row, name, number, place) for name in ("article", "title", "schedule"))
    if article not in articles:
        raise _wrong(number, place, f"所引{article}不在条文目录中，应与某个 [[article]] 的 number 一字不差")
    shows = row.get("shows", "nothing")
    if shows not in SHOWN_OF_ITEMS:
        raise _wrong(number, place, f"shows 不认识 {shows!r}，应为 {'、'.join(SHOWN_OF_ITEMS)} 之一")
    counts = row.get("counts", [])
    if not isinstance(counts, list) or any(not isinstance(each, str) for each in counts):
        raise _wrong(number, place, "counts 应为规则编号的列表")
    report = row.get("report", "")
    if not isinstance(report, str) or bool(report) != (shows == "reports"):
        raise _wrong(number, place, 'shows = "reports" 须有且只有它可以有 report（一项规则的编号）')
    if bool(counts) != (shows in ("duties", "reviews")):
        raise _wrong(number, place, 'shows = "duties"、"reviews" 须有且只有它们可以有 counts')
    return PlanItem(number, article, title, schedule, cast("Shows", shows), tuple(counts), report)


def _text(row: Mapping[str, Any], name: str, number: int, place: Place) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(number, place, f"缺少 {name}")
    refuse_longer(value, LONGEST_TITLE, name, Place(place.file, f"plan_item {number}"))
    return value


def _wrong(number: int, place: Place, reason: str) -> RulebookError:
    return Place(place.file, f"plan_item {number}").refuse(reason)
