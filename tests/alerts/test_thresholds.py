"""Alerts before, on and after the due day; counted in working days; each once, whenever the sweep comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from django.db import connection

from agency.models import Official, Role, Unit
from core import alerts, law
from core.models import Alert, Duty
from rulebook.model import AlertPlan
from tests.alerts.conftest import appoint, last_second, moment, owe
from tests.alerts.oracle import expected, walk

pytestmark = pytest.mark.django_db
MakeDuty = Callable[..., Duty]


def thresholds(official: Official) -> list[str]:
    return list(Alert.objects.of(official).order_by("rank", "key").values_list("threshold", flat=True))


def test_two_working_days_before_the_end_an_alert_is_raised_to_staff(
    duty: MakeDuty, clerk: Official, head: Official
) -> None:
    duty("2026-02-27")  # Friday after the Spring Festival; Wednesday is two working days before
    assert alerts.raise_due(moment("2026-02-24T17:29:59")) == 0
    assert alerts.raise_due(moment("2026-02-25T08:30:00")) == 1
    assert (thresholds(clerk), thresholds(head)) == (["before-2"], [])
    assert Alert.objects.get(recipient=clerk).level == Alert.Level.INFO


def test_a_holiday_is_not_a_working_day_before_the_end(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-02-24")  # first working day after 15-23 February; two before are Friday 13 and Saturday 14 (worked)
    alerts.raise_due(moment("2026-02-12T17:29:59"))
    assert thresholds(clerk) == []
    alerts.raise_due(moment("2026-02-13T08:30:00"))
    assert thresholds(clerk) == ["before-2"]


def test_on_the_day_and_when_work_begins_after_it(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-02-27")
    alerts.raise_due(moment("2026-02-27T08:30:00"))
    assert thresholds(clerk) == ["before-2", "day"]
    alerts.raise_due(moment("2026-02-27T17:29:59"))
    assert thresholds(clerk) == ["before-2", "day"]
    alerts.raise_due(moment("2026-02-28T08:30:00"))
    assert thresholds(clerk) == ["before-2", "day", "after-1"]
    assert set(Alert.objects.filter(rank=1).values_list("level", flat=True)) == {"red"}


def test_three_working_days_overdue_skip_the_weekend_but_count_a_make_up_day(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-02-26")  # Thursday: 27 (Fri), 28 (Sat, worked), 2 March (Mon)
    alerts.raise_due(moment("2026-02-28T17:29:59"))
    assert thresholds(clerk)[-1] == "after-1"
    alerts.raise_due(moment("2026-03-02T08:30:00"))
    assert thresholds(clerk)[-1] == "after-3"


@pytest.mark.parametrize(
    "quiet",
    [
        "2026-02-27T17:30:00",
        "2026-02-27T23:59:59",
        "2026-02-28T00:00:00",
        "2026-02-28T08:29:59",
        "2026-03-01T10:00:00",
        "2026-02-17T10:00:00",
    ],
    ids=["after hours", "late evening", "midnight", "before the morning", "Sunday", "Spring Festival"],
)
def test_what_is_counted_in_days_is_told_on_working_days_in_working_hours_alone(
    duty: MakeDuty, clerk: Official, quiet: str
) -> None:
    duty("2026-02-12")
    duty(f"{quiet[:10]}T03:20:00", title="按小时计算的")
    alerts.raise_due(moment(quiet))
    assert {alert.duty.title for alert in Alert.objects.of(clerk)} == {"按小时计算的"}, "at once, whatever the hour"
    opening = "2026-03-02T08:30:00" if quiet >= "2026-02-28T09" else "2026-02-28T08:30:00"
    alerts.raise_due(moment(opening))
    told = Alert.objects.of(clerk).exclude(duty__title="按小时计算的").values_list("threshold", flat=True)
    assert set(told) > {"before-2", "day", "after-1", "after-3"}, "what was crossed meanwhile, when work begins"
    assert alerts.raise_due(moment(opening)) == 0


def test_each_unit_is_told_in_the_hours_of_its_own_profile(
    section: Unit, duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    book = law.rulebook()
    early = dataclasses.replace(book.profile("yangquan-hrss").alerts, opens=time(7), closes=time(12), digest_at=time(7))
    own = dataclasses.replace(book.profile("yangquan-hrss"), alerts=early)
    monkeypatch.setitem(book._profiles, "yangquan-hrss", own)
    branch = Unit.objects.create(
        name="示例分局", short_name="分局", kind=Unit.Kind.SECTION, parent=section.parent, profile="yangquan-hrss"
    )
    theirs = appoint("孙示例", Role.SECTION_STAFF, branch)
    duty("2026-02-27")
    duty("2026-02-27", unit=branch, owner_unit=branch)
    for now, told in {
        "2026-02-27T07:00:00": ([], ["before-2", "day"]),
        "2026-02-27T08:30:00": (["before-2", "day"], ["before-2", "day"]),
        "2026-02-28T06:59:59": (["before-2", "day"], ["before-2", "day"]),
        "2026-02-28T12:00:00": (["before-2", "day", "after-1"], ["before-2", "day"]),
        "2026-03-02T11:59:59": (["before-2", "day", "after-1"], ["before-2", "day", "after-1"]),
    }.items():
        alerts.raise_due(moment(now))
        assert (thresholds(clerk), thresholds(theirs)) == told, now


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        ("2026-02-27T08:30:00", "2026-02-27T08:30:00"),
        ("2026-02-27T17:29:59", "2026-02-27T17:29:59"),
        ("2026-02-27T17:30:00", "2026-02-27T17:29:00"),
        ("2026-02-28T00:00:00", "2026-02-27T17:29:00"),
        ("2026-03-01T12:00:00", "2026-02-28T17:29:00"),
        ("2026-02-24T08:29:59", "2026-02-14T17:29:00"),
    ],
    ids=["opening", "closing", "closed", "midnight", "Sunday after a worked Saturday", "after the Spring Festival"],
)
def test_the_latest_moment_at_work(now: str, latest: str) -> None:
    assert alerts.last_at_work(AlertPlan(), moment(now)) == moment(latest)


def test_a_period_in_hours_has_points_in_hours_on_any_day_and_at_any_hour(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-02-16T03:20:00")  # in the Spring Festival; opened the day before
    steps = {
        "2026-02-15T03:20:00": [],
        "2026-02-15T03:20:01": ["before-24h"],
        "2026-02-15T23:20:00": ["before-24h"],
        "2026-02-15T23:20:01": ["before-24h", "before-4h"],
        "2026-02-16T03:20:00": ["before-24h", "before-4h"],
        "2026-02-16T03:20:01": ["before-24h", "before-4h", "after-0h"],
        "2026-02-16T05:20:01": ["before-24h", "before-4h", "after-0h", "after-2h"],
        "2026-02-19T03:20:01": [
            "before-24h",
            "before-4h",
            "after-0h",
            "after-2h",
            "after-4h",
            "after-24h",
            "after-72h",
        ],
    }
    for now, told in steps.items():
        alerts.raise_due(moment(now))
        assert thresholds(clerk) == told, now
    assert set(Alert.objects.values_list("at_once", flat=True)) == {True}


def test_an_end_in_hours_that_moves_within_its_day_is_alerted_anew(duty: MakeDuty, clerk: Official) -> None:
    row = duty("2026-02-27T15:30:00")
    alerts.raise_due(moment("2026-02-27T15:31:00"))
    Duty.objects.filter(pk=row.pk).update(due_at=moment("2026-02-27T22:00:00"))
    alerts.raise_due(moment("2026-02-27T15:32:00"))
    assert Alert.objects.of(clerk).current().get().threshold == "before-24h"
    alerts.raise_due(moment("2026-02-27T22:00:01"))
    assert Alert.objects.of(clerk).current().get().key == f"duty:{row.pk}:after-0h:20260227T2200"


def test_counting_4_a_rolled_end_warns_on_the_nominal_day(duty: MakeDuty, clerk: Official) -> None:
    duty("2026-02-24", alert_from=date(2026, 2, 14))  # rolled over the Spring Festival; the 14th, a Saturday, is worked
    alerts.raise_due(moment("2026-02-13T17:29"))
    assert thresholds(clerk) == ["before-2"]
    alerts.raise_due(moment("2026-02-14T08:30"))
    assert thresholds(clerk) == ["before-2", "day"]


def test_a_second_sweep_writes_nothing(duty: MakeDuty) -> None:
    for day in ("2026-02-27", "2026-02-20", "2026-01-12"):
        duty(day)
    now = moment("2026-02-28T10:00")
    assert alerts.raise_due(now) > 0
    assert alerts.raise_due(now) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"owed_by": "outside"},
        {"owed_by": "party", "owner_unit": None},
        {"met_at": moment("2026-02-10T10:00")},
        {"voided_at": moment("2026-02-10T10:00"), "void_reason": "案件撤销"},
        {"paused_from": date(2026, 2, 10)},
        {"deadline_precedes_rule": True},
    ],
    ids=["outside body", "party", "met", "void", "paused", "deadline precedes rule"],
)
def test_nobody_is_told_of_what_nobody_owes(duty: MakeDuty, values: dict[str, object]) -> None:
    duty("2026-02-20", **values)
    assert alerts.raise_due(moment("2026-03-20T10:00")) == 0


@pytest.mark.parametrize("kind", [Duty.Kind.LIMIT, Duty.Kind.RIGHT])
def test_a_limitation_and_a_right_of_the_bureau_are_warned_of_and_never_overdue(
    duty: MakeDuty, clerk: Official, kind: str
) -> None:
    duty("2026-02-20", kind=kind)
    alerts.raise_due(moment("2026-03-20T10:00"))
    assert thresholds(clerk) == ["before-2", "day"]


def test_a_moved_end_is_alerted_anew(duty: MakeDuty, clerk: Official) -> None:
    row = duty("2026-02-27")
    alerts.raise_due(moment("2026-03-02T10:00"))
    row.due_at, row.alert_from = last_second("2026-03-13"), date(2026, 3, 13)
    row.save()
    assert alerts.raise_due(moment("2026-03-02T10:00")) == 0
    assert alerts.raise_due(moment("2026-03-11T10:00")) == 1
    assert Alert.objects.of(clerk).current().get().key == f"duty:{row.pk}:before-2:20260313"


def test_a_rule_may_name_its_own_days_before(duty: MakeDuty, clerk: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    book = law.rulebook()
    rules = tuple(
        dataclasses.replace(rule, alert_before=(5, 1)) if rule.id == "WH-MEAS-15b" else rule for rule in book.rules
    )
    monkeypatch.setattr(type(book), "rules", property(lambda self: rules))
    duty("2026-03-13")
    duty("2026-03-13", rule_id="CN-PENALTY-61")
    alerts.raise_due(moment("2026-03-06T10:00"))
    assert thresholds(clerk) == ["before-5"]
    alerts.raise_due(moment("2026-03-11T10:00"))
    assert thresholds(clerk) == ["before-5", "before-2"]
    alerts.raise_due(moment("2026-03-12T10:00"))
    assert thresholds(clerk) == ["before-5", "before-2", "before-1"]


# --- against an oracle that walks day by day ------------------------------------------------------------------


def state() -> set[tuple[int, str]]:
    return set(Alert.objects.values_list("recipient", "key"))


def test_r1_every_crossing_of_a_spring_is_raised_as_the_oracle_says(section: Unit, clerk: Official) -> None:
    days = list(walk(date(2026, 1, 26), date(2026, 3, 20)))
    duties = [owe(section, last_second(f"{day}")) for day in days]
    duties += [owe(section, moment(f"{day}T{hour:02}:00")) for day in days for hour in (3, 8, 12, 16)]
    for now in (
        moment("2026-02-13T12:00"),
        moment("2026-02-24T12:00"),
        moment("2026-02-28T12:00"),
        moment("2026-03-09T12:00"),
    ):
        alerts.raise_due(now)
        told: dict[int, set[str]] = {}
        for pk, threshold in Alert.objects.of(clerk).values_list("duty", "threshold"):
            told.setdefault(pk, set()).add(threshold)
        assert {duty.pk: told.get(duty.pk, set()) for duty in duties} == {
            duty.pk: expected(duty, now) for duty in duties
        }


@pytest.mark.parametrize("days", [9, 31])
def test_r5_after_an_outage_the_same_end_state_as_without(section: Unit, days: int) -> None:
    duties = [
        owe(section, moment(f"{day}T{hour}"))
        for day in walk(date(2026, 2, 20), date(2026, 3, 20))
        for hour in ("23:59:59", "04:00:00", "15:30:00")
    ]
    start = moment("2026-02-24T09:00")
    for hours in range(0, days * 24 + 1, 8):
        alerts.raise_due(start + timedelta(hours=hours))
    daily = state()
    Alert.objects.all().delete()
    alerts.raise_due(start + timedelta(days=days))
    assert state() == daily
    assert len(daily) > len(duties)


@pytest.fixture
def day_and_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bureau at work from midnight to midnight."""
    import dataclasses

    profile = law.rulebook().profile("weihai-hrss")
    plan = dataclasses.replace(profile.alerts, opens=time.min, closes=time.max, digest_at=time.min)
    monkeypatch.setitem(law.rulebook()._profiles, "weihai-hrss", dataclasses.replace(profile, alerts=plan))


