"""A condition that could never hold is refused with file, rule and reason, and what the field may be instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rulebook.conditions import DAY, NUMBER, SEVERAL, TEXT, WHETHER, Domain, Fields, one_of
from rulebook.library import load
from tests.rulebook.conftest import RULE

Shelf = Callable[..., Path]
KINDS = one_of([("penalty", "行政处罚"), ("licence", "行政许可")])
HAPPENED: Fields = {
    "kind": KINDS,
    "is_major": WHETHER,
    "count": NUMBER,
    "note": TEXT,
    "held_on": DAY,
    "officers": SEVERAL,
}
FACTS: dict[str, Fields] = {"test.happened": HAPPENED, "test.done": {"result": one_of([("good", ""), ("bad", "")])}}
GUARDS: dict[str, Fields] = {"checked": {"kind": KINDS, "is_major": WHETHER}}
ALLOWED = "应为 penalty（行政处罚）、licence（行政许可） 之一"


def refused(shelf: Shelf, rule: str, facts: dict[str, Fields] = FACTS) -> list[str]:
    book = load(shelf(rule=rule))
    return [str(each) for each in book.impossible_conditions(facts=facts, guards=GUARDS)]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ('when = { kind = ["penlty"] }', f'when 的 kind 不会是 "penlty"：事实 test.happened 的 kind {ALLOWED}'),
        ('when = { kind = ["penalty", "licens"] }', f'when 的 kind 不会是 "licens"：事实 test.happened 的 kind {ALLOWED}'),
        ('when = { is_major = ["true"] }', 'when 的 is_major 不会是 "true"：事实 test.happened 的 is_major 应为 true 或 false'),
        ("when = { is_major = [1] }", "when 的 is_major 不会是 1：事实 test.happened 的 is_major 应为 true 或 false"),
        ("when = { count = [true] }", "when 的 count 不会是 true：事实 test.happened 的 count 应为整数"),
        ('when = { count = ["2"] }', 'when 的 count 不会是 "2"：事实 test.happened 的 count 应为整数'),
        ("when = { note = [3] }", "when 的 note 不会是 3：事实 test.happened 的 note 应为文字"),
        ("when = { officers = [3] }", "when 的 officers 不会是 3：事实 test.happened 的 officers 是一组值或者日期，不能作条件"),
        ('opens_when = { kind = "penlty" }', f'opens_when 的 kind 不会是 "penlty"：事实 test.happened 的 kind {ALLOWED}'),
        ('met_when = { result = "god" }', 'met_when 的 result 不会是 "god"：事实 test.done 的 result 应为 good、bad 之一'),
        ('from_field = "is_major"', "from_field 的 is_major 不是日期，不能从它起算"),
        ('from_field = "kind"', "from_field 的 kind 不是日期，不能从它起算"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(shelf: Shelf, asked: str, reason: str) -> None:
    assert refused(shelf, f"{RULE}{asked}\n") == [f"measures.toml: T-1: {reason}"]


@pytest.mark.parametrize(
    "asked",
    [
        'when = { kind = ["licence"], is_major = [true] }',
        'when = { note = "whatever", count = 2 }',
        'met_when = { result = ["good", "bad"] }',
        'from_field = "held_on"',
        'from_field = "note"',
    ],
)
def test_a_value_that_can_be_is_taken(shelf: Shelf, asked: str) -> None:
    assert refused(shelf, f"{RULE}{asked}\n") == []


def test_of_two_facts_one_that_can_never_open_the_rule_is_named(shelf: Shelf) -> None:
    both = RULE.replace('opens_on = "test.happened"', 'opens_on = ["test.happened", "test.begun"]')
    facts = FACTS | {"test.begun": {"kind": one_of([("coercion", "行政强制")])}}
    said = refused(shelf, both + 'when = { kind = ["penalty"] }\n', facts)
    assert said == ["measures.toml: T-1: when 的 kind 对事实 test.begun 永远不成立：应为 coercion（行政强制） 之一"]
    assert refused(shelf, both + 'when = { kind = ["penalty", "coercion"] }\n', facts) == []


def test_a_check_asks_only_what_its_matter_has(shelf: Shelf) -> None:
    gate = (
        RULE.replace('"deadline"', '"gate"')
        .replace('within = { amount = 7, unit = "working_day" }', 'guard = "checked"')
        .replace('opens_on = "test.happened"\nmet_by = "test.done"\n', "")
    )
    assert refused(shelf, gate + 'when = { kind = ["penalty"] }\n') == []
    assert refused(shelf, gate + 'when = { act = ["penalty"] }\n') == [
        "measures.toml: T-1: when 的 act 不是核查 checked 能看到的字段，应为 is_major、kind 之一"
    ]
    # what only the fact has is asked of the fact alone
    clock = RULE + 'guard = "checked"\n'
    assert refused(shelf, clock + "opens_when = { count = 2 }\n") == []
    assert len(refused(shelf, clock + "when = { count = 2 }\n")) == 1
    assert refused(shelf, gate + 'when = { kind = ["penlty"] }\n') == [
        f'measures.toml: T-1: when 的 kind 不会是 "penlty"：核查 checked 的 kind {ALLOWED}'
    ]


def test_what_is_not_enforced_yet_may_speak_of_what_no_code_knows(shelf: Shelf) -> None:
    later = RULE.replace('opens_on = "test.happened"\nmet_by = "test.done"', 'enforced = "later"')
    assert refused(shelf, later + "when = { joint = [true] }\n") == []


def test_a_long_list_is_cut_short_in_the_refusal() -> None:
    many = one_of(lambda: [(f"v{n}", "") for n in range(20)])
    assert many.in_words.count("、") == 11
    assert many.in_words.endswith("等 之一")
    assert many.holds("v19")
    assert not many.holds("v20")
    assert not Domain(tuple).holds("v1")
