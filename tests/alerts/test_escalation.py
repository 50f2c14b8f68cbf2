"""Who is told after how long: those who owe, the head, legal affairs, the leader; and the deputy of whoever is away."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from agency import services, telling
from agency.leave import Leave
from agency.models import AgencyProfile, Official, Role, Unit
from core import alerts, deliveries, law, registry
from core.access import NotPermitted
from core.models import Alert, Delivery, Duty
from rulebook.model import AlertPlan, UrgentPlan
from tests.alerts.conftest import appoint, moment

pytestmark = pytest.mark.django_db
MakeDuty = Callable[..., Duty]


def thresholds(official: Official) -> list[str]:
    return list(Alert.objects.of(official).order_by("rank").values_list("threshold", flat=True))


@pytest.fixture
def legal(section: Unit) -> Official:
    return Official.objects.get(username="赵样本")


@pytest.fixture
def leader(section: Unit) -> Official:
    return appoint("周范本", Role.LEADER, section.parent)


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Callable[[AlertPlan], None]:
    """Another plan for the profile of the bureau."""

    def give(wanted: AlertPlan) -> None:
        profile = dataclasses.replace(law.rulebook().profile("weihai-hrss"), alerts=wanted)
        monkeypatch.setitem(law.rulebook()._profiles, "weihai-hrss", profile)

    return give


def test_an_overdue_duty_climbs_from_staff_to_head_to_legal_affairs_to_the_leader(
    duty: MakeDuty, clerk: Official, head: Official, legal: Official, leader: Official
) -> None:
    duty("2026-03-06")  # Friday; 9, 10, 11, 12, 13 March are working days
    steps = {
        "2026-03-06T12:00": (["before-2", "day"], [], [], []),
        "2026-03-09T08:30": (["before-2", "day", "after-1"], ["after-1"], [], []),
        "2026-03-10T17:29": (["before-2", "day", "after-1"], ["after-1"], [], []),
        "2026-03-11T08:30": (["before-2", "day", "after-1", "after-3"], ["after-1", "after-3"], ["after-3"], []),
        "2026-03-13T08:30": (
            ["before-2", "day", "after-1", "after-3", "after-5"], ["after-1", "after-3", "after-5"], ["after-3", "after-5"], ["after-5"],
        ),
    }  # fmt: skip
    for now, told in steps.items():
        alerts.raise_due(moment(now))
        assert tuple(thresholds(each) for each in (clerk, head, legal, leader)) == told, now


def test_what_is_counted_in_hours_climbs_within_hours_on_a_day_off_and_is_told_outside_at_once(
    duty: MakeDuty, clerk: Official, head: Official, legal: Official, leader: Official
) -> None:
    duty("2026-02-17T23:30:00")  # the first day of the Spring Festival
    near, late = ["before-24h", "before-4h"], ["after-0h", "after-2h", "after-4h"]
    steps = {
        "2026-02-17T23:30:00": (near, [], [], []),
        "2026-02-17T23:30:01": ([*near, "after-0h"], ["after-0h"], [], []),
        "2026-02-18T01:30:01": ([*near, *late[:2]], late[:2], ["after-2h"], []),
        "2026-02-18T03:30:01": ([*near, *late], late, late[1:], ["after-4h"]),
    }
    for now, told in steps.items():
        alerts.raise_due(moment(now))
        assert tuple(thresholds(each) for each in (clerk, head, legal, leader)) == told, now
    assert deliveries.compose(moment("2026-02-18T03:31")) == 2  # the clerk and legal affairs have mail
    assert set(Delivery.objects.values_list("kind", flat=True)) == {"at_once"}
    assert not Alert.objects.waiting_for_mail().exists()


def test_the_points_in_hours_are_those_of_the_profile(
    duty: MakeDuty, clerk: Official, head: Official, leader: Official, plan: Callable[[AlertPlan], None]
) -> None:
    plan(AlertPlan(urgent=UrgentPlan(before=(48,), overdue=(1,), escalation=(("leader", 1),))))
    duty("2026-03-06T10:00:00")
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-04T10:00:01"))
    assert sorted(thresholds(clerk)) == ["before-2", "before-48h"]
    alerts.raise_due(moment("2026-03-06T10:59:59"))
    assert leader.pk not in set(Alert.objects.values_list("recipient", flat=True))
    alerts.raise_due(moment("2026-03-06T11:00:01"))
    assert (thresholds(head), thresholds(leader)) == ([], ["after-1h"])


def test_a_deputy_hears_what_is_counted_in_hours_from_the_absent_colleagues_point_on(
    duty: MakeDuty, head: Official, legal: Official, deputy: Official
) -> None:
    away(legal, deputy, "2026-03-02", "2026-03-06")
    duty("2026-03-05T10:00:00")
    alerts.raise_due(moment("2026-03-05T11:59:00"))
    assert (thresholds(head), thresholds(deputy)) == (["after-0h"], [])
    alerts.raise_due(moment("2026-03-05T12:00:01"))
    assert thresholds(deputy) == thresholds(legal) == ["after-2h"]
    assert Alert.objects.get(recipient=deputy).on_behalf_of == legal


def test_the_points_and_the_escalation_are_those_of_the_profile(
    duty: MakeDuty,
    clerk: Official,
    head: Official,
    legal: Official,
    leader: Official,
    plan: Callable[[AlertPlan], None],
) -> None:
    plan(AlertPlan(before=(4, 1), on_the_day=False, overdue=(2,), escalation=(("leader", 2),)))
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-02T12:00"))
    assert thresholds(clerk) == ["before-4"]
    alerts.raise_due(moment("2026-03-09T17:29"))
    assert thresholds(clerk) == ["before-4", "before-1"]
    alerts.raise_due(moment("2026-03-10T08:30"))
    assert thresholds(clerk) == ["before-4", "before-1", "after-2"]
    assert (thresholds(head), thresholds(legal), thresholds(leader)) == ([], [], ["after-2"])


def test_a_section_without_staff_tells_its_head_from_the_start(section: Unit, duty: MakeDuty, head: Official) -> None:
    clerk = Official.objects.get(username="张示例")
    Official.objects.filter(pk=clerk.pk).update(is_active=False)
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-06T12:00"))
    assert thresholds(head) == ["before-2", "day"]


def test_a_team_below_tells_the_staff_of_its_section_and_climbs_the_same_way(
    section: Unit, duty: MakeDuty, clerk: Official, head: Official
) -> None:
    team = Unit.objects.create(name="示例一队", short_name="一队", kind=Unit.Kind.SECTION, parent=section)
    duty("2026-03-06", unit=team, owner_unit=team)
    alerts.raise_due(moment("2026-03-06T12:00"))
    assert (thresholds(clerk), thresholds(head)) == (["before-2", "day"], [])
    alerts.raise_due(moment("2026-03-09T12:00"))
    assert thresholds(head) == ["after-1"]


def test_without_a_leader_in_charge_the_chief_is_told(section: Unit, duty: MakeDuty) -> None:
    chief = appoint("郑范本", Role.CHIEF, section.parent)
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-13T08:30"))
    assert thresholds(chief) == ["after-5"]


def test_a_duty_that_is_met_climbs_no_further(duty: MakeDuty, head: Official) -> None:
    row = duty("2026-03-06")
    alerts.raise_due(moment("2026-03-06T12:00"))
    Duty.objects.filter(pk=row.pk).update(met_at=moment("2026-03-06T15:00"))
    alerts.raise_due(moment("2026-03-20T12:00"))
    assert thresholds(head) == []


def test_whom_it_is_escalated_to_is_told_what_is_owed_and_by_whom_and_no_file(
    duty: MakeDuty, legal: Official, clerk: Official
) -> None:
    row = duty("2026-03-06", title="公示行政处罚决定")
    alerts.raise_due(moment("2026-03-11T12:00"))
    [told] = alerts.close_files(list(Alert.objects.of(legal).select_related("duty")), legal)
    assert (told.headline, told.detail, told.link) == (
        "逾期已满3个工作日：公示行政处罚决定",
        "由示例监察科办理，请督促",
        "",
    )
    own = alerts.close_files(list(Alert.objects.of(clerk).select_related("duty")), clerk)
    assert {each.detail for each in own} == {row.subject_title}


# --- deputies ---------------------------------------------------------------------------------------------------


@pytest.fixture
def deputy(section: Unit) -> Official:
    other = Unit.objects.create(name="示例就业科", short_name="就业科", kind=Unit.Kind.SECTION, parent=section.parent)
    return appoint("李样本", Role.SECTION_STAFF, other, email="li@mail.example")


def away(official: Official, deputy: Official, first: str, last: str, *, alone: bool = False) -> Leave:
    """A leave of the past, as it would have been entered then."""
    days = DateRange(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))
    return Leave.objects.create(official=official, deputy=deputy, days=days, alone=alone)


def test_during_leave_both_are_told_and_the_deputy_as_deputy(duty: MakeDuty, clerk: Official, deputy: Official) -> None:
    away(clerk, deputy, "2026-03-02", "2026-03-06")
    row = duty("2026-03-06")
    alerts.raise_due(moment("2026-02-28T12:00"))
    assert thresholds(deputy) == []
    alerts.raise_due(moment("2026-03-04T12:00"))
    assert thresholds(clerk) == thresholds(deputy) == ["before-2"]
    told = Alert.objects.get(recipient=deputy)
    assert (told.on_behalf_of, told.wants_mail) == (clerk, True)
    assert Alert.objects.get(recipient=clerk).on_behalf_of is None
    # The leave is over, the duty is not: the deputy hears nothing more.
    alerts.raise_due(moment("2026-03-09T12:00"))
    assert thresholds(deputy) == ["before-2"]
    assert "after-1" in thresholds(clerk)
    assert Duty.objects.get(pk=row.pk).is_open


def test_a_deputy_alone_gets_the_mail_and_the_absent_one_keeps_the_message(
    duty: MakeDuty, clerk: Official, deputy: Official
) -> None:
    away(clerk, deputy, "2026-03-02", "2026-03-06", alone=True)
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-04T12:00"))
    assert dict(Alert.objects.values_list("recipient", "wants_mail")) == {clerk.pk: False, deputy.pk: True}


def test_whoever_is_back_early_gets_the_mail_that_waited_for_the_deputy(
    duty: MakeDuty, clerk: Official, deputy: Official
) -> None:
    today = timezone.localdate()
    leave = away(clerk, deputy, "2026-03-02", f"{today + timedelta(days=9)}", alone=True)
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-04T12:00"))
    deliveries.compose(moment("2026-03-04T12:00"))
    alerts.raise_due(moment("2026-03-09T17:00"))
    telling.end_leave(by=clerk, leave=leave)
    deliveries.compose(moment("2026-03-10T09:00"))
    mailed = Alert.objects.filter(duty__isnull=False, delivery__isnull=False)
    assert set(mailed.values_list("recipient__username", "threshold")) == {
        ("李样本", "before-2"), ("张示例", "day"), ("张示例", "after-1"),
    }  # fmt: skip
    assert registry.agency().stand_ins(today) == {}


def test_a_leader_reads_which_unit_is_to_do_it_and_is_not_asked_to_do_it(
    duty: MakeDuty, clerk: Official, leader: Official
) -> None:
    row = duty("2026-03-06")
    alerts.raise_due(moment("2026-03-13T12:00"))
    [told] = alerts.close_files(list(Alert.objects.of(leader).select_related("duty")), leader)
    assert (told.detail, told.link) == (f"{row.subject_title}　由示例监察科办理，请督促", row.subject_url)
    page = page_of(leader)
    assert "由示例监察科办理，请督促" in page
    assert (">查看<" in page, ">去办理<" in page) == (True, False)
    assert (">去办理<" in page_of(clerk), "请督促" in page_of(clerk)) == (True, False)


def page_of(official: Official) -> str:
    client = Client()
    client.force_login(official, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client.get("/desk/messages/").content.decode()


def test_a_deputy_without_mail_keeps_no_mail_from_the_absent(duty: MakeDuty, clerk: Official, deputy: Official) -> None:
    Official.objects.filter(pk=deputy.pk).update(email="")
    away(clerk, deputy, "2026-03-02", "2026-03-06", alone=True)
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-04T12:00"))
    assert dict(Alert.objects.values_list("recipient", "wants_mail")) == {clerk.pk: True, deputy.pk: False}


def test_a_deputy_who_left_is_told_nothing(duty: MakeDuty, clerk: Official, deputy: Official) -> None:
    away(clerk, deputy, "2026-03-02", "2026-03-06")
    Official.objects.filter(pk=deputy.pk).update(served_from=date(2020, 1, 1), served_to=date(2026, 3, 3))
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-04T12:00"))
    assert thresholds(deputy) == []


def test_a_deputy_who_is_told_anyway_is_told_once_from_the_earlier_point_on(
    duty: MakeDuty, clerk: Official, head: Official
) -> None:
    away(clerk, head, "2026-03-02", "2026-03-31")
    duty("2026-03-06")
    alerts.raise_due(moment("2026-03-09T12:00"))
    assert thresholds(head) == ["before-2", "day", "after-1"]
    assert alerts.raise_due(moment("2026-03-09T12:01")) == 0


def test_a_deputy_is_told_and_gains_no_right(duty: MakeDuty, clerk: Official, deputy: Official) -> None:
    units = (deputy.unit_ids, deputy.owing_unit_ids, deputy.granted_unit_ids)
    away(clerk, deputy, "2026-03-02", "2026-03-06")
    row = duty("2026-03-06")
    alerts.raise_due(moment("2026-03-04T12:00"))
    fresh = Official.objects.get(pk=deputy.pk)
    assert (fresh.unit_ids, fresh.owing_unit_ids, fresh.granted_unit_ids) == units
    assert not Duty.objects.visible_to(fresh).filter(pk=row.pk).exists()
    [told] = alerts.close_files(list(Alert.objects.of(fresh).select_related("duty")), fresh)
    assert row.subject_title not in f"{told.headline}{told.detail}"
    assert told.link == ""


def test_who_may_name_whom(
    section: Unit, clerk: Official, head: Official, deputy: Official, administrator: Official
) -> None:
    today = timezone.localdate()
    days = {"first_day": today, "last_day": today + timedelta(days=3)}

    def refused(by: Official, official: Official, other: Official, **more: object) -> str:
        with pytest.raises((NotPermitted, ValidationError)) as error:
            telling.name_deputy(by=by, official=official, deputy=other, **{**days, **more})  # type: ignore[arg-type]
        assert not Leave.objects.exists()
        return str(error.value)

    assert "代理人由本人、其科室负责人或者分管领导指定" in refused(deputy, clerk, deputy)
    assert "管理员不承担期限" in refused(administrator, administrator, deputy)
    assert "不能由本人代理" in refused(clerk, clerk, clerk)
    assert "现有执法、审核或者领导职责" in refused(clerk, clerk, administrator)
    assert "不能早于今天" in refused(clerk, clerk, deputy, first_day=today - timedelta(days=1))
    assert "不能早于第一天" in refused(clerk, clerk, deputy, last_day=today - timedelta(days=1))
    assert "不能超过一年" in refused(clerk, clerk, deputy, last_day=today + timedelta(days=366))
    services.deactivate(by=None, official=deputy)
    assert "不在岗" in refused(clerk, clerk, Official.objects.get(pk=deputy.pk))


def test_naming_is_told_to_the_deputy_and_stands_in_the_audit(
    clerk: Official, head: Official, deputy: Official
) -> None:
    from agency.models import AuditEvent

    today = timezone.localdate()
    leave = telling.name_deputy(
        by=head, official=clerk, deputy=deputy, first_day=today, last_day=today + timedelta(days=3)
    )
    assert registry.agency().stand_ins(today)[clerk.pk].deputy == deputy.pk
    assert Alert.objects.get(recipient=deputy).title == "请您在张示例休假期间代为知悉期限提醒"
    assert Alert.objects.get(recipient=clerk).title == "吴样例为您指定了休假代理人：李样本"
    event = AuditEvent.objects.get(action="deputy_named")
    assert (event.actor, event.official) == (head, clerk)
    with pytest.raises(ValidationError, match="已经有代理人"):
        telling.name_deputy(by=clerk, official=clerk, deputy=head, first_day=today, last_day=today)
    with pytest.raises(ValidationError, match="也休假，请另选代理人"):
        telling.name_deputy(by=head, official=head, deputy=clerk, first_day=today, last_day=today)
    with pytest.raises(NotPermitted):
        telling.end_leave(by=deputy, leave=leave)
    telling.end_leave(by=clerk, leave=leave)
    assert registry.agency().stand_ins(today) == {}
    assert Alert.objects.of(deputy).last().title == "您不再代张示例知悉期限提醒"
    with pytest.raises(ValidationError, match="已经结束"):
        telling.end_leave(by=clerk, leave=leave)


def test_whose_deputy_goes_away_too_is_told(clerk: Official, head: Official, deputy: Official) -> None:
    today = timezone.localdate()
    days = {"first_day": today, "last_day": today + timedelta(days=3)}
    telling.name_deputy(by=clerk, official=clerk, deputy=deputy, **days)
    telling.name_deputy(by=deputy, official=deputy, deputy=head, **days)
    assert Alert.objects.get(recipient=clerk).title == "您的代理人李样本也将休假"


def test_before_the_agency_is_set_up_nobody_is_told(db: None) -> None:
    assert not AgencyProfile.objects.exists()
    assert alerts.raise_due(moment("2026-03-04T12:00")) == 0


def test_a_plan_is_told_in_words() -> None:
    urgent = UrgentPlan(before=(2, 12), overdue=(0, 3), escalation=(("section_head", 0), ("leader", 3)))
    assert alerts.in_words(
        AlertPlan(before=(1, 4), overdue=(1, 3), escalation=(("section_head", 1), ("leader", 3)), urgent=urgent)
    ) == [
        "提醒承担单位的人员：到期前4个工作日、到期前1个工作日、到期当天、逾期当时、逾期满3个工作日。",
        "逐级提醒：逾期当时起告知科室负责人，逾期满3个工作日起告知分管领导。",
        "按小时计算的事项：到期前12小时、到期前2小时、逾期当时、逾期满3小时；逾期当时起告知科室负责人，逾期满3小时起告知分管领导。",
        "提醒只在工作日08:30至17:30发出，邮件和群消息每天08:30起汇总一次；按小时计算的事项不分昼夜，随时提醒。",
    ]
    assert len(alerts.in_words(AlertPlan(escalation=()))) == 3
