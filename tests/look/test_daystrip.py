"""The strip shows the days of an explanation as the rulebook counted them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.daystrip import Strip, circled, every_day, lay_out
from rulebook import cli, library, workdays

TODAY = date(2026, 2, 25)


def given_days(**said: Any) -> dict[str, Any]:
    """An explanation's days; what is not said is as in a period that neither moves nor was lengthened."""
    due = said["due"][:10]
    return {"counted": [], "skipped": [], "nominal": due, "alert_from": due, "amount": 1, "extended_on": None, **said}


def answered(rule: str, at: str, **asked: Any) -> dict[str, Any]:
    """What the rulebook itself answers."""
    return cli.answer_deadline(rule, at, **asked)


def explained(zero: date, working_days: int) -> dict[str, Any]:
    """The JSON of N working days after a day, from the product's calendar."""
    calendar = workdays.get()
    due = calendar.nth_working_day(zero, working_days)
    counted = calendar.working_days_in(zero, due)
    between = [zero + timedelta(days=n) for n in range(1, (due - zero).days + 1)]
    return given_days(
        day_zero=zero.isoformat(),
        unit="working_day",
        amount=working_days,
        counted=[day.isoformat() for day in counted],
        skipped=[{"day": d.isoformat(), "reason": calendar.reason(d)} for d in between if d not in counted],
        due=f"{due}T23:59:59+08:00",
    )


def test_seven_working_days_over_the_spring_festival() -> None:
    strip = lay_out(explained(date(2026, 2, 11), 7), today=TODAY)
    assert not strip.in_weeks
    assert not strip.is_folded
    assert [cell.label for cell in strip.cells] == ["2/11", *map(str, range(12, 28))]
    assert [(cell.day.day, cell.mark) for cell in strip.cells if cell.mark] == [
        (11, "起"),
        *zip((12, 13, 14, 24, 25, 26, 27), "①②③④⑤⑥⑦", strict=True),
    ]
    words = {cell.day.day: cell.words for cell in strip.cells}
    assert (words[11], words[14], words[15], words[25], words[27]) == ("不计入", "班", "春节", "今天", "到期")
    assert strip.gaps == ("春节2月15日至23日，共9天", "2月14日（周六）调休上班，计入")


def test_a_period_of_three_weeks_stands_in_weeks() -> None:
    strip = lay_out(explained(date(2026, 4, 8), 15), today=TODAY)
    assert strip.in_weeks
    assert not strip.is_folded
    assert "first" in strip.cells[0].css
    assert "w3" in strip.cells[0].css


def test_ninety_days_are_folded_into_months() -> None:
    """The 90th day after 6 January 2026 is 6 April, the day of Qingming: it moves to the 7th."""
    strip = lay_out(answered("CN-PENALTY-60", "2026-01-06"), today=TODAY)
    assert strip.is_folded
    assert strip.head[0].kind == "zero"
    assert strip.head[-1].day.isoweekday() == 7
    assert strip.tail[0].day.isoweekday() == 1
    assert [(month.month, month.counted) for month in strip.months] == [(1, 13), (2, 28), (3, 29)]
    assert strip.hidden == 13 + 28 + 29
    nominal, due = strip.tail[-2:]
    assert (nominal.number, nominal.note, nominal.words) == (90, "清明节", "名义日")
    assert nominal.told == "第90日，名义到期日（清明节）"
    assert (due.told, due.words) == ("到期", "到期")


def test_a_day_to_which_the_end_moved_is_neither_counted_nor_passed_over_for_a_reason() -> None:
    """Thirty days from 5 September 2025 end in the National Day holiday, which lasts to 8 October."""
    strip = lay_out(answered("WH-MEAS-42b", "2025-09-05"), today=TODAY)
    tail = {cell.day.isoformat()[5:]: cell for cell in strip.days}
    assert tail["10-05"].is_nominal
    assert [tail[f"10-0{n}"].kind for n in (6, 7, 8)] == ["skip"] * 3
    assert tail["10-09"].is_due
    assert ("nominal", "名义到期日") in strip.legend


