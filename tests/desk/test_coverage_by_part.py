"""The coverage page says at once how much each part of the product holds, and of every rule it does not hold what is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client

from agency.models import Official
from config.coverage import as_markdown, coverage
from core import law, parts

pytestmark = pytest.mark.usefixtures("section")
SignIn = Callable[[Official], Client]


def cells(row: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]


def table(page: str, name: str) -> list[list[str]]:
    found = re.search(rf'<table class="[^"]*{name}.*?</table>', page, re.DOTALL)
    assert found
    return [cells(row) for row in re.findall(r"<tr[ >].*?</tr>|<tr>.*?</tr>", found[0], re.DOTALL)][1:]


def number(cell: str) -> int:
    return 0 if cell == "–" else int(cell.removesuffix("条"))


def test_the_parts_add_up_to_every_rule_and_say_how_many_bind_here(signed_in: SignIn, clerk: Official) -> None:
    rows = table(signed_in(clerk).get("/desk/rules/coverage/").content.decode(), "parts-table")
    book, profile = law.rulebook(), "weihai-hrss"
    binding = [rule for rule in book.rules if book.binds(rule.id, profile)]
    expected = Counter((parts.part_of(rule), parts.state_of(rule)) for rule in binding)
    for name, *figures in rows[:-1]:
        enforced, counted, not_yet, elsewhere, total = map(number, figures)
        assert (enforced, counted, not_yet) == tuple(expected[name, state] for state in parts.STATES), name
        assert (
            enforced + counted + not_yet + elsewhere == total == sum(parts.part_of(rule) == name for rule in book.rules)
        )
    whole = [number(cell) for cell in rows[-1][1:]]
    assert whole == [sum(number(row[n]) for row in rows[:-1]) for n in range(1, 6)]
    assert whole[-1] == len(book.rules)
    assert rows[0][0] == "行政执法案卷"


def test_what_is_missing_is_listed_once_with_its_number_and_beside_every_rule(
    signed_in: SignIn, clerk: Official
) -> None:
    page = signed_in(clerk).get("/desk/rules/coverage/").content.decode()
    listed = table(page, "lacks-table")
    whole = [number(cell) for cell in table(page, "parts-table")[-1][1:]]
    assert sum(number(row[2]) for row in listed) == whole[1] + whole[2]
    assert ["行政许可", "没有受理、审查、决定行政许可的功能"] in [row[:2] for row in listed]
    rows = dict(re.findall(r"<tr><td[^>]*><a href=\"/desk/rules/([^/]+)/\">(.*?)</tr>", page, re.DOTALL))
    for rule in law.rulebook().rules:
        assert ("没有" in rows[rule.id] or "系统不能核查" in rows[rule.id]) or rule.is_enforced, rule.id


def test_a_rule_says_whether_it_can_be_counted_and_what_is_missing(signed_in: SignIn, clerk: Official) -> None:
    client = signed_in(clerk)
    counted = client.get("/desk/rules/CN-LICENCE-43/").content.decode()
    assert "只能计算" in counted
    assert "没有受理、审查、决定行政许可的功能（行政许可）。可以按给定的日期计算" in counted
    not_yet = client.get("/desk/rules/CN-PENALTY-51/").content.decode()
    assert "没有当场处罚和当场收缴罚款的程序，只有普通程序（行政执法案卷）。系统不据此产生期限，也不据此拦截" in not_yet


def test_the_page_of_the_repository_says_the_same_of_every_rule() -> None:
    text = as_markdown(coverage({}))
    for rule in law.rulebook().rules:
        line = next(line for line in text.splitlines() if line.startswith(f"| {rule.id} |"))
        state = parts.state_of(rule)
        assert ("*counted only*: " in line, "*not yet*: " in line) == (state == "counted", state == "not_yet"), rule.id
    assert "no licences are handled" in text
    counts = Counter(parts.part_of(rule) for rule in law.rulebook().rules)
    said = re.findall(r"^\| (\S+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert {part: int(a) + int(b) + int(c) for part, a, b, c in said} == dict(counts)


def test_a_rule_held_with_another_belongs_to_the_same_part() -> None:
    book = law.rulebook()
    for lengthened, by in (("CN-INSPECTION-17a", "CN-INSPECTION-17b"), ("YQ-LR-14a", "YQ-LR-14c")):
        assert parts.part_of(book.rule(by)) == parts.part_of(book.rule(lengthened))
