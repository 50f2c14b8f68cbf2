"""What no single file shows to be wrong is refused at loading: two editions at once, a rule outside its instrument, an extension without
its period, figures that cannot be meant; and what replaces what, and from which day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from rulebook.coherence import series
from rulebook.library import ROOT, load
from rulebook.model import RulebookError
from tests.rulebook.conftest import INSTRUMENT, PROFILE, RULE

Shelf = Callable[..., Path]
PERIOD = 'within = { amount = 7, unit = "working_day" }'
OPENING = 'opens_on = "test.happened"\nmet_by = "test.done"\n'
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
PAUSE = """
[[rule]]
id = "T-3"
article = "第一条"
quote = "不计算在期限内"
title = "补充材料"
kind = "record"
obligation = "pause"
allows_pause_of = ["T-1"]
pause_kinds = ["supplement"]
"""
BOTH = PROFILE.replace('"test-measures"', '"test-measures", "newer-measures"')


def edition(name: str, **changes: str) -> str:
    """Another instrument with a rule of its own, the head changed as given."""
    head = INSTRUMENT.replace("test-measures", name)
    for key, value in changes.items():
        lines = [line for line in head.split("\n") if not line.startswith(f"{key} =")]
        lines.insert(lines.index("[instrument]") + 1, f"{key} = {value}")
        head = "\n".join(lines)
    return head + RULE.replace("T-1", "N-1")


def refused(root: Path) -> str:
    with pytest.raises(RulebookError) as wrong:
        load(root)
    return str(wrong.value)


# --- two editions of one instrument -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ["示例办法", "《示例办法》", "示例办法（试行）", "示例 办法(2021年修订)", "示例办法（2021年修订（二））"],
)
def test_one_instrument_entered_twice_may_not_bind_one_profile(shelf: Shelf, title: str) -> None:
    twice = edition("newer-measures", title=f'"{title}"', effective_from="2023-01-01")
    said = refused(shelf(profile=BOTH, newer=twice))
    assert said.startswith("test-profile.toml: 有效期重叠：test-measures 和 newer-measures")
    assert f"《{title}》" in said
    assert "2023-01-01同时适用" in said
    assert 'replaces = "test-measures"' in said


def test_one_instrument_entered_twice_is_known_by_its_words_under_any_title(shelf: Shelf) -> None:
    other = RULE.replace("七日", "八日")
    twice = edition("newer-measures", title='"另一个名称"') + other.replace("T-1", "N-2")
    said = refused(shelf(rule=RULE + other.replace("T-1", "T-2"), profile=BOTH, newer=twice))
    assert said.startswith("test-profile.toml: 有效期重叠：test-measures 和 newer-measures 各条规则的条号、原文都相同")
    own = twice.replace("八日", "九日")
    assert load(shelf(rule=RULE + other.replace("T-1", "T-2"), profile=BOTH, newer=own))


@pytest.mark.parametrize("title", ["威海市行政执法监督办法", "威海市行政执法监督暂行办法"])
def test_the_weihai_measures_under_two_ids_are_refused_file_and_reason(tmp_path: Path, title: str) -> None:
    for name in ("instruments", "profiles"):
        copytree(ROOT / name, tmp_path / name)
    text = (tmp_path / "instruments" / "weihai-2020-supervision-measures.toml").read_text(encoding="utf-8")
    copy = text.replace("weihai-2020-supervision-measures", "weihai-again").replace("WH-MEAS", "WH-AGAIN")
    copy = copy.replace("威海市行政执法监督办法", title, 1)
    (tmp_path / "instruments" / "weihai-again.toml").write_text(copy, encoding="utf-8")
    profile = tmp_path / "profiles" / "weihai-hrss.toml"
    bound = profile.read_text(encoding="utf-8")
    wanted = '"weihai-2020-supervision-measures",'
    profile.write_text(bound.replace(wanted, f'{wanted}\n    "weihai-again",'), encoding="utf-8")
    said = refused(tmp_path)
    assert said.startswith("weihai-hrss.toml: 有效期重叠：weihai-2020-supervision-measures 和 weihai-again")
    assert "2021-01-01同时适用" in said


def test_two_editions_that_bind_two_profiles_disturb_nobody(shelf: Shelf) -> None:
    root = shelf(newer=edition("newer-measures"))
    (root / "profiles" / "other.toml").write_text(
        PROFILE.replace("test-profile", "other").replace("test-measures", "newer-measures"), encoding="utf-8"
    )
    assert len(load(root).instruments) == 2


def test_two_instruments_of_different_names_bind_together(shelf: Shelf) -> None:
    book = load(shelf(profile=BOTH, newer=edition("newer-measures", title='"示例细则"')))
    assert [rule.id for rule in book.binding("test-profile", date(2024, 1, 1))] == ["T-1", "N-1"]


def test_an_instrument_that_ended_before_the_other_began_is_no_second_edition(shelf: Shelf) -> None:
    ended = INSTRUMENT.replace("effective_from = 2021-01-01", "effective_from = 2021-01-01\neffective_to = 2022-12-31")
    newer = edition("newer-measures", effective_from="2023-01-01")
    book = load(shelf(instrument=ended, profile=BOTH, newer=newer))
    assert book.span_of("test-measures", "test-profile") == (date(2021, 1, 1), date(2022, 12, 31))
    late = ended.replace("2022-12-31", "2023-01-01")
    assert "2023-01-01同时适用" in refused(shelf(instrument=late, profile=BOTH, newer=newer))


def test_what_replaces_another_takes_its_place_from_its_first_day(shelf: Shelf) -> None:
    newer = edition("newer-measures", effective_from="2023-05-10", replaces='"test-measures"')
    book = load(shelf(profile=BOTH, newer=newer))
    in_force = {
        day: [rule.id for rule in book.binding("test-profile", date.fromisoformat(day))]
        for day in ("2021-01-01", "2023-05-09", "2023-05-10", "2026-01-01")
    }
    assert in_force == {"2021-01-01": ["T-1"], "2023-05-09": ["T-1"], "2023-05-10": ["N-1"], "2026-01-01": ["N-1"]}
    assert book.span_of("test-measures", "test-profile") == (date(2021, 1, 1), date(2023, 5, 9))
    assert book.span_of("newer-measures", "test-profile") == (date(2023, 5, 10), None)


def test_who_is_not_bound_by_the_newer_one_keeps_the_older(shelf: Shelf) -> None:
    root = shelf(profile=BOTH, newer=edition("newer-measures", effective_from="2023-05-10", replaces='"test-measures"'))
    (root / "profiles" / "other.toml").write_text(PROFILE.replace("test-profile", "other"), encoding="utf-8")
    book = load(root)
    assert [rule.id for rule in book.binding("other", date(2026, 1, 1))] == ["T-1"]


def test_a_plan_that_goes_on_gives_way_to_the_next_years_plan_and_to_none_before(shelf: Shelf) -> None:
    plan = INSTRUMENT.replace("示例办法", "示例局2021年度监督计划").replace(
        "[instrument]", "[instrument]\nannual = true"
    )
    following = edition("newer-measures", title='"示例局2023年度监督计划"', effective_from="2023-05-10", annual="true")
    goes_on = BOTH + 'continues = ["test-measures", "newer-measures"]\n'
    assert "是《示例局2023年度监督计划》的前后两份" in refused(shelf(instrument=plan, profile=goes_on, newer=following))
    following = following.replace("[instrument]", '[instrument]\nreplaces = ["test-measures"]')
    book = load(shelf(instrument=plan, profile=goes_on, newer=following))
    days = [date(2022, 6, 1), date(2023, 5, 9), date(2023, 5, 10), date(2026, 6, 1)]
    assert [[rule.id for rule in book.binding("test-profile", day)] for day in days] == [
        ["T-1"],
        ["T-1"],
        ["N-1"],
        ["N-1"],
    ]
    assert book.is_continued("T-1", "test-profile", date(2022, 6, 1))
    assert not book.is_continued("T-1", "test-profile", date(2026, 6, 1))


def test_plans_of_years_that_do_not_go_on_follow_each_other_without_a_word(shelf: Shelf) -> None:
    plan = INSTRUMENT.replace("示例办法", "示例局2021年度监督计划").replace(
        "[instrument]", "[instrument]\nannual = true"
    )
    following = edition("newer-measures", title='"示例局2022年度监督计划"', effective_from="2022-01-01", annual="true")
    book = load(shelf(instrument=plan, profile=BOTH, newer=following))
    assert [rule.id for rule in book.binding("test-profile", date(2022, 1, 1))] == ["N-1"]


def test_the_third_edition_ends_the_first_where_the_second_is_not_bound(shelf: Shelf) -> None:
    second = edition("second-measures", effective_from="2022-01-01", replaces='"test-measures"').replace("N-1", "S-1")
    third = edition("newer-measures", effective_from="2023-01-01", replaces='"second-measures"')
    root = shelf(profile=BOTH, newer=third, second=second)
    (root / "profiles" / "all.toml").write_text(
        PROFILE.replace("test-profile", "all").replace(
            '"test-measures"', '"newer-measures", "second-measures", "test-measures"'
        ),
        encoding="utf-8",
    )
    book = load(root)
    assert book.span_of("test-measures", "test-profile") == (date(2021, 1, 1), date(2022, 12, 31))
    assert [rule.id for rule in book.binding("all", date(2022, 6, 1))] == ["S-1"]
    assert [rule.id for rule in book.binding("all", date(2023, 6, 1))] == ["N-1"]


@pytest.mark.parametrize(
    ("replaces", "reason"),
    [
        ('"nowhere-measures"', "newer.toml: replaces 所列 nowhere-measures 不存在"),
        ('"newer-measures"', "newer.toml: replaces 不得写本文件自己"),
        ('"test-measures"', "newer.toml: replaces 所列 test-measures 自2021-01-01施行，不早于本文件的2021-01-01"),
    ],
)
def test_what_is_replaced_must_be_there_and_older(shelf: Shelf, replaces: str, reason: str) -> None:
    assert refused(shelf(newer=edition("newer-measures", replaces=replaces))).startswith(reason)


def test_single_rules_of_the_newer_edition_are_not_adopted_beside_the_older(shelf: Shelf) -> None:
    newer = edition("newer-measures", effective_from="2023-01-01", replaces='"test-measures"')
    said = refused(shelf(profile=PROFILE + 'adopts = ["N-1"]\n', newer=newer))
    assert said.startswith(
        "test-profile.toml: adopts 所列规则 N-1 出自 newer-measures，它代替了本机关适用的 test-measures"
    )


@pytest.mark.parametrize(
    ("title", "same"),
    [
        ("示例市人力资源和社会保障局2022年度行政执法监督计划", "示例市人力资源和社会保障局行政执法监督计划"),
        ("示例市二〇二三年度监督计划", "示例市监督计划"),
        ("示例市2023年监督计划", "示例市监督计划"),
        ("《示例条例》（2019年修订）", "示例条例"),
    ],
)
def test_what_an_instrument_and_its_next_edition_have_in_common(title: str, same: str) -> None:
    assert series(title) == same


# --- validity ---------------------------------------------------------------------------------------------------

ENDING = INSTRUMENT.replace("effective_from = 2021-01-01", "effective_from = 2021-01-01\neffective_to = 2025-12-31")


@pytest.mark.parametrize(
    ("instrument", "validity", "reason"),
    [
        (INSTRUMENT, "effective_from = 2019-01-01\neffective_to = 2030-12-31\n", "规则自2019-01-01起，而文件自2021-01-01起才施行"),
        (ENDING, "effective_to = 2030-12-31\n", "规则到2030-12-31，而文件到2025-12-31为止"),
        (
            INSTRUMENT.replace("[instrument]", "[instrument]\nannual = true"),
            "effective_from = 2023-01-01\n",
            "规则自2023-01-01起，而2021年度的文件没有机关沿用",
        ),
    ],
)  # fmt: skip
def test_a_rule_holds_only_while_its_instrument_does(shelf: Shelf, instrument: str, validity: str, reason: str) -> None:
    said = refused(shelf(instrument=instrument, rule=RULE + validity))
    assert said.startswith("measures.toml: T-1: 有效期间不成立：")
    assert reason in said


def test_a_rule_of_a_plan_that_goes_on_may_be_amended_in_a_later_year(shelf: Shelf) -> None:
    plan = INSTRUMENT.replace("[instrument]", "[instrument]\nannual = true")
    amended = RULE + "effective_to = 2022-12-31\n" + RULE.replace("= 7", "= 5") + "effective_from = 2023-01-01\n"
    book = load(shelf(instrument=plan, rule=amended, profile=PROFILE + 'continues = ["test-measures"]\n'))
    [now] = book.binding("test-profile", date(2024, 3, 1))
    assert now.within is not None
    assert now.within.amount == 5


@pytest.mark.parametrize("field", ["effective_from", "effective_to", "issued_on"])
@pytest.mark.parametrize("day", ["0221-01-01", "2210-01-01"])
def test_a_year_that_cannot_be_is_a_slip_of_the_pen(shelf: Shelf, field: str, day: str) -> None:
    wrong = INSTRUMENT.replace(
        "effective_from = 2021-01-01\n", "" if field == "effective_from" else "effective_from = 2021-01-01\n"
    )
    said = refused(shelf(instrument=wrong.replace("[instrument]", f"[instrument]\n{field} = {day}")))
    assert f"{field} 不可能：{day}" in said or "施行期间不成立" in said


# --- what reaches what ------------------------------------------------------------------------------------------

LENDER = edition("lender-measures", title='"示例规程"').replace("N-1", "T-1")
BORROWER = INSTRUMENT.replace("test-measures", "own-measures").replace("示例办法", "本局示例制度")
ADOPTING = PROFILE.replace("test-measures", "own-measures")


def lending(shelf: Shelf, adopts: str, lent: str) -> Path:
    return shelf(
        instrument=BORROWER,
        rule=RULE.replace("T-1", "OWN-1"),
        profile=ADOPTING + f"adopts = {adopts}\n",
        lender=LENDER + lent,
    )


@pytest.mark.parametrize(("lent", "rule", "does"), [(EXTENSION, "T-2", "延长"), (PAUSE, "T-3", "暂停")])
def test_an_extension_or_pause_is_adopted_with_the_period_it_is_for(
    shelf: Shelf, lent: str, rule: str, does: str
) -> None:
    said = refused(lending(shelf, f'["{rule}"]', lent))
    assert said == (
        f"test-profile.toml: adopts 所列 {rule} 是{does} T-1 的规则，而 T-1 对本机关不适用，须一并适用（列入 adopts 或者 instruments）"
    )
    book = load(lending(shelf, f'["T-1", "{rule}"]', lent))
    assert book.extensions_of("T-1", "test-profile") or book.pauses_of("T-1", "test-profile")


def test_an_extension_of_another_instruments_period_needs_that_instrument(shelf: Shelf) -> None:
    extending = INSTRUMENT + EXTENSION.replace('"T-2"', '"X-2"')
    said = refused(shelf(instrument=extending, rule="", profile=PROFILE, lender=LENDER))
    assert said.startswith("test-profile.toml: test-measures 的 X-2 是延长 T-1 的规则，而 T-1 对本机关不适用")


def test_an_extension_is_valid_with_its_period_and_in_its_unit_on_every_day(shelf: Shelf) -> None:
    amended = (
        RULE + "effective_to = 2022-12-31\n" + RULE.replace("working_day", "day") + "effective_from = 2023-01-01\n"
    )
    assert refused(shelf(rule=amended + EXTENSION)) == "measures.toml: T-2: 延长的单位与 T-1 自2023-01-01起的期限不同"
    assert load(shelf(rule=amended + EXTENSION + "effective_to = 2022-12-31\n"))
    late = RULE + "effective_to = 2022-12-31\n" + EXTENSION + "effective_from = 2023-01-01\n"
    assert refused(shelf(rule=late)) == "measures.toml: T-2: 与 T-1 没有一天同时有效，不会起作用"


# --- what cannot be meant ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (RULE.replace("amount = 7", "amount = 900"), "within 的期限不可能：900个工作日，最长500个工作日"),
        (
            RULE.replace(PERIOD, 'within = { amount = 2026, unit = "year" }'),
            "within 的期限不可能：2026年，最长100年",
        ),
        (RULE + "alert_before = [7]\n", "alert_before 的7个工作日不短于期限本身（7个工作日）"),
        (RULE + "alert_before = [3, 10]\n", "alert_before 的10个工作日不短于期限本身（7个工作日）"),
        (
            RULE.replace(PERIOD, 'within = { amount = 24, unit = "hour" }\nalert_before = [1]'),
            "alert_before 的1个工作日不短于期限本身（24小时）",
        ),
        (
            RULE.replace(PERIOD, 'within = { amount = 7, unit = "day" }\nalert_before = [5]'),
            "alert_before 的5个工作日不短于期限本身（7日）",
        ),
        (RULE + "alert_before = [2, 2]\n", "alert_before 应为不重复的正整数"),
        (RULE + "alert_before = [0]\n", "alert_before 应为不重复的正整数"),
        (
            RULE.replace('"deadline"', '"gate"').replace(PERIOD, 'guard = "checked"\nalert_before = [2]').replace(OPENING, ""),
            "gate 没有到期的时候，不能有 alert_before",
        ),
        (
            RULE.replace('"deadline"', '"record"').replace(PERIOD, 'constraint = "held"\nwhen = { kind = ["a"] }').replace(OPENING, ""),
            "有 when 而没有 opens_on 或者 guard",
        ),
        (RULE + "threshold = 2\n", "有 threshold 而没有 guard"),
        (RULE + 'threshold = 0\nguard = "checked"\n', "threshold 的人数不可能：0"),
        (RULE.replace('"deadline"', '"limit"').replace(PERIOD, 'within = { amount = 0, unit = "day" }'), "within 的期限不可能：0日"),
        (RULE.replace('opens_on = "test.happened"\n', ""), "有 met_by 而没有 opens_on：这一期限永远不会开始"),
        (RULE.replace('"deadline"', '"gate"').replace(PERIOD, "").replace('opens_on = "test.happened"\n', ""), "gate 须有 guard 或者 constraint"),
        (
            RULE.replace('"deadline"', '"fixed_date"').replace(PERIOD, 'fixed = "01-31"\nguard = "checked"').replace(OPENING, ""),
            "没有 met_by：这一期限每次都会开始，永远不能办结",
        ),
        (
            RULE.replace(PERIOD, 'before = { amount = 7, unit = "working_day" }'),
            "before 从活动之日向前倒算，须用 from_field",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_file_rule_and_reason(shelf: Shelf, rule: str, reason: str) -> None:
    said = refused(shelf(rule=rule))
    assert said.startswith(f"measures.toml: T-1: {reason}")


@pytest.mark.parametrize(
    "rule",
    [
        RULE + "alert_before = [6, 2]\n",
        RULE.replace(PERIOD, 'within = { amount = 7, unit = "day" }\nalert_before = [4]'),
        RULE.replace(PERIOD, 'within = { amount = 6, unit = "month" }\nalert_before = [20]'),
        RULE.replace(PERIOD, 'within = { amount = 30, unit = "year" }'),
        RULE.replace(PERIOD, 'before = { amount = 7, unit = "working_day" }\nfrom_field = "held_on"'),
        RULE.replace('"deadline"', '"fixed_date"').replace(PERIOD, 'fixed = "01-31"\nalert_before = [10]').replace('opens_on = "test.happened"\n', ""),
    ],
)  # fmt: skip
def test_what_may_well_be_meant_loads(shelf: Shelf, rule: str) -> None:
    assert load(shelf(rule=rule)).rule("T-1")


def test_a_profile_without_instruments_binds_nobody_and_is_refused(shelf: Shelf) -> None:
    root = shelf()
    (root / "profiles" / "empty.toml").write_text('id = "empty"\ntitle = "示例"\n', encoding="utf-8")
    assert refused(root) == "empty.toml: instruments 没有列出任何文件，没有规则适用于这个机关"


@pytest.mark.parametrize("directory", ["instruments", "profiles"])
def test_a_rulebook_of_nothing_is_none(shelf: Shelf, directory: str) -> None:
    root = shelf()
    for name in ("profiles",) if directory == "profiles" else ("instruments", "profiles"):
        for file in (root / name).iterdir():
            file.rename(file.with_suffix(".toml.txt"))
    assert refused(root) == (
        "measures.toml: 没有规则档案 'test-profile'，profiles 目录中没有 .toml 文件"
        if directory == "profiles"
        else "instruments: 目录中没有任何 .toml 文件"
    )


def test_one_demand_is_not_entered_under_two_ids(shelf: Shelf) -> None:
    assert refused(shelf(rule=RULE + RULE.replace("T-1", "T-2"))) == (
        "measures.toml: T-2: 与 T-1 的条文、原文、行为、期限都相同，同一规定录了两次"
    )
    assert load(shelf(rule=RULE + RULE.replace("T-1", "T-2") + 'when = { kind = ["a"] }\n'))
    ended = RULE + "effective_to = 2022-12-31\n" + RULE.replace("T-1", "T-2") + "effective_from = 2023-01-01\n"
    assert load(shelf(rule=ended))


@pytest.mark.parametrize("within", ['{ amount = 24, unit = "hour" }', '{ amount = 0, unit = "day" }'])
def test_what_ends_within_the_day_is_not_paused(shelf: Shelf, within: str) -> None:
    short = RULE.replace(PERIOD, f"within = {within}")
    assert refused(shelf(rule=short + PAUSE)) == "measures.toml: T-3: T-1 的期限按小时或者当日计算，不能暂停"


def test_the_reasons_that_a_page_offers_are_those_for_which_a_clock_may_stop(shelf: Shelf) -> None:
    offered = PAUSE + 'items = { suplement = "补充材料" }\n'
    assert refused(shelf(rule=RULE + offered)).startswith("measures.toml: T-3: items 的键与 pause_kinds 不同")
    assert load(shelf(rule=RULE + offered.replace("suplement", "supplement")))