def test_a_backward_period_is_drawn_in_the_order_of_the_calendar() -> None:
    strip = lay_out(
        given_days(
            day_zero="2026-06-12",
            unit="working_day",
            counted=["2026-06-11", "2026-06-10", "2026-06-09"],
            due="2026-06-09T23:59:59+08:00",
        ),
        today=TODAY,
    )
    assert [(cell.day.day, cell.mark) for cell in strip.cells] == [(9, "③"), (10, "②"), (11, "①"), (12, "起")]
    assert strip.cells[0].is_due


def test_paused_days_are_marked_apart_from_days_off() -> None:
    """Asked on Tuesday 3 March 2026, received on Thursday the 5th: 3 counts, 4 and 5 do not."""
    explanation = answered("YQ-LR-14a", "2026-03-02", profile="yangquan-hrss", pauses=[("2026-03-03", "2026-03-05")])
    cells = {cell.day.day: cell for cell in lay_out(explanation, today=TODAY).cells}
    assert [cells[day].kind for day in (2, 3, 4, 5, 6, 7)] == ["zero", "count", "pause", "pause", "count", "skip"]
    assert cells[4].css == "paused w3"
    assert cells[4].told == "暂停，不计入"
    assert ("paused", "暂停，不计入") in lay_out(explanation, today=TODAY).legend


def test_a_worked_saturday_that_is_the_last_day_says_both() -> None:
    explanation = explained(date(2026, 2, 11), 3)
    last = lay_out(explanation, today=TODAY).cells[-1]
    assert (last.day, last.words) == (date(2026, 2, 14), "班·到期")
    assert last.told == "第3日，调休上班，到期"


def test_months_are_told_by_the_days_on_which_they_were_full() -> None:
    """Three months from 31 January: the last days of February and April, and 31 March between them."""
    strip = lay_out(
        given_days(day_zero="2026-01-31", unit="month", amount=3, due="2026-04-30T23:59:59+08:00"), today=TODAY
    )
    assert [(each.label, each.day.isoformat()) for each in strip.milestones] == [
        ("满1个月", "2026-02-28"),
        ("满2个月", "2026-03-31"),
    ]
    assert not strip.months
    assert {cell.kind for cell in strip.days} == {"zero", "run"}


def test_a_limit_of_two_years_is_told_by_its_years() -> None:
    strip = lay_out(answered("CN-PENALTY-36", "2024-02-29"), today=TODAY)
    assert [(each.label, each.day.isoformat()) for each in strip.milestones] == [("满1年", "2025-02-28")]
    assert strip.tail[-1].is_due
    assert strip.tail[-1].day == date(2026, 2, 28)


def test_two_months_that_were_paused_are_told_by_month() -> None:
    explanation = given_days(
        day_zero="2026-03-02",
        unit="month",
        amount=2,
        skipped=[{"day": f"2026-04-{day:02d}", "reason": "暂停"} for day in range(2, 12)],
        due="2026-05-12T23:59:59+08:00",
    )
    strip = lay_out(explanation, today=TODAY)
    assert not strip.milestones
    assert [(each.month, each.counted, each.skipped) for each in strip.months] == [
        (3, 23, ()),
        (4, 20, (("暂停", 10),)),
        (5, 10, ()),
    ]


def test_hours_run_from_their_minute_to_their_minute() -> None:
    strip = lay_out(
        given_days(day_zero="2026-06-12", unit="hour", amount=24, due="2026-06-13T09:30:00+08:00"), today=TODAY
    )
    assert [cell.words for cell in strip.cells] == ["09:30起", "09:30止"]
    assert strip.cells[1].told == "09:30止，到期"
    short = given_days(day_zero="2026-06-12", unit="hour", amount=2, due="2026-06-12T11:30:00+08:00")
    assert [cell.words for cell in lay_out(short, today=TODAY).cells] == ["09:30至11:30"]


