"""Loading: what the rulebook refuses, and the questions it answers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import rulebook
from rulebook import workdays
from rulebook.conditions import Read
from rulebook.deadlines import due
from rulebook.library import Rulebook, by_obligation, load
from rulebook.model import RulebookError, compatible, satisfies
from tests.rulebook.conftest import INSTRUMENT, PROFILE, RULE

Shelf = Callable[..., Path]
ON = date(2026, 3, 2)
PERIOD = 'within = { amount = 7, unit = "working_day" }'
EXTENSION = """
[[rule]]
id = "T-2"
article = "第一条"
quote = "可以延长"
title = "延长"
kind = "extension"
obligation = "extend"
extends = "T-1"
approver = "leader"
within = { amount = 3, unit = "working_day" }
"""


def replaced(old: str, new: str) -> str:
    assert old in RULE
    return RULE.replace(old, new)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (RULE + 'surprise = "x"\n', "measures.toml: T-1: 未知字段 surprise"),
        (RULE + RULE, "measures.toml: T-1: 规则编号重复"),
        (replaced('"T-1"', '"第一"'), "measures.toml: 规则编号不成立"),
        (replaced('"deadline"', '"wish"'), "measures.toml: T-1: kind 不认识 'wish'"),
        (replaced('"第一条"', '"第九条"'), "measures.toml: T-1: 所引第九条不在条文目录中"),
        (replaced('article = "第一条"\n', ""), "measures.toml: T-1: 缺少 article"),
        (replaced('quote = "应当在七日内"\n', ""), "measures.toml: T-1: 缺少 quote"),
        (replaced("amount = 7", "amount = 0"), "measures.toml: T-1: within 的期限不可能：0"),
        (replaced("amount = 7", "amount = true"), "measures.toml: T-1: within 的期限不可能：true"),
        (replaced('"working_day"', '"week"'), "measures.toml: T-1: within 的单位不可能：'week'"),
        (replaced(PERIOD, 'before = { amount = 1, unit = "month" }'), "measures.toml: T-1: before 的单位不可能"),
        (replaced(PERIOD, "within = 7"), "measures.toml: T-1: within 应写作"),
        (replaced(PERIOD, ""), "measures.toml: T-1: deadline 须有 within 或 before"),
        (
            RULE + 'before = { amount = 5, unit = "day" }\n',
            "measures.toml: T-1: within、before、fixed、each 只能有一个",
        ),
        (
            replaced('"deadline"', '"fixed_date"').replace(PERIOD, 'fixed = "02-29"').replace("opens_on", "#"),
            "measures.toml: T-1: fixed 不是每年都有的日期",
        ),
        (
            replaced('"deadline"', '"fixed_date"').replace(PERIOD, 'fixed = "13-01"').replace("opens_on", "#"),
            "measures.toml: T-1: fixed 不是每年都有的日期",
        ),
        (replaced('"deadline"', '"period"').replace(PERIOD, 'each = "week"'), "measures.toml: T-1: each 不认识 'week'"),
        (replaced('"deadline"', '"gate"'), "measures.toml: T-1: gate 没有期限"),
        (replaced('met_by = "test.done"\n', ""), "measures.toml: T-1: 有 opens_on 而没有 met_by"),
        (RULE + 'enforced = "later"\n', "measures.toml: T-1: 标为 enforced"),
        (
            replaced('opens_on = "test.happened"\n', "").replace('met_by = "test.done"\n', ""),
            "measures.toml: T-1: 没有任何执行机制",
        ),
        (
            replaced('"deadline"', '"record"').replace(PERIOD, "").replace("opens_on", "#").replace("met_by", "#"),
            "measures.toml: T-1: 没有任何执行机制",
        ),
        (RULE + 'constraint = "Held Here"\n', "measures.toml: T-1: constraint 的名称不成立：Held Here"),
        (
            replaced('"deadline"', '"record"')
            .replace(PERIOD, 'constraint = "held"\nenforced = "later"')
            .replace("opens_on", "#")
            .replace("met_by", "#"),
            "measures.toml: T-1: 标为 enforced",
        ),
        (RULE + "numbers = { percent = 0 }\n", "measures.toml: T-1: numbers 应写作"),
        (RULE + "numbers = { percent = true }\n", "measures.toml: T-1: numbers 应写作"),
        (RULE + 'owed_by = "nobody"\n', "measures.toml: T-1: owed_by 不认识 'nobody'"),
        (RULE + "when = { act_kind = [] }\n", "measures.toml: T-1: when 的 act_kind"),
        (RULE + "effective_to = 2020-01-01\n", "measures.toml: T-1: 有效期间不成立"),
        (RULE + 'effective_from = "2021"\n', "measures.toml: T-1: effective_from 应为日期"),
        (replaced('"test.happened"', '"Test Happened"'), "measures.toml: T-1: opens_on 的名称不成立"),
        (RULE + EXTENSION.replace('"T-1"', '"T-9"'), "measures.toml: T-2: extends 所指规则 T-9 不存在"),
        (RULE + EXTENSION.replace('"T-1"', '"T-2"'), "measures.toml: T-2: 不得延长自己"),
        (RULE + EXTENSION.replace("working_day", "month"), "measures.toml: T-2: 延长的单位与 T-1 的期限不同"),
        (RULE + EXTENSION.replace('approver = "leader"\n', ""), "measures.toml: T-2: extension 须写明批准人"),
        (RULE + 'extends = "T-1"\n', "measures.toml: T-1: extension 须有且只有它可以有 extends"),
        (RULE + 'allows_pause_of = ["T-1"]\n', "measures.toml: T-1: allows_pause_of 与 pause_kinds 须同时写明"),
        (
            RULE + 'allows_pause_of = ["T-9"]\npause_kinds = ["x"]\n',
            "measures.toml: T-1: allows_pause_of 所指规则 T-9 不存在",
        ),
        (RULE + 'terms_of = "T-9"\n', "measures.toml: T-1: terms_of 所指规则 T-9 不存在"),
        (
            RULE + RULE.replace("T-1", "T-2").replace("7", "8") + 'terms_of = "T-1"\n',
            "measures.toml: T-2: terms_of 所指规则 T-1 的期限不同",
        ),
        (
            RULE + "effective_from = 2022-01-01\n" + RULE,
            "measures.toml: T-1: 有效期重叠：自2022-01-01起有两个版本",
        ),
        (
            RULE + "effective_to = 2024-12-31\n" + RULE + "effective_from = 2024-12-31\n",
            "measures.toml: T-1: 有效期重叠：自2024-12-31起有两个版本",
        ),
    ],
)
def test_a_wrong_rule_is_refused_with_file_rule_and_reason(shelf: Shelf, rule: str, reason: str) -> None:
    with pytest.raises(RulebookError) as refused:
        load(shelf(rule=rule))
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("instrument", "reason"),
    [
        ("= broken", "measures.toml: 不是有效的TOML"),
        (INSTRUMENT + "\n[extra]\nx = 1\n", "measures.toml: 未知字段 extra"),
        (INSTRUMENT.replace("rank", "rang"), "measures.toml: 未知字段 rang"),
        (INSTRUMENT.replace('title = "示例办法"\n', ""), "measures.toml: 缺少 title"),
        (INSTRUMENT.replace("effective_from = 2021-01-01\n", ""), "measures.toml: 缺少 effective_from"),
        (INSTRUMENT.replace("2021-01-01", "2021-01-01\neffective_to = 2020-01-01"), "measures.toml: 施行期间不成立"),
        (INSTRUMENT.replace('"test-profile"', '"elsewhere"'), "measures.toml: 没有规则档案 'elsewhere'"),
        (INSTRUMENT + '[[article]]\nnumber = "第一条"\nsummary = "又一条。"\n', "measures.toml: 第一条列了两次"),
        (INSTRUMENT.replace('profile = "', 'text_entered = false\nprofile = "'), "measures.toml: T-1: 文本尚未录入"),
    ],
)
def test_a_wrong_instrument_is_refused_with_file_and_reason(shelf: Shelf, instrument: str, reason: str) -> None:
    with pytest.raises(RulebookError) as refused:
        load(shelf(instrument=instrument))
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (
            PROFILE.replace("test-measures", "other-measures"),
            "test-profile.toml: instruments 所列 other-measures 不存在",
        ),
        (PROFILE + 'adopts = ["T-9"]\n', "test-profile.toml: adopts 所列规则 T-9 不存在"),
        (PROFILE + 'adopts = ["T-1"]\n', "test-profile.toml: adopts 所列规则 T-1 的文件本已适用"),
        (PROFILE + 'continues = ["test-measures"]\n', "test-profile.toml: continues 所列 test-measures 不是"),
        (PROFILE + "colour = 'red'\n", "test-profile.toml: 未知字段 colour"),
    ],
)
def test_a_wrong_profile_is_refused_with_file_and_reason(shelf: Shelf, profile: str, reason: str) -> None:
    with pytest.raises(RulebookError) as refused:
        load(shelf(profile=profile))
    assert str(refused.value).startswith(reason)


def unknown(book: Rulebook, **known: Any) -> list[str]:
    everything = {
        "facts": {"test.happened": (), "test.done": ()},
        "guards": {"checked": Read(("rate",))},
        "constraints": {"held"},
    }
    return [str(refused) for refused in book.unknown_names(**(everything | known))]


def test_a_name_that_no_code_knows_is_refused_with_file_rule_and_reason(shelf: Shelf) -> None:
    book = load(shelf(rule=RULE + 'guard = "checked"\nconstraint = ["held"]\nnumbers = { rate = 3 }\n'))
    assert unknown(book) == []
    assert unknown(book, facts={"test.happened": ()}) == ["measures.toml: T-1: 所指事实 test.done 没有实现"]
    assert unknown(book, constraints=set()) == ["measures.toml: T-1: constraint 所指约束 held 没有实现"]
    assert unknown(book, guards={}) == [
        "measures.toml: T-1: guard 所指核查 checked 没有实现",
        "measures.toml: T-1: numbers 所列 rate 没有核查使用",
    ]
    assert unknown(book, guards={"checked": Read(("rate", "most"))}) == ["measures.toml: T-1: numbers 缺少 most"]


SUMS = 'items = {{ fined = "罚款" }}\nguard = "checked"\n{more}'


@pytest.mark.parametrize(
    ("more", "reads", "reasons"),
    [
        ("numbers = { yuan = 5 }", Read(sums={"fined": "yuan"}), []),
        ("", Read(sums={"fined": "yuan"}), ["numbers 缺少 yuan：items 的 fined 按它认定"]),
        ("numbers = { yuan = 5 }", Read(sums={"taken": "yuan"}), ["numbers 所列 yuan 没有用处：要按它认定，items 中须有 taken"]),
        ("numbers = { yaun = 5 }", Read(sums={"fined": "yuan"}), ["numbers 缺少 yuan：items 的 fined 按它认定", "numbers 所列 yaun 没有核查使用，是否为 yuan？"]),
        ("threshold = 5000", Read(), ["threshold 是人数，所列核查都不使用；金额写在 numbers"]),
        ("threshold = 2", Read(threshold=True), []),
    ],
)  # fmt: skip
def test_a_sum_stands_with_the_item_that_reads_it_and_a_threshold_with_its_check(
    shelf: Shelf, more: str, reads: Read, reasons: list[str]
) -> None:
    book = load(shelf(rule=RULE + SUMS.format(more=f"{more}\n")))
    assert unknown(book, guards={"checked": reads}) == [f"measures.toml: T-1: {reason}" for reason in reasons]


def test_an_item_that_a_check_cannot_look_for_is_refused_and_an_open_check_takes_any(shelf: Shelf) -> None:
    book = load(
        shelf(rule=RULE + 'guard = "checked"\nnumbers = { rate = 3 }\nitems = { party = "当事人", stamp = "印章" }\n')
    )
    assert unknown(book) == []
    assert unknown(book, items={"checked": {"party", "seal"}}) == [
        "measures.toml: T-1: items 所列 stamp 没有核查使用，应为 party、seal 之一"
    ]


def test_a_field_that_the_fact_has_not_is_refused_with_file_rule_and_reason(shelf: Shelf) -> None:
    asked = (
        'when = { kind = "a" }\nopens_when = { way = "b" }\nfrom_field = "received_on"\nmet_when = { result = "b" }\n'
    )
    book = load(shelf(rule=RULE + asked))
    facts = {"test.happened": {"kind", "way", "received_on"}, "test.done": {"result"}}
    assert unknown(book, facts=facts) == []
    assert unknown(book) == [
        "measures.toml: T-1: 事实 test.happened 没有字段 kind",
        "measures.toml: T-1: 事实 test.happened 没有字段 way",
        "measures.toml: T-1: 事实 test.happened 没有字段 received_on",
        "measures.toml: T-1: 事实 test.done 没有字段 result",
    ]


def test_a_condition_on_the_fact_needs_a_fact_and_narrows_it_without_narrowing_the_check(shelf: Shelf) -> None:
    rule = RULE + 'guard = "checked"\nopens_when = { kind = "a" }\n'
    (found,) = load(shelf(rule=rule)).rules
    assert (found.opens("test.happened", {"kind": "a"}), found.opens("test.happened", {"kind": "b"})) == (True, False)
    assert found.applies_to({})
    later = rule.replace('opens_on = "test.happened"\nmet_by = "test.done"\n', "").replace('guard = "checked"\n', "")
    with pytest.raises(RulebookError, match="T-1: 有 opens_when 而没有 opens_on"):
        load(shelf(rule=later + 'enforced = "later"\n'))


def test_a_day_to_count_from_needs_a_fact(shelf: Shelf) -> None:
    rule = RULE.replace(
        'opens_on = "test.happened"\nmet_by = "test.done"', 'from_field = "held_on"\nenforced = "later"'
    )
    with pytest.raises(RulebookError, match="T-1: 有 from_field 而没有 opens_on"):
        load(shelf(rule=rule))


def test_a_rule_that_is_not_enforced_yet_states_numbers_that_nothing_reads(shelf: Shelf) -> None:
    stated = replaced('"deadline"', '"gate"').replace(PERIOD, 'numbers = { most = 200 }\nenforced = "later"')
    book = load(shelf(rule=stated.replace("opens_on", "#").replace("met_by", "#")))
    assert unknown(book) == []
    assert book.rule("T-1").number("most") == 200


def test_a_rule_gives_the_numbers_it_names_and_no_other(shelf: Shelf) -> None:
    rule = load(shelf(rule=RULE + "numbers = { rate = 3 }\n")).rule("T-1")
    assert rule.number("rate") == 3
    with pytest.raises(RulebookError, match="T-1: numbers 中没有 most"):
        rule.number("most")


def test_a_record_may_be_held_by_a_constraint(shelf: Shelf) -> None:
    held = replaced('"deadline"', '"record"').replace(PERIOD, 'constraint = "held"')
    rule = load(shelf(rule=held.replace("opens_on", "#").replace("met_by", "#"))).rule("T-1")
    assert (rule.is_enforced, rule.constraints) == (True, ("held",))


def test_ids_may_not_stand_in_two_files(shelf: Shelf) -> None:
    with pytest.raises(RulebookError, match=r"more\.toml: 文件编号 test-measures 与 measures\.toml 重复"):
        load(shelf(more=INSTRUMENT))
    with pytest.raises(RulebookError, match=r"more\.toml: T-1: 规则编号与 measures\.toml 重复"):
        load(shelf(more=INSTRUMENT.replace("test-measures", "more-measures") + RULE))


def test_the_rulebook_imports_nothing_but_the_standard_library() -> None:
    for path in Path(rulebook.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"django", "core", "config", "rest_framework"}, (
                path.name
            )


# --- questions -----------------------------------------------------------------------------------------------------


def ids(rules: tuple[object, ...]) -> list[str]:
    return [rule.id for rule in rules]  # type: ignore[attr-defined]


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b", "CN-PENALTY-61")
def test_a_penalty_decision_opens_service_and_publication_and_a_licence_only_publication(book: Rulebook) -> None:
    fact = "enforcement.decision_made"
    penalty = book.rules_for(fact, {"act_kind": "penalty", "is_major": True}, "weihai-hrss", ON)
    assert ids(penalty) == ["CN-PENALTY-61", "WH-MEAS-15b", "WH-PLAN-2b"]
    groups = by_obligation(penalty)
    assert {name: ids(group) for name, group in groups.items()} == {
        "serve_decision": ["CN-PENALTY-61"],
        "publish_decision": ["WH-MEAS-15b", "WH-PLAN-2b"],
    }
    assert ids(book.rules_for(fact, {"act_kind": "licence"}, "weihai-hrss", ON)) == ["WH-MEAS-15b"]
    assert book.rules_for(fact, {}, "weihai-hrss", ON) == ()
    assert book.rules_for(fact, {"act_kind": "penalty"}, "weihai-hrss", date(2020, 12, 31)) == ()


@pytest.mark.rule("CN-PENALTY-67")
def test_only_a_decision_with_a_fine_opens_the_fifteen_days(book: Rulebook) -> None:
    fact = "enforcement.decision_served"
    assert ids(book.rules_for(fact, {"has_fine": True}, "weihai-hrss", ON)) == ["CN-PENALTY-67"]
    assert book.rules_for(fact, {"has_fine": False}, "weihai-hrss", ON) == ()
    assert book.rules_for(fact, {"has_fine": 1}, "weihai-hrss", ON) == ()


@pytest.mark.rule("WH-PLAN-3a", "WH-PLAN-5a", "WH-PLAN-9")
def test_a_plan_report_meets_the_item_it_reports_and_no_other(book: Rulebook) -> None:
    fact = "supervision.plan_item_reported"
    reported = {"item": 5, "obligation": "report_training_plan"}
    assert ids(book.met_by(fact, "weihai-hrss", ON, reported)) == ["WH-PLAN-5a"]
    assert ids(book.met_by(fact, "weihai-hrss", ON, {"item": 0, "obligation": "file_work_plan"})) == ["WH-MEAS-8b"]
    once_a_year = ["WH-MEAS-8b", "WH-MEAS-19a", "WH-PLAN-3a", "WH-PLAN-5a", "WH-PLAN-9"]
    assert ids(book.met_by(fact, "weihai-hrss", ON)) == once_a_year
    assert ids(book.periodic("weihai-hrss", ON)) == once_a_year


@pytest.mark.rule("WH-MEAS-13", "WH-PLAN-7b", "SD-SUPERVISION-13", "CN-PENALTY-58", "CN-PENALTY-42", "CN-INSPECTION-16")
def test_a_gate_cites_every_binding_article(book: Rulebook) -> None:
    assert ids(book.gates("legal_review_agreed", "weihai-hrss", ON, {})) == [
        "CN-PENALTY-58",
        "SD-SUPERVISION-13",
        "WH-MEAS-13",
        "WH-PLAN-7b",
    ]
    officers = book.gates("two_certified_officers", "weihai-hrss", ON, {})
    assert [(rule.id, rule.threshold) for rule in officers] == [("CN-PENALTY-42", 2), ("CN-INSPECTION-16", 2)]
    assert ids(book.gates("legal_review_agreed", "national", ON)) == ["CN-PENALTY-58"]
    assert book.gates("no_such_guard", "weihai-hrss", ON) == ()


@pytest.mark.rule("YQ-LR-10", "YQ-LR-11", "YQ-LR-12", "YQ-LR-14a", "YQ-LR-14b", "YQ-LR-14c")
def test_weihai_adopts_six_rules_of_yangquan_by_reference_and_no_other(book: Rulebook) -> None:
    adopted = [rule.id for rule in book.rules if book.is_adopted(rule.id, "weihai-hrss")]
    assert adopted == ["YQ-LR-10", "YQ-LR-11", "YQ-LR-12", "YQ-LR-14a", "YQ-LR-14b", "YQ-LR-14c"]
    assert "yangquan-hrss-2021-legal-review" not in book.profile("weihai-hrss").instruments
    assert book.cite("YQ-LR-14a", "weihai-hrss").adopted
    assert not book.cite("YQ-LR-14a").adopted
    assert not book.is_adopted("YQ-LR-14a", "yangquan-hrss")
    assert ids(book.extensions_of("YQ-LR-14a", "weihai-hrss")) == ["YQ-LR-14b"]
    assert ids(book.pauses_of("YQ-LR-14a", "weihai-hrss")) == ["YQ-LR-14c"]
    assert book.pauses_of("YQ-LR-14a", "national") == ()


def test_an_adopted_instrument_binds_only_in_the_rules_adopted(shelf: Shelf) -> None:
    other = (
        INSTRUMENT.replace("test-measures", "other-measures")
        + RULE.replace("T-1", "O-1")
        + RULE.replace("T-1", "O-2").replace("七日", "八日")
    )
    book = load(shelf(profile=PROFILE + 'adopts = ["O-2"]\n', other=other))
    assert ids(book.rules_for("test.happened", {}, "test-profile", ON)) == ["T-1", "O-2"]
    assert not book.binds("O-1", "test-profile")


@pytest.mark.parametrize(
    ("begun", "approved", "end"),
    [
        # 7 and 3 working days: 6-8③ 11-15⑧ 18⑨ 19⑩
        (date(2024, 3, 5), date(2024, 3, 14), date(2024, 3, 19)),
        # 7 and 5: 4-7④ 10-14⑨ 17⑩ 18⑪ 19⑫
        (date(2025, 3, 3), date(2025, 3, 12), date(2025, 3, 19)),
    ],
)
def test_an_extension_amended_lengthens_as_it_stood_on_day_zero(
    shelf: Shelf, begun: date, approved: date, end: date
) -> None:
    older = EXTENSION + "effective_to = 2024-12-31\n"
    newer = EXTENSION.replace("amount = 3", "amount = 5") + "effective_from = 2025-01-01\n"
    book = load(shelf(rule=RULE + newer + older))
    assert due("T-1", begun, calendar=workdays.get(), rulebook=book, extend_on=approved).day == end


@pytest.mark.parametrize(("year", "continued"), [(2022, False), (2023, True), (2026, True)])
def test_the_plan_of_2022_stays_in_force_where_the_profile_continues_it(
    book: Rulebook, year: int, continued: bool
) -> None:
    on = date(year, 6, 1)
    assert book.in_force(book.rule("WH-PLAN-2b"), on, "weihai-hrss")
    assert book.is_continued("WH-PLAN-2b", "weihai-hrss", on) is continued
    assert book.in_force(book.rule("WH-PLAN-2b"), on, "national") is (year == 2022)
    assert not book.is_continued("WH-MEAS-15b", "weihai-hrss", on)


def test_citations_read_as_officials_write_them(book: Rulebook) -> None:
    measures = book.cite("WH-MEAS-15b")
    assert measures.text == "《威海市行政执法监督办法》第十五条"
    assert measures.short == "监督办法第十五条"
    assert book.cite("WH-PLAN-6.3a").text == "《威海市人力资源和社会保障局2022年度行政执法监督计划》（六）"


def test_the_regulation_whose_text_is_not_at_hand_has_a_name_and_a_date_and_nothing_else(book: Rulebook) -> None:
    regulation = book.instrument("cn-enforcement-supervision-2026")
    assert (regulation.title, regulation.issued_by) == ("行政执法监督条例", "国务院令第825号")
    assert (regulation.effective_from, regulation.text_entered) == (date(2026, 2, 1), False)
    assert regulation.articles == ()
    assert book.rules_of(regulation.id) == ()
    order = book.profile("weihai-hrss").instruments
    assert order.index(regulation.id) < order.index("weihai-2020-supervision-measures")


def test_conditions_tell_true_from_one() -> None:
    assert satisfies((("flag", (True,)),), {"flag": True})
    assert not satisfies((("flag", (True,)),), {"flag": 1})
    assert not satisfies((("flag", (True,)),), {})
    assert compatible((("kind", ("a", "b")),), (("kind", ("b",)),))
    assert not compatible((("kind", ("a",)),), (("kind", ("b",)),))
    assert compatible((("kind", ("a",)),), (("other", (1,)),))


@pytest.mark.parametrize("ask", ["rule", "instrument", "profile", "binding", "rules_of"])
def test_an_unknown_name_is_refused(book: Rulebook, ask: str) -> None:
    with pytest.raises(RulebookError, match="nowhere"):
        getattr(book, ask)("nowhere")


def test_versions_have_hashes(book: Rulebook, shelf: Shelf) -> None:
    first = load(shelf())
    second = load(shelf(rule=RULE.replace("七日", "八日")))
    assert first.instrument("test-measures").digest != second.instrument("test-measures").digest
    assert first.digest != second.digest
    assert len(book.digest) == 64
