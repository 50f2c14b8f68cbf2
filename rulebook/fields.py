"""Single fields of a table in the rulebook's files: what type and form each has, and how long it may be. Every refusal names file, rule
and field.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, cast

from rulebook.files import Place, unseen
from rulebook.model import APPROVERS, Approver, Condition, Item, MonthDay, Numbers, Period, Unit, Value

SLUG: Final = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")
_PERIOD_FIELDS: Final = frozenset({"amount", "unit"})
# Signs, as many as the columns that keep them take.
LONGEST_RULE_ID: Final = 40
LONGEST_TITLE: Final = 120
LONGEST_OBLIGATION: Final = 80
LONGEST_INSTRUMENT_ID: Final = 80
LONGEST_PROFILE_ID: Final = 60
LONGEST_PAUSE_KIND: Final = 20
LONGEST_ITEM: Final = (40, 100)


def written(value: object) -> str:
    """A value as it stands in the file, for refusals: true, 2026-02-20, text in quotation marks."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, (dict, list)):
        return "一组值"
    return str(value).lower() if isinstance(value, bool) else str(value)


def tables(data: Mapping[str, Any], name: str, place: Place) -> list[dict[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise place.refuse(f"{name} 应写作 [[{name}]]")
    return rows


def text(row: Mapping[str, Any], name: str, place: Place, *, required: bool = False, most: int = 0) -> str:
    """A text; with `most` no longer than so many signs."""
    value = row.get(name, "")
    if not isinstance(value, str):
        raise place.refuse(f"{name} 应为文字，两边用半角双引号")
    if value != value.strip():
        raise place.refuse(f"{name} 的首尾有空格或者换行")
    if wrong := unseen(value):
        raise place.refuse(f"{name} {wrong}")
    if required and not value:
        raise place.refuse(f"缺少 {name}")
    refuse_longer(value, most, name, place)
    return value


def refuse_longer(value: str, most: int, name: str, place: Place) -> None:
    """Refuse what is longer than `most` signs; 0 sets no limit."""
    if most and len(value) > most:
        raise place.refuse(f"{name} 最长{most}个字，现有{len(value)}个")


def slug(row: Mapping[str, Any], name: str, place: Place, *, most: int = 0) -> str:
    """A name of small letters, digits and hyphens."""
    value = text(row, name, place, required=True, most=most)
    if not SLUG.fullmatch(value):
        raise place.refuse(f"{name} 不成立：{value}，应为小写英文字母、数字和连字符")
    return value


def texts(row: Mapping[str, Any], name: str, place: Place) -> tuple[str, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or any(not isinstance(value, str) or not value for value in values):
        raise place.refuse(f'{name} 应为文字列表，写作 ["…"]')
    if len(set(values)) < len(values):
        raise place.refuse(f"{name} 有重复")
    if wrong := next(filter(None, map(unseen, values)), ""):
        raise place.refuse(f"{name} {wrong}")
    return tuple(values)


def names(row: Mapping[str, Any], name: str, place: Place) -> tuple[str, ...]:
    """One name or a list of names."""
    values = row.get(name, [])
    found = texts({name: [values] if isinstance(values, str) else values}, name, place)
    if bad := next((value for value in found if not SLUG.fullmatch(value)), None):
        raise place.refuse(f"{name} 的名称不成立：{bad}")
    return found


def flag(row: Mapping[str, Any], name: str, place: Place, *, default: bool = False) -> bool:
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise place.refuse(f"{name} 应为 true 或 false")
    return value


def number(row: Mapping[str, Any], name: str, place: Place) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise place.refuse(f"{name} 应为非负整数")
    return value


def numbers(row: Mapping[str, Any], name: str, place: Place) -> tuple[int, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or any(type(value) is not int or value < 0 for value in values):
        raise place.refuse(f"{name} 应为非负整数列表")
    return tuple(values)


def choice(
    row: Mapping[str, Any],
    name: str,
    allowed: tuple[str, ...],
    place: Place,
    *,
    default: str = "",
    optional: bool = False,
) -> str | None:
    value = row.get(name, default or None)
    if value is None and optional:
        return None
    if value is None:
        raise place.refuse(f"缺少 {name}")
    if value not in allowed:
        raise place.refuse(f"{name} 不认识 {written(value)}，应为 {'、'.join(allowed)} 之一")
    return str(value)


def approver(row: Mapping[str, Any], place: Place) -> Approver | Literal[""]:
    value = row.get("approver", "")
    if value not in ("", *APPROVERS):
        known = "、".join(f"{key}（{label}）" for key, label in APPROVERS.items())
        raise place.refuse(f"approver 不认识 {written(value)}，应为 {known} 之一")
    return cast("Approver", value)


def optional_day(row: Mapping[str, Any], name: str, place: Place) -> date | None:
    value = row.get(name)
    if value is None:
        return None
    if type(value) is not date:
        raise place.refuse(f"{name} 应为日期，不加引号，例如 2024-07-01")
    day: date = value
    return day


def day(row: Mapping[str, Any], name: str, place: Place, *, required: bool) -> date:
    value = optional_day(row, name, place)
    if value is None:
        raise place.refuse(f"缺少 {name}")
    return value


def period(
    row: Mapping[str, Any], name: str, place: Place, units: tuple[str, ...], *, same_day: bool = False
) -> Period | None:
    """A period of at least one unit; with `same_day` also 0 days, the day itself."""
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != _PERIOD_FIELDS:
        raise place.refuse(f'{name} 应写作 {{ amount = 5, unit = "working_day" }}')
    amount, unit = value["amount"], value["unit"]
    if unit not in units:
        raise place.refuse(f"{name} 的单位不可能：{written(unit)}，应为 {'、'.join(units)} 之一")
    least = 0 if same_day and unit == "day" else 1
    if type(amount) is not int or not least <= amount < 10_000:
        same = '；当日写作 { amount = 0, unit = "day" }' if same_day and amount == 0 else ""
        raise place.refuse(f"{name} 的期限不可能：{written(amount)}，应为1至9999的整数{same}")
    return Period(amount, cast("Unit", unit))


def month_day(row: Mapping[str, Any], place: Place) -> MonthDay | None:
    value = row.get("fixed")
    if value is None:
        return None
    found = re.fullmatch(r"(\d\d)-(\d\d)", value) if isinstance(value, str) else None
    # a leap year would make 29 February possible, but not in every year
    if (
        found is None
        or not 1 <= int(found[1]) <= 12
        or not 1 <= int(found[2]) <= calendar.monthrange(2023, int(found[1]))[1]
    ):
        raise place.refuse(f'fixed 不是每年都有的日期：{written(value)}，1月15日写作 "01-15"')
    return MonthDay(int(found[1]), int(found[2]))


def condition(row: Mapping[str, Any], name: str, place: Place) -> Condition:
    value = row.get(name, {})
    if not isinstance(value, dict):
        raise place.refuse(f"{name} 应写作 {{ 字段 = [值] }}")
    pairs: list[tuple[str, tuple[Value, ...]]] = []
    for key, allowed in sorted(value.items()):
        values = allowed if isinstance(allowed, list) else [allowed]
        if not values or any(not isinstance(each, (str, int, bool)) for each in values):
            raise place.refuse(f"{name} 的 {key} 应为文字、整数或者是非的列表")
        if bad := next((each for each in values if isinstance(each, str) and not SLUG.fullmatch(each)), None):
            raise place.refuse(f"{name} 的 {key} 不成立：{bad}，应为程序中的英文名称")
        pairs.append((key, tuple(values)))
    return tuple(pairs)


def figures(row: Mapping[str, Any], place: Place) -> Numbers:
    value = row.get("numbers", {})
    if not isinstance(value, dict) or any(type(one) is not int or one <= 0 for one in value.values()):
        raise place.refuse("numbers 应写作 { 名称 = 正整数 }")
    return tuple(value.items())


def items(row: Mapping[str, Any], place: Place) -> tuple[Item, ...]:
    value = row.get("items", {})
    if not isinstance(value, dict) or any(not isinstance(label, str) or not label for label in value.values()):
        raise place.refuse('items 应写作 { 键 = "名称" }')
    for key, label in value.items():
        for part, most in zip((key, label), LONGEST_ITEM, strict=True):
            refuse_longer(part, most, f"items 的 {key}", place)
            if wrong := unseen(part):
                raise place.refuse(f"items 的 {key} {wrong}")
    return tuple(Item(key, label) for key, label in value.items())
