"""A fact happens, and what is owed follows: one transaction, one ledger line, one duty per obligation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agency.models import Official, Unit
from core import facts, law, registry
from core.duties import DutyRefused, extend, pause, resume, void
from core.facts import Fact, FactRefused, Subject
from core.models import Duty, FactRecord, LedgerEntry
from core.periodic import period_anchor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unwired")]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# The bare shape of the facts: core is tested without the apps that record them.
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Fact):
    name = "enforcement.decision_made"
    label = "作出决定"
    act_kind: str = "penalty"
    has_fine: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Fact):
    name = "disclosure.published"
    label = "公示"
    act_kind: str = "penalty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package(Fact):
    name = "legalreview.package_accepted"
    label = "材料完备"


CASE = Subject(stream="case:7", title="某某示例公司案", url="/desk/cases/7/")
DECIDED = moment("2026-02-11T10:00")


def decide(section: Unit, by: Official, at: datetime = DECIDED) -> FactRecord:
    return facts.record(Decision(subject=CASE, unit=section.pk), happened_at=at, by=by)


def duty(obligation: str) -> Duty:
    return Duty.objects.get(obligation=obligation)


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_wh_meas_15b_a_penalty_decided_before_spring_festival_is_published_by_the_27th(
    section: Unit, clerk: Official
) -> None:
    decide(section, clerk)

    publish = duty("publish_decision")
    assert publish.due_at == moment("2026-02-27T23:59:59")
    assert {basis["rule"] for basis in publish.bases} == {"WH-MEAS-15b", "WH-PLAN-2b"}
    assert publish.owner_unit == section
    assert publish.explanation["day_zero"] == "2026-02-11"
    assert len(publish.explanation["counted"]) == 7


def test_rules_that_demand_the_same_act_make_one_duty(section: Unit, clerk: Official) -> None:
    decide(section, clerk)
    assert Duty.objects.filter(obligation="publish_decision").count() == 1


def test_the_ledger_line_of_a_fact_names_no_person_and_no_company(section: Unit, clerk: Official) -> None:
    decide(section, clerk)
    body = LedgerEntry.objects.get(stream="case:7").body
    assert "张示例" not in body
    assert "某某示例公司" not in body
    assert '"enforcement.decision_made"' in body


def test_a_publication_meets_the_duty_that_hangs_on_its_case_and_no_other(section: Unit, clerk: Official) -> None:
    decide(section, clerk)
    other = Subject(stream="case:8", title="另一案", url="/desk/cases/8/")
    facts.record(Decision(subject=other, unit=section.pk), happened_at=DECIDED, by=clerk)

    notice = Subject(stream="notice:1", title="公示", url="/desk/disclosure/1/")
    published = facts.record(
        Publication(subject=notice, unit=section.pk, anchor="case:7"), happened_at=moment("2026-02-26T09:00"), by=clerk
    )

    met = Duty.objects.get(obligation="publish_decision", anchor="case:7")
    assert met.met_by == published
    assert met.state_at(moment("2026-03-01T09:00")) == "met"
    assert Duty.objects.get(obligation="publish_decision", anchor="case:8").met_at is None


def test_a_fact_in_the_future_is_refused_and_nothing_is_written(section: Unit, clerk: Official) -> None:
    with pytest.raises(FactRefused, match="发生时间不能晚于现在"):
        decide(section, clerk, timezone.now() + timedelta(minutes=5))
    assert not FactRecord.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not Duty.objects.exists()


def test_a_handler_that_fails_takes_the_fact_the_line_and_the_duties_with_it(
    section: Unit, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(record: FactRecord) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setitem(registry._handlers, "enforcement.decision_made", [fail])
    with pytest.raises(RuntimeError, match="disk on fire"):
        decide(section, clerk)
    assert not FactRecord.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not Duty.objects.exists()


@pytest.mark.usefixtures("unwired")
class TestCorrection:
    def test_the_duty_moves_and_both_lines_stay(self, section: Unit, clerk: Official, head: Official) -> None:
        wrong = decide(section, clerk, moment("2026-03-05T10:00"))
        before = duty("publish_decision").due_at

        facts.correct(
            wrong, happened_at=moment("2026-03-02T10:00"), reason="把签发日误录为送达日", requested_by=clerk, by=head
        )

        after = duty("publish_decision")
        assert before == moment("2026-03-16T23:59:59")
        assert after.due_at == moment("2026-03-11T23:59:59")
        assert after.explanation["day_zero"] == "2026-03-02"
        assert LedgerEntry.objects.filter(stream="case:7").count() == 2
        fresh = FactRecord.objects.get(pk=wrong.pk)
        assert fresh.happened_at == moment("2026-03-05T10:00")
        assert fresh.effective_happened_at == moment("2026-03-02T10:00")

    def test_it_needs_a_reason(self, section: Unit, clerk: Official, head: Official) -> None:
        wrong = decide(section, clerk)
        with pytest.raises(FactRefused, match="请说明更正理由"):
            facts.correct(wrong, happened_at=moment("2026-02-10T10:00"), reason=" ", requested_by=clerk, by=head)
        assert LedgerEntry.objects.count() == 1

    def test_nobody_approves_an_own_correction(self, section: Unit, clerk: Official) -> None:
        wrong = decide(section, clerk)
        with pytest.raises(FactRefused, match="申请人以外的人员批准"):
            facts.correct(wrong, happened_at=moment("2026-02-10T10:00"), reason="误录", requested_by=clerk, by=clerk)
        assert LedgerEntry.objects.count() == 1

    def test_a_corrected_publication_moves_the_moment_at_which_the_duty_was_met(
        self, section: Unit, clerk: Official, head: Official
    ) -> None:
        decide(section, clerk)
        published = facts.record(
            Publication(subject=Subject(stream="notice:1", title="公示", url="/"), unit=section.pk, anchor="case:7"),
            happened_at=moment("2026-02-26T09:00"),
            by=clerk,
        )
        facts.correct(
            published, happened_at=moment("2026-03-02T09:00"), reason="系统上线时间误录", requested_by=clerk, by=head
        )
        assert duty("publish_decision").state_at(moment("2026-03-03T09:00")) == "met_late"


def test_a_written_fact_cannot_be_changed_in_the_database(section: Unit, clerk: Official) -> None:
    from django.db import DatabaseError, transaction

    row = decide(section, clerk)
    with pytest.raises(DatabaseError, match="不得修改或者删除"), transaction.atomic():
        FactRecord.objects.filter(pk=row.pk).update(happened_at=moment("2026-01-01T00:00"))
    with pytest.raises(DatabaseError, match="不得修改或者删除"), transaction.atomic():
        FactRecord.objects.filter(pk=row.pk)._raw_delete("default")


@pytest.mark.usefixtures("legal_office")
class TestClock:
    def accepted(self, section: Unit, by: Official) -> Duty:
        facts.record(
            Package(subject=Subject(stream="review:1", title="审核", url="/"), unit=section.pk),
            happened_at=moment("2026-03-02T10:00"),
            by=by,
        )
        return duty("legal_review")

    @pytest.mark.rule("YQ-LR-14a")
    def test_yq_lr_14a_ten_working_days_by_reference_owed_by_the_legal_office(
        self, section: Unit, clerk: Official, legal_office: Unit
    ) -> None:
        review = self.accepted(section, clerk)
        assert review.due_at == moment("2026-03-16T23:59:59")
        assert review.adopted
        assert review.owner_unit == legal_office

    @pytest.mark.rule("YQ-LR-14b")
    def test_yq_lr_14b_is_extended_once_to_twenty(self, section: Unit, clerk: Official) -> None:
        review = self.accepted(section, clerk)
        extended = extend(review, approved_on=moment("2026-03-16T10:00").date())
        assert extended.due_at == moment("2026-03-30T23:59:59")
        with pytest.raises(DutyRefused, match="只能延长一次"):
            extend(extended, approved_on=moment("2026-03-17T10:00").date())

    def test_yq_lr_14b_is_refused_after_the_due_day(self, section: Unit, clerk: Official) -> None:
        review = self.accepted(section, clerk)
        with pytest.raises(DutyRefused):
            extend(review, approved_on=moment("2026-03-17T10:00").date())
        assert duty("legal_review").due_at == moment("2026-03-16T23:59:59")

    @pytest.mark.rule("YQ-LR-14c")
    def test_yq_lr_14c_the_clock_stands_still_while_material_is_supplied(self, section: Unit, clerk: Official) -> None:
        review = self.accepted(section, clerk)
        kind = law.rulebook().rule("YQ-LR-14c").pause_kinds[0]
        paused = pause(review, kind=kind, from_day=moment("2026-03-04T10:00").date())
        assert paused.state_at(moment("2026-03-20T10:00")) == "paused"
        running = resume(paused, on=moment("2026-03-06T10:00").date())
        assert running.due_at == moment("2026-03-18T23:59:59")

    def test_a_pause_of_another_kind_is_refused(self, section: Unit, clerk: Official) -> None:
        review = self.accepted(section, clerk)
        with pytest.raises(DutyRefused, match="没有规定允许"):
            pause(review, kind="holiday", from_day=moment("2026-03-04T10:00").date())
        assert duty("legal_review").paused_from is None

    def test_a_duty_whose_rule_allows_no_pause_cannot_stand_still(self, section: Unit, clerk: Official) -> None:
        decide(section, clerk)
        with pytest.raises(DutyRefused, match="没有规定允许"):
            pause(duty("publish_decision"), kind="supplement", from_day=DECIDED.date())


def test_a_void_duty_keeps_its_reason_and_is_no_longer_red(section: Unit, clerk: Official) -> None:
    decide(section, clerk)
    late = moment("2026-04-01T10:00")
    publish = duty("publish_decision")
    assert publish.state_at(late) == "overdue"
    assert Duty.objects.red(late).filter(pk=publish.pk).exists()

    void([publish], reason="决定被撤销", at=late)

    publish.refresh_from_db()
    assert publish.state_at(late) == "voided"
    assert publish.void_reason == "决定被撤销"
    assert not Duty.objects.red(late).filter(pk=publish.pk).exists()


def test_a_duty_of_the_party_is_shown_and_never_red(section: Unit, clerk: Official) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Served(Fact):
        name = "enforcement.decision_served"
        label = "送达"
        act_kind: str = "penalty"
        has_fine: bool = True

    facts.record(Served(subject=CASE, unit=section.pk), happened_at=moment("2026-02-13T10:00"), by=clerk)
    pay = duty("pay_fine")
    assert pay.due_at == moment("2026-02-28T23:59:59")
    assert pay.state_at(moment("2026-04-01T10:00")) == "lapsed"
    assert not Duty.objects.red(moment("2026-04-01T10:00")).filter(pk=pay.pk).exists()


@pytest.mark.rule("WH-PLAN-3a", "WH-PLAN-5a", "WH-PLAN-9")
def test_periodic_duties_open_once_however_often_the_sweep_runs(section: Unit, legal_office: Unit) -> None:
    from core.duties import open_periodic

    now = moment("2026-01-05T09:00")
    assert open_periodic(now) > 0
    assert open_periodic(now) == 0
    plan = Duty.objects.get(anchor=period_anchor(section.pk, "2026"), obligation="report_inspection_plan")
    assert plan.due_at == moment("2026-01-31T23:59:59")


def test_the_duties_of_next_year_come_into_sight_two_months_before(section: Unit, legal_office: Unit) -> None:
    from core.duties import open_periodic

    open_periodic(moment("2026-11-15T09:00"))
    assert not Duty.objects.filter(period_key="2027").exists()
    open_periodic(moment("2026-12-05T09:00"))
    assert Duty.objects.filter(period_key="2027", obligation="report_inspection_plan").exists()


def test_a_date_that_had_passed_when_its_rule_was_issued_is_not_late(section: Unit, legal_office: Unit) -> None:
    """Counting 14: the plan of 17 May 2022 names 30 and 31 January."""
    from core.duties import open_periodic

    open_periodic(moment("2022-06-01T09:00"))
    plan = Duty.objects.get(anchor=period_anchor(section.pk, "2022"), obligation="report_inspection_plan")
    assert plan.deadline_precedes_rule
    assert plan.state_at(moment("2022-06-01T09:00")) == "lapsed"
    assert not Duty.objects.red(moment("2022-06-01T09:00")).filter(pk=plan.pk).exists()


def test_many_duties_are_counted_by_one_reading_of_the_calendar(section: Unit, legal_office: Unit) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core import calendars
    from core.duties import open_periodic

    with mock.patch.object(calendars, "version", wraps=calendars.version) as asked:
        assert open_periodic(moment("2026-01-05T09:00")) > 1
    assert asked.call_count == 1
    # Outside, the next count asks again.
    with CaptureQueriesContext(connection) as made:
        calendars.current()
    assert len(made) == 1
