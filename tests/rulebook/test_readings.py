"""Why another rule of the same act was not used: said truly, also when the rule asked about is the one that does not bind."""

from __future__ import annotations

from datetime import date

import pytest

from rulebook.deadlines import due
from rulebook.library import load
from rulebook.workdays import Calendar
from tests.rulebook.conftest import RULE, Ask

ELSEWHERE = "不适用于本机关，仅供对照"
HERE = "本机关当天适用的是这一条，所问的一条当天对本机关不生效"
NOT_IN_FORCE = "当天尚未施行或者已经失效"


@pytest.mark.parametrize(
    ("asked", "day", "profile", "reasons"),
    [
        (
            "LY-REC-36b",
            date(2026, 3, 2),
            "weihai-hrss",
            {"LY-REC-36c": ELSEWHERE, "WH-MEAS-17a": HERE, "WH-PLAN-6.3a": HERE},
        ),
        ("SZS-4-2c", date(2026, 3, 2), "national", {"CN-PENALTY-48": HERE}),
        ("SZS-4-2c", date(2021, 7, 14), "national", {"CN-PENALTY-48": NOT_IN_FORCE}),
        # between the measures of 2021 and the plan of 17 May 2022
        ("WH-PLAN-6.3a", date(2022, 5, 16), "weihai-hrss", {"WH-MEAS-17a": HERE}),
        ("WH-MEAS-17a", date(2022, 5, 16), "weihai-hrss", {"WH-PLAN-6.3a": NOT_IN_FORCE}),
    ],
)
def test_a_rule_that_binds_is_not_called_out_of_force_because_another_was_asked(
    ask: Ask, asked: str, day: date, profile: str, reasons: dict[str, str]
) -> None:
    found = {other.rule: other.reason for other in ask(asked, day, profile=profile).others}
    assert {rule: found[rule] for rule in reasons} == reasons


def test_of_two_dates_in_force_the_one_not_enforced_yet_is_named(shelf, calendar: Calendar) -> None:
    period = 'within = { amount = 7, unit = "working_day" }'
    yearly = RULE.replace('"deadline"', '"fixed_date"').replace(period, 'fixed = "01-31"')
    yearly = yearly.replace('opens_on = "test.happened"\n', "")
    later = yearly.replace("T-1", "T-2").replace("01-31", "01-20").replace('met_by = "test.done"', 'enforced = "later"')
    book = load(shelf(rule=yearly + later))
    reasons = [
        [other.reason for other in due(rule, date(2026, 3, 2), calendar=calendar, rulebook=book).others]
        for rule in ("T-1", "T-2")
    ]
    assert reasons == [["尚未纳入执行"], ["所问的一条尚未纳入执行"]]
