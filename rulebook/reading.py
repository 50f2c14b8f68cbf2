"""Reading the rulebook's TOML files into the model: every field is known, every value possible, and every refusal
names file, rule and reason.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast, get_args

from rulebook.alerting import read_alert_plan
from rulebook.files import Place, nearest, read_toml
from rulebook.model import (
    APPROVERS,
    CLOCK_KINDS,
    KINDS,
    OUTSIDE_APPROVERS,
    PERIODIC_KINDS,
    UNITS,
    Approver,
    Article,
    Condition,
    Each,
    Enforced,
    Instrument,
    Item,
    Kind,
    MonthDay,
    Numbers,
    Owner,
    Period,
    Profile,
    Rule,
    Unit,
    Value,
)
from rulebook.planning import read_plan

_INSTRUMENT_FIELDS = frozenset(
    [
        "id",
        "title",
        "short_title",
        "issued_by",
        "rank",
        "effective_from",
        "effective_to",
        "issued_on",
        "annual",
        "profile",
        "text_entered",
        "replaces",
    ]
)
_ARTICLE_FIELDS = frozenset({"number", "summary"})
_RULE_FIELDS = frozenset(
    [
        "id",
        "article",
        "quote",
        "title",
        "kind",
        "obligation",
        "effective_from",
        "effective_to",
        "opens_on",
        "when",
        "opens_when",
        "met_by",
        "met_when",
        "within",
        "before",
        "from_field",
        "fixed",
        "each",
        "by_day",
        "owed_by",
        "guard",
        "threshold",
        "items",
        "constraint",
        "numbers",
        "extends",
        "approver",
        "allows_pause_of",
        "pause_kinds",
        "terms_of",
        "nil_allowed",
        "looks_back",
        "matter",
        "alert_before",
        "enforced",
        "note",
    ]
)
_PROFILE_FIELDS = frozenset(["id", "title", "instruments", "adopts", "continues", "outside_bodies", "alerts"])
_PERIOD_FIELDS = frozenset({"amount", "unit"})
_BACKWARD_UNITS = ("day", "working_day")
# A day that every month has, so that "by the 28th of the month after" is possible after every quarter.
_LAST_OF_EVERY_MONTH = 28
# WH-MEAS-15b; SZS-4-2b where the articles of an instrument have numbered points
_RULE_ID = re.compile(r"[A-Z0-9]+(-[A-Z]+)*(-[0-9A-Za-z.]+){1,2}")
_SLUG = re.compile(r"[a-z0-9]+([-_.][a-z0-9]+)*")


def read_instrument(path: Path) -> tuple[Instrument, tuple[Rule, ...]]:
    """One instrument and its rules, in the order of the file."""
    text, data = read_toml(path)
    place = Place(path.name)
    if "instruments" in data and "instrument" not in data:
        raise place.refuse("这是机关的规则档案，应放在 profiles 目录")
    _known(data, frozenset({"instrument", "article", "rule", "plan_item"}), place)
    head = data.get("instrument")
    if not isinstance(head, dict):
        raise place.refuse("缺少 [instrument]")
    _known(head, _INSTRUMENT_FIELDS, place)
    articles = tuple(_article(row, place) for row in _tables(data, "article", place))
    numbers = [article.number for article in articles]
    if twice := next((number for number in numbers if numbers.count(number) > 1), None):
        raise place.refuse(f"{twice}列了两次")
    title = _text(head, "title", place, required=True)
    instrument = Instrument(
        id=_slug(head, "id", place),
        title=title,
        short_title=_text(head, "short_title", place) or title,
        issued_by=_text(head, "issued_by", place, required=True),
        rank=_slug(head, "rank", place),
        effective_from=_day(head, "effective_from", place, required=True),
        effective_to=_optional_day(head, "effective_to", place),
        issued_on=_optional_day(head, "issued_on", place),
        annual=_flag(head, "annual", place),
        profile=_slug(head, "profile", place),
        text_entered=_flag(head, "text_entered", place, default=True),
        articles=articles,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        file=path.name,
        plan=read_plan(_tables(data, "plan_item", place), frozenset(numbers), place),
        replaces=_names(head, "replaces", place),
    )
    if instrument.effective_to is not None and instrument.effective_to < instrument.effective_from:
        raise place.refuse("施行期间不成立：effective_to 早于 effective_from")
    rows = enumerate(_tables(data, "rule", place), start=1)
    rules = tuple(_rule(row, number, instrument, path.name) for number, row in rows)
    if rules and not instrument.text_entered:
        raise Place(path.name, rules[0].id).refuse("文本尚未录入的文件不得有规则")
    return instrument, rules


def read_profile(path: Path) -> Profile:
    """One profile; whether what it names exists is checked by the library."""
    _, data = read_toml(path)
    place = Place(path.name)
    if "instrument" in data:
        raise place.refuse("这是一份文件（[instrument]），应放在 instruments 目录")
    _known(data, _PROFILE_FIELDS, place)
    # first, because what stands below [alerts] by mistake is read as part of it, and missed where it belongs
    alerts = read_alert_plan(data.get("alerts", {}), place.refuse)
    return Profile(
        id=_slug(data, "id", place),
        title=_text(data, "title", place, required=True),
        instruments=_texts(data, "instruments", place),
        adopts=_texts(data, "adopts", place),
        continues=_texts(data, "continues", place),
        outside_bodies=_texts(data, "outside_bodies", place),
        alerts=alerts,
        file=path.name,
    )


def _article(row: dict[str, Any], place: Place) -> Article:
    _known(row, _ARTICLE_FIELDS, place)
    number = _text(row, "number", place, required=True)
    return Article(number=number, summary=_text(row, "summary", Place(place.file, number), required=True))


def _rule(row: dict[str, Any], number: int, instrument: Instrument, file: str) -> Rule:
    rule_id = row.get("id")
    if rule_id is None:
        raise Place(file).refuse(f"第{number}条 [[rule]] 缺少 id")
    if not isinstance(rule_id, str) or not _RULE_ID.fullmatch(rule_id):
        raise Place(file).refuse(f"规则编号不成立：{rule_id!r}，应为大写字母、连字符和条号，例如 EXC-5a")
    place = Place(file, rule_id)
    _known(row, _RULE_FIELDS, place)
    rule = Rule(
        id=rule_id,
        instrument=instrument.id,
        article=_text(row, "article", place, required=True),
        quote=_text(row, "quote", place, required=True),
        title=_text(row, "title", place, required=True),
        kind=cast("Kind", _choice(row, "kind", KINDS, place)),
        obligation=_slug(row, "obligation", place),
        effective_from=_optional_day(row, "effective_from", place) or instrument.effective_from,
        effective_to=_optional_day(row, "effective_to", place) or instrument.effective_to,
        opens_on=_names(row, "opens_on", place),
        when=_condition(row, "when", place),
        opens_when=_condition(row, "opens_when", place),
        met_by=_names(row, "met_by", place),
        met_when=_condition(row, "met_when", place),
        within=_period(row, "within", place, UNITS, same_day=True),
        before=_period(row, "before", place, _BACKWARD_UNITS),
        from_field=_text(row, "from_field", place),
        fixed=_month_day(row, place),
        each=cast("Each | None", _choice(row, "each", get_args(Each), place, optional=True)),
        by_day=_number(row, "by_day", place),
        owed_by=cast("Owner", _choice(row, "owed_by", get_args(Owner), place, default="unit")),
        guards=_names(row, "guard", place),
        threshold=_number(row, "threshold", place),
        items=_items(row, place),
        constraints=_names(row, "constraint", place),
        numbers=_figures(row, place),
        extends=_text(row, "extends", place),
        approver=_approver(row, place),
        allows_pause_of=_texts(row, "allows_pause_of", place),
        pause_kinds=_names(row, "pause_kinds", place),
        terms_of=_text(row, "terms_of", place),
        nil_allowed=_flag(row, "nil_allowed", place),
        looks_back=_flag(row, "looks_back", place),
        matter=_text(row, "matter", place),
        alert_before=_numbers(row, "alert_before", place),
        enforced=cast("Enforced", _choice(row, "enforced", get_args(Enforced), place, default="now")),
        note=_text(row, "note", place),
    )
    if not any(article.number == rule.article for article in instrument.articles):
        raise place.refuse(f"所引{rule.article}不在条文目录中，应与某个 [[article]] 的 number 一字不差")
    if rule.effective_to is not None and rule.effective_to < rule.effective_from:
        raise place.refuse("有效期间不成立：effective_to 早于 effective_from")
    _sound(rule, place, stated_owner="owed_by" in row)
    return rule


def _sound(rule: Rule, place: Place, *, stated_owner: bool) -> None:
    """What a kind must have and must not have."""
    forward, backward, fixed, each = rule.within, rule.before, rule.fixed, rule.each
    given = sum(part is not None for part in (forward, backward, fixed, each))
    if given > 1:
        raise place.refuse("within、before、fixed、each 只能有一个")
    if rule.kind in ("deadline", "right") and forward is None and backward is None:
        raise place.refuse(f"{rule.kind} 须有 within 或 before")
    if rule.kind in ("limit", "extension") and forward is None:
        raise place.refuse(f"{rule.kind} 须有 within")
    if rule.kind == "fixed_date" and fixed is None:
        raise place.refuse("fixed_date 须有 fixed")
    if rule.kind == "period" and each is None:
        raise place.refuse("period 须有 each")
    if rule.kind in ("gate", "record", "prohibition") and given:
        raise place.refuse(f"{rule.kind} 没有期限")
    if rule.kind not in PERIODIC_KINDS and (fixed or each):
        raise place.refuse(f"{rule.kind} 不得有 fixed 或 each")
    if rule.kind not in CLOCK_KINDS and rule.opens_on:
        raise place.refuse(f"{rule.kind} 不由事实起算，不得有 opens_on")
    if backward is not None and rule.kind != "deadline":
        raise place.refuse("只有 deadline 可以向前倒算（before）")
    if (rule.kind == "extension") != bool(rule.extends):
        raise place.refuse("extension 须有且只有它可以有 extends")
    if rule.extends and not rule.approver:
        raise place.refuse("extension 须写明批准人 approver")
    if rule.extends == rule.id:
        raise place.refuse("不得延长自己")
    if bool(rule.allows_pause_of) != bool(rule.pause_kinds):
        raise place.refuse("allows_pause_of 与 pause_kinds 须同时写明")
    if rule.by_day is not None and rule.each not in ("quarter", "half_year"):
        raise place.refuse('by_day 是季度、半年结束后次月的日子，只能与 each = "quarter" 或者 "half_year" 同用')
    if rule.by_day is not None and not 1 <= rule.by_day <= _LAST_OF_EVERY_MONTH:
        raise place.refuse(f"by_day 不是每月都有的日子：{rule.by_day}")
    if rule.kind == "right" and rule.opens_on and not stated_owner:
        raise place.refuse("right 须写明是谁的权利：owed_by（当事人为 party）")
    if rule.approver in OUTSIDE_APPROVERS and rule.is_enforced:
        raise place.refuse(f'approver {rule.approver} 不在本机关，应标 enforced = "later"')
    if rule.nil_allowed and rule.kind != "period":
        raise place.refuse("只有 period 可以零报告（nil_allowed）")
    if rule.looks_back and rule.kind not in PERIODIC_KINDS:
        raise place.refuse("只有 fixed_date、period 可以是对上一期间的（looks_back）")
    if rule.from_field and not rule.opens_on:
        raise place.refuse("有 from_field 而没有 opens_on")
    if rule.opens_when and not rule.opens_on:
        raise place.refuse("有 opens_when 而没有 opens_on")
    if rule.met_when and not rule.met_by:
        raise place.refuse("有 met_when 而没有 met_by")
    checked = rule.guards or rule.constraints
    mechanism = rule.opens_on or rule.met_by or checked or rule.extends or rule.allows_pause_of
    if rule.is_enforced and not mechanism:
        raise place.refuse('没有任何执行机制，应标 enforced = "later"')
    if not rule.is_enforced and (rule.opens_on or checked or rule.met_by):
        raise place.refuse('标为 enforced = "later" 的规则不得起算、拦截或者办结')
    if rule.opens_on and rule.kind in ("deadline",) and not rule.met_by:
        raise place.refuse("有 opens_on 而没有 met_by：这一期限永远不能办结")


def _known(data: Mapping[str, object], allowed: frozenset[str], place: Place) -> None:
    if unknown := sorted(set(data) - allowed):
        raise place.refuse(f"未知字段 {unknown[0]}{nearest(unknown[0], allowed)}")


def _tables(data: Mapping[str, Any], name: str, place: Place) -> list[dict[str, Any]]:
    rows = data.get(name, [])
    if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
        raise place.refuse(f"{name} 应写作 [[{name}]]")
    return rows


def _text(row: Mapping[str, Any], name: str, place: Place, *, required: bool = False) -> str:
    value = row.get(name, "")
    if not isinstance(value, str):
        raise place.refuse(f"{name} 应为文字，两边用半角双引号")
    if value != value.strip():
        raise place.refuse(f"{name} 的首尾有空格或者换行")
    if required and not value:
        raise place.refuse(f"缺少 {name}")
    return value


def _slug(row: Mapping[str, Any], name: str, place: Place) -> str:
    value = _text(row, name, place, required=True)
    if not _SLUG.fullmatch(value):
        raise place.refuse(f"{name} 不成立：{value}，应为小写英文字母、数字和连字符")
    return value


def _texts(row: Mapping[str, Any], name: str, place: Place) -> tuple[str, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or any(not isinstance(value, str) or not value for value in values):
        raise place.refuse(f'{name} 应为文字列表，写作 ["…"]')
    if len(set(values)) < len(values):
        raise place.refuse(f"{name} 有重复")
    return tuple(values)


def _names(row: Mapping[str, Any], name: str, place: Place) -> tuple[str, ...]:
    """One name or a list of names."""
    values = row.get(name, [])
    names = _texts({name: [values] if isinstance(values, str) else values}, name, place)
    if bad := next((value for value in names if not _SLUG.fullmatch(value)), None):
        raise place.refuse(f"{name} 的名称不成立：{bad}")
    return names


def _flag(row: Mapping[str, Any], name: str, place: Place, *, default: bool = False) -> bool:
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise place.refuse(f"{name} 应为 true 或 false")
    return value


def _number(row: Mapping[str, Any], name: str, place: Place) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise place.refuse(f"{name} 应为非负整数")
    return value


def _numbers(row: Mapping[str, Any], name: str, place: Place) -> tuple[int, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or any(type(value) is not int or value < 0 for value in values):
        raise place.refuse(f"{name} 应为非负整数列表")
    return tuple(values)


def _choice(
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
        raise place.refuse(f"{name} 不认识 {value!r}，应为 {'、'.join(allowed)} 之一")
    return str(value)


def _approver(row: Mapping[str, Any], place: Place) -> Approver | Literal[""]:
    value = row.get("approver", "")
    if value not in ("", *APPROVERS):
        known = "、".join(f"{key}（{label}）" for key, label in APPROVERS.items())
        raise place.refuse(f"approver 不认识 {value!r}，应为 {known} 之一")
    return cast("Approver", value)


def _optional_day(row: Mapping[str, Any], name: str, place: Place) -> date | None:
    value = row.get(name)
    if value is None:
        return None
    if type(value) is not date:
        raise place.refuse(f"{name} 应为日期，不加引号，例如 2024-07-01")
    day: date = value
    return day


def _day(row: Mapping[str, Any], name: str, place: Place, *, required: bool) -> date:
    value = _optional_day(row, name, place)
    if value is None:
        raise place.refuse(f"缺少 {name}")
    return value


def _period(
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
        raise place.refuse(f"{name} 的单位不可能：{unit!r}，应为 {'、'.join(units)} 之一")
    least = 0 if same_day and unit == "day" else 1
    if type(amount) is not int or not least <= amount < 10_000:
        same = '；当日写作 { amount = 0, unit = "day" }' if same_day and amount == 0 else ""
        raise place.refuse(f"{name} 的期限不可能：{amount!r}，应为1至9999的整数{same}")
    return Period(amount, cast("Unit", unit))


def _month_day(row: Mapping[str, Any], place: Place) -> MonthDay | None:
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
        raise place.refuse(f'fixed 不是每年都有的日期：{value!r}，1月15日写作 "01-15"')
    return MonthDay(int(found[1]), int(found[2]))


def _condition(row: Mapping[str, Any], name: str, place: Place) -> Condition:
    value = row.get(name, {})
    if not isinstance(value, dict):
        raise place.refuse(f"{name} 应写作 {{ 字段 = [值] }}")
    pairs: list[tuple[str, tuple[Value, ...]]] = []
    for key, allowed in sorted(value.items()):
        values = allowed if isinstance(allowed, list) else [allowed]
        if not values or any(not isinstance(each, (str, int, bool)) for each in values):
            raise place.refuse(f"{name} 的 {key} 应为文字、整数或者是非的列表")
        if bad := next((each for each in values if isinstance(each, str) and not _SLUG.fullmatch(each)), None):
            raise place.refuse(f"{name} 的 {key} 不成立：{bad}，应为程序中的英文名称")
        pairs.append((key, tuple(values)))
    return tuple(pairs)


def _figures(row: Mapping[str, Any], place: Place) -> Numbers:
    value = row.get("numbers", {})
    if not isinstance(value, dict) or any(type(number) is not int or number <= 0 for number in value.values()):
        raise place.refuse("numbers 应写作 { 名称 = 正整数 }")
    return tuple(value.items())


def _items(row: Mapping[str, Any], place: Place) -> tuple[Item, ...]:
    value = row.get("items", {})
    if not isinstance(value, dict) or any(not isinstance(label, str) or not label for label in value.values()):
        raise place.refuse('items 应写作 { 键 = "名称" }')
    return tuple(Item(key, label) for key, label in value.items())
