"""The strip shows the days of an explanation as the rulebook counted them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.daystrip import Strip, circled, lay_out
from rulebook import workdays

TODAY = date(2026, 2, 25)


def explained(zero: date, working_days: int) -> dict[str, Any]:
    """The JSON of N working days after a day, from the product's calendar."""
    calendar = workdays.get()
    due = calendar.nth_working_day(zero, working_days)
    counted = calendar.working_days_in(zero, due)
    between = [zero + timedelta(days=n) for n in range(1, (due - zero).days + 1)]
    return {
        "day_zero": zero.isoformat(),
        "unit": "working_day",
        "counted": [day.isoformat() for day in counted],
        "skipped": [{"day": d.isoformat(), "reason": calendar.reason(d)} for d in between if d not in counted],
        "due": f"{due}T23:59:59+08:00",
    }


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
    zero = date(2026, 1, 6)
    counted = [zero + timedelta(days=n) for n in range(1, 91)]
    strip = lay_out(
        {
            "day_zero": "2026-01-06",
            "unit": "day",
            "counted": [day.isoformat() for day in counted],
            "skipped": [{"day": "2026-04-06", "reason": "清明节"}],
            "due": "2026-04-07T23:59:59+08:00",
        },
        today=TODAY,
    )
    assert strip.is_folded
    assert strip.head[0].kind == "zero"
    assert strip.head[-1].day.isoweekday() == 7
    assert strip.tail[0].day.isoweekday() == 1
    assert [(month.month, month.counted) for month in strip.months] == [(1, 13), (2, 28), (3, 29)]
    last_counted, due = strip.tail[-2:]
    assert (last_counted.number, last_counted.note) == (90, "清明节")
    assert due.is_due


def test_a_backward_period_is_drawn_in_the_order_of_the_calendar() -> None:
    strip = lay_out(
        {
            "day_zero": "2026-06-12",
            "unit": "working_day",
            "counted": ["2026-06-11", "2026-06-10", "2026-06-09"],
            "skipped": [],
            "due": "2026-06-09T23:59:59+08:00",
        },
        today=TODAY,
    )
    assert [(cell.day.day, cell.mark) for cell in strip.cells] == [(9, "③"), (10, "②"), (11, "①"), (12, "起")]
    assert strip.cells[0].is_due


def test_hours_and_months_have_no_strip() -> None:
    hours = {"day_zero": "2026-06-12", "unit": "hour", "counted": [], "skipped": [], "due": "2026-06-13T09:00:00+08:00"}
    assert lay_out(hours, today=TODAY) == Strip()


@given(st.dates(date(2020, 1, 1), date(2026, 9, 1)), st.integers(1, 60))
def test_no_counted_day_is_lost_in_drawing(zero: date, working_days: int) -> None:
    explanation = explained(zero, working_days)
    strip = lay_out(explanation, today=TODAY)
    drawn = [*strip.cells, *strip.head, *strip.tail]
    assert sum(cell.kind == "count" for cell in drawn) + sum(month.counted for month in strip.months) == working_days
    folded = sum(month.skipped_days for month in strip.months)
    assert sum(cell.kind == "skip" for cell in drawn) + folded == len(explanation["skipped"])
    assert sum(cell.is_due for cell in drawn) == 1


def test_circled_numbers_run_on_to_fifty() -> None:
    assert [circled(n) for n in (1, 20, 21, 35, 36, 50, 51)] == ["①", "⑳", "㉑", "㉟", "㊱", "㊿", "51"]