def test_a_date_of_the_year_shows_from_when_one_is_warned() -> None:
    """31 January 2026 is a Saturday: one is warned on the Friday before."""
    strip = lay_out(answered("WH-PLAN-3a", "2026-01-10"), today=TODAY)
    assert [(cell.day.day, cell.words) for cell in strip.cells] == [(30, "提醒"), (31, "到期")]
    assert strip.gaps == ()
    sunday = lay_out(answered("WH-PLAN-3a", "2027-01-10"), today=TODAY)
    assert [cell.words for cell in sunday.cells] == ["提醒", "周末", "到期"]
    assert sunday.legend == (("passed", "休息日"), ("due", "到期日"))


def test_a_date_of_the_year_on_a_working_day_needs_no_strip() -> None:
    assert lay_out(answered("WH-PLAN-3a", "2024-06-01"), today=TODAY) == Strip()


COUNTABLE = [rule for rule in library.get().rules if rule.is_clock or rule.is_periodic]


@pytest.mark.parametrize("at", ["2021-02-28", "2024-02-29", "2025-09-05", "2026-02-11", "2026-12-31", "2040-01-01"])
@pytest.mark.parametrize("rule", COUNTABLE, ids=[rule.id for rule in COUNTABLE])
def test_every_rule_is_drawn_with_one_last_day_and_no_day_twice(rule: Any, at: str) -> None:
    explanation = answered(rule.id, f"{at}T10:30")
    strip = lay_out(explanation, today=TODAY)
    if not strip.days:
        assert rule.is_periodic
        assert explanation["alert_from"] == explanation["due"][:10]
        return
    assert [cell.day.isoformat() for cell in strip.days if cell.is_due] == [explanation["due"][:10]]
    assert len({cell.day for cell in strip.days}) == len(strip.days)
    assert all(cell.words or cell.kind in ("count", "run") for cell in strip.days)
    drawn = sum(cell.kind == "count" for cell in strip.days) + sum(month.counted for month in strip.months)
    assert drawn == len(explanation["counted"]) or not explanation["counted"]
    listed = every_day(explanation, today=TODAY)
    if not strip.is_folded:
        assert listed == ()
    elif listed:
        assert [cell.day for cell in listed if cell.number] == sorted(map(date.fromisoformat, explanation["counted"]))
        reasons = {cell.day.isoformat(): cell.note for cell in listed if cell.kind in ("skip", "pause")}
        said = {entry["day"]: entry["reason"] for entry in explanation["skipped"]}
        assert reasons == {day: reason for day, reason in said.items() if day in reasons}
        assert {day for day in said if day != explanation["nominal"]} <= set(reasons)
    else:
        assert explanation["counted"] == []
        assert explanation["unit"] in ("month", "year")


@given(st.dates(date(2020, 1, 1), date(2026, 9, 1)), st.integers(1, 60))
def test_no_counted_day_is_lost_in_drawing(zero: date, working_days: int) -> None:
    explanation = explained(zero, working_days)
    strip = lay_out(explanation, today=TODAY)
    drawn = [*strip.cells, *strip.head, *strip.tail]
    assert sum(cell.kind == "count" for cell in drawn) + sum(month.counted for month in strip.months) == working_days
    folded = sum(month.skipped_days for month in strip.months)
    assert sum(cell.kind == "skip" for cell in drawn) + folded == len(explanation["skipped"])
    assert sum(cell.is_due for cell in drawn) == 1


def test_more_than_three_years_of_days_are_left_to_the_json() -> None:
    pauses = [("2026-03-03", "2028-12-29"), ("2029-01-03", "2029-12-28")]
    asked = answered("YQ-LR-14a", "2026-03-02", profile="yangquan-hrss", pauses=pauses[:1])
    assert len(every_day(asked, today=TODAY)) > 1000
    asked = answered("YQ-LR-14a", "2026-03-02", profile="yangquan-hrss", pauses=pauses)
    assert every_day(asked, today=TODAY) == ()
    assert lay_out(asked, today=TODAY).is_folded


def test_circled_numbers_run_on_to_fifty() -> None:
    assert [circled(n) for n in (1, 20, 21, 35, 36, 50, 51)] == ["①", "⑳", "㉑", "㉟", "㊱", "㊿", "51"]