def test_r6_r7_midnight_is_that_of_shanghai_on_a_utc_connection(
    duty: MakeDuty, clerk: Official, day_and_night: None
) -> None:
    duty("2026-02-27")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        alerts.raise_due(moment("2026-02-26T23:59:59"))
        assert thresholds(clerk) == ["before-2"]
        alerts.raise_due(moment("2026-02-27T00:00:01"))
        assert thresholds(clerk) == ["before-2", "day"]
        alerts.raise_due(moment("2026-02-27T23:59:59"))
        assert thresholds(clerk) == ["before-2", "day"]
        alerts.raise_due(moment("2026-02-28T00:00:01"))
        assert thresholds(clerk) == ["before-2", "day", "after-1"]
        cursor.execute("SET LOCAL TimeZone = 'America/Los_Angeles'")
        alerts.raise_due(moment("2026-02-28T00:00:02"))
    assert {key.rsplit(":", 1)[1] for _, key in state()} == {"20260227"}


def test_unread_counts_one_for_a_duty_and_none_for_a_settled_one(duty: MakeDuty, clerk: Official) -> None:
    late, open_ = duty("2026-02-12"), duty("2026-02-27")
    alerts.raise_due(moment("2026-02-27T10:00"))
    assert len(thresholds(clerk)) > 2
    assert alerts.unread_count(clerk) == 2
    Duty.objects.filter(pk=late.pk).update(met_at=moment("2026-02-27T11:00"))
    assert alerts.unread_count(clerk) == 1
    Alert.objects.filter(duty=open_).update(read_at=moment("2026-02-27T11:00"))
    assert alerts.unread_count(clerk) == 0
