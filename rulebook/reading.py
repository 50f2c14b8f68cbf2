"""Reading the rulebook's TOML files into the model: every field is known, every value possible, and every refusal
names file, rule and reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from rulebook import fields
from rulebook.alerting import read_alert_plan
from rulebook.files import Place, nearest, read_toml, unseen
from rulebook.model import (
    CLOCK_KINDS,
    KINDS,
    OUTSIDE_APPROVERS,
    PERIODIC_KINDS,
    UNITS,
    Article,
    Each,
    Enforced,
    Instrument,
    Kind,
    Owner,
    Profile,
    Rule,
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
_BACKWARD_UNITS = ("day", "working_day")
# A day that every month has, so that "by the 28th of the month after" is possible after every quarter.
_LAST_OF_EVERY_MONTH = 28
# WH-MEAS-15b; SZS-4-2b where the articles of an instrument have numbered points
_RULE_ID = re.compile(r"[A-Z0-9]+(-[A-Z]+)*(-[0-9A-Za-z.]+){1,2}")


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
    articles = tuple(_article(row, n, place) for n, row in enumerate(fields.tables(data, "article", place), start=1))
    numbers = [article.number for article in articles]
    if twice := next((number for number in numbers if numbers.count(number) > 1), None):
        raise place.refuse(f"{twice}列了两次")
    title = fields.text(head, "title", place, required=True)
    instrument = Instrument(
        id=fields.slug(head, "id", place, most=fields.LONGEST_INSTRUMENT_ID),
        title=title,
        short_title=fields.text(head, "short_title", place) or title,
        issued_by=fields.text(head, "issued_by", place, required=True),
        rank=fields.slug(head, "rank", place),
        effective_from=fields.day(head, "effective_from", place, required=True),
        effective_to=fields.optional_day(head, "effective_to", place),
        issued_on=fields.optional_day(head, "issued_on", place),
        annual=fields.flag(head, "annual", place),
        profile=fields.slug(head, "profile", place),
        text_entered=fields.flag(head, "text_entered", place, default=True),
        articles=articles,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        file=path.name,
        plan=read_plan(fields.tables(data, "plan_item", place), frozenset(numbers), place),
        replaces=fields.names(head, "replaces", place),
    )
    if instrument.effective_to is not None and instrument.effective_to < instrument.effective_from:
        raise place.refuse("施行期间不成立：effective_to 早于 effective_from")
    rows = enumerate(fields.tables(data, "rule", place), start=1)
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
    if "profile" in data:
        raise place.refuse("规则档案不写 [profile]，字段直接写在开头")
    _known(data, _PROFILE_FIELDS, place)
    # first, because what stands below [alerts] by mistake is read as part of it, and missed where it belongs
    alerts = read_alert_plan(data.get("alerts", {}), place.refuse)
    return Profile(
        id=fields.slug(data, "id", place, most=fields.LONGEST_PROFILE_ID),
        title=fields.text(data, "title", place, required=True, most=fields.LONGEST_TITLE),
        instruments=fields.texts(data, "instruments", place),
        adopts=fields.texts(data, "adopts", place),
        continues=fields.texts(data, "continues", place),
        outside_bodies=fields.texts(data, "outside_bodies", place),
        alerts=alerts,
        file=path.name,
    )


def _article(row: dict[str, Any], nth: int, place: Place) -> Article:
    place = Place(place.file, f"第{nth}个 [[article]]")
    _known(row, _ARTICLE_FIELDS, place)
    number = fields.text(row, "number", place, required=True)
    return Article(number=number, summary=fields.text(row, "summary", Place(place.file, number), required=True))


def _rule(row: dict[str, Any], number: int, instrument: Instrument, file: str) -> Rule:
    rule_id = row.get("id")
    if rule_id is None:
        raise Place(file).refuse(f"第{number}条 [[rule]] 缺少 id")
    if not isinstance(rule_id, str) or not _RULE_ID.fullmatch(rule_id):
        hidden = unseen(rule_id) if isinstance(rule_id, str) else ""
        reason = hidden or "应为大写字母、连字符和条号，例如 EXC-5a"
        raise Place(file).refuse(f"规则编号不成立：{fields.written(rule_id)}，{reason}")
    place = Place(file, rule_id)
    fields.refuse_longer(rule_id, fields.LONGEST_RULE_ID, "id", place)
    _known(row, _RULE_FIELDS, place)
    rule = Rule(
        id=rule_id,
        instrument=instrument.id,
        article=fields.text(row, "article", place, required=True),
        quote=fields.text(row, "quote", place, required=True),
        title=fields.text(row, "title", place, required=True, most=fields.LONGEST_TITLE),
        kind=cast("Kind", fields.choice(row, "kind", KINDS, place)),
        obligation=fields.slug(row, "obligation", place, most=fields.LONGEST_OBLIGATION),
        effective_from=fields.optional_day(row, "effective_from", place) or instrument.effective_from,
        effective_to=fields.optional_day(row, "effective_to", place) or instrument.effective_to,
        opens_on=fields.names(row, "opens_on", place),
        when=fields.condition(row, "when", place),
        opens_when=fields.condition(row, "opens_when", place),
        met_by=fields.names(row, "met_by", place),
        met_when=fields.condition(row, "met_when", place),
        within=fields.period(row, "within", place, UNITS, same_day=True),
        before=fields.period(row, "before", place, _BACKWARD_UNITS),
        from_field=fields.text(row, "from_field", place),
        fixed=fields.month_day(row, place),
        each=cast("Each | None", fields.choice(row, "each", get_args(Each), place, optional=True)),
        by_day=fields.number(row, "by_day", place),
        owed_by=cast("Owner", fields.choice(row, "owed_by", get_args(Owner), place, default="unit")),
        guards=fields.names(row, "guard", place),
        threshold=fields.number(row, "threshold", place),
        items=fields.items(row, place),
        constraints=fields.names(row, "constraint", place),
        numbers=fields.figures(row, place),
        extends=fields.text(row, "extends", place),
        approver=fields.approver(row, place),
        allows_pause_of=fields.texts(row, "allows_pause_of", place),
        pause_kinds=fields.names(row, "pause_kinds", place),
        terms_of=fields.text(row, "terms_of", place),
        nil_allowed=fields.flag(row, "nil_allowed", place),
        looks_back=fields.flag(row, "looks_back", place),
        matter=fields.text(row, "matter", place),
        alert_before=fields.numbers(row, "alert_before", place),
        enforced=cast("Enforced", fields.choice(row, "enforced", get_args(Enforced), place, default="now")),
        note=fields.text(row, "note", place),
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
    if rule.terms_of == rule.id:
        raise place.refuse("terms_of 应为别的文件中的规则，不得写自己")
    for kind in rule.pause_kinds:
        fields.refuse_longer(kind, fields.LONGEST_PAUSE_KIND, "pause_kinds", place)
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
        how = "写明 met_by" if rule.is_periodic else "写明 opens_on 和 met_by，或者 guard、constraint"
        raise place.refuse(f'没有任何执行机制：{how}；程序还不能执行的，标 enforced = "later"')
    if not rule.is_enforced and (rule.opens_on or checked or rule.met_by):
        raise place.refuse('标为 enforced = "later" 的规则不得起算、拦截或者办结')
    if rule.opens_on and rule.kind in ("deadline",) and not rule.met_by:
        raise place.refuse("有 opens_on 而没有 met_by：这一期限永远不能办结")


def _known(data: Mapping[str, object], allowed: frozenset[str], place: Place) -> None:
    if unknown := sorted(set(data) - allowed):
        raise place.refuse(f"未知字段 {unknown[0]}{nearest(unknown[0], allowed) or _belongs(unknown[0])}")


def _belongs(name: str) -> str:
    """Where a field stands that was written elsewhere; nothing where no table has it."""
    tables = (
        ("[instrument]", _INSTRUMENT_FIELDS),
        ("[[article]]", _ARTICLE_FIELDS),
        ("[[rule]]", _RULE_FIELDS),
        ("规则档案的开头", _PROFILE_FIELDS),
    )
    found = [table for table, known in tables if name in known]
    return f"：它属于{'、'.join(found)}" if found else ""
