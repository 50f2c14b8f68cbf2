"""A notice is entered once, by legal affairs; its owners are told once; it is undone before its first effect and not after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connections, transaction
from django.utils import timezone

from agency.models import Appointment, Official, Role, Unit
from core import alerts, calendars, facts, jobs, ledger, noticing, registry
from core.access import NotPermitted
from core.facts import Fact, Subject
from core.models import (
    Alert,
    CalendarChange,
    CalendarMove,
    CalendarVersion,
    CalendarYear,
    Duty,
    FactRecord,
    Job,
    LedgerEntry,
)
from core.noticing import NothingNew, NoticeRefused, Overtaken
from core.recounting import Recount
from tests.alerts.conftest import appoint, last_second, moment, owe
from tests.core.notice import LONGER, NOTICE, publish_duty, reading

pytestmark = pytest.mark.django_db
Clock = Callable[[str], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    calendars._cached = None
    Recount._remembered.clear()
    monkeypatch.setattr(registry, "handlers_of", lambda name: ())
    monkeypatch.setattr(jobs._nudger, "nudge", lambda: None)

    def to(text: str) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment(text))

    to("2026-12-30T12:00")
    return to


@pytest.fixture
def zhao(official: Callable[..., Official], legal_office: Unit) -> Official:
    return official("赵样本", Role.LEGAL_REVIEWER, legal_office)


@pytest.fixture
def duty(clock: Clock, section: Unit, clerk: Official) -> Duty:
    """It ends on 11 January by the statutory days, on 12 by the notice."""
    return publish_duty(section, clerk, moment("2026-12-30T10:00"))


def entered(by: Official | None, text: str = NOTICE) -> CalendarChange:
    return noticing.enter(reading(text), by=by, seen=calendars.version())


def due(duty: Duty) -> object:
    return Duty.objects.get(pk=duty.pk).due_at


# --- entering ---------------------------------------------------------------------------------------------------


def test_entering_is_a_fact_with_who_when_and_which_text(duty: Duty, zhao: Official) -> None:
    change = entered(zhao)
    fact = FactRecord.objects.get(stream="calendar:2027")
    assert (fact.name, fact.recorded_by, fact.happened_at) == ("core.calendar_entered", zhao, timezone.now())
    assert fact.payload == {
        "year": 2027,
        "text_digest": reading().notice.digest,
        "calendar_digest": calendars.current().digest,
        "replaced_digest": "",
    }
    assert fact.subject_url == "/desk/calendars/2027/"
    assert '"text_digest":"' + reading().notice.digest in LedgerEntry.objects.get(stream="calendar:2027").body
    assert registry.sees_stream(zhao, "calendar:2027")
    assert not registry.sees_stream(zhao, "calendar:2028")
    assert not registry.sees_stream(zhao, "calendar:x")
    row = CalendarYear.objects.get()
    assert (row.entered_by, row.notice, row.text) == (zhao, "示例通知（示例〔2026〕1号）", NOTICE)
    assert (change.moved, change.finished_at) == (CalendarMove.objects.count(), timezone.now())
    assert due(duty) == last_second("2027-01-12")


def test_what_the_command_line_enters_stands_in_the_chain_without_a_person(duty: Duty) -> None:
    entered(None)
    assert not FactRecord.objects.filter(stream="calendar:2027").exists()
    assert '"by":null' in LedgerEntry.objects.get(stream="calendar:2027").body
    assert ledger.verify().broken is None


def test_only_legal_affairs_enter_and_undo(duty: Duty, clerk: Official, zhao: Official, bureau: Unit, official) -> None:
    """A legal reviewer of another unit keeps no calendar."""
    elsewhere = official("钱示范", Role.LEGAL_REVIEWER, duty.owner_unit)
    chief = official("郑范本", Role.CHIEF, bureau)
    for person in (clerk, elsewhere, chief):
        with pytest.raises(NotPermitted, match="放假安排由法制科室的人员录入和撤销"):
            entered(person)
    assert not CalendarYear.objects.exists()
    entered(zhao)
    with pytest.raises(NotPermitted):
        noticing.undo(2027, reason="示例", by=clerk)


def test_without_a_legal_office_the_leaders_keep_the_calendar(
    section: Unit, bureau: Unit, official, clock: Clock
) -> None:
    chief = official("郑范本", Role.CHIEF, bureau)
    assert registry.agency().may_keep_calendar(chief)
    assert entered(chief).by == chief


def test_who_saw_an_older_calendar_is_told_who_was_faster(
    duty: Duty, zhao: Official, official, legal_office: Unit
) -> None:
    qian = official("钱示范", Role.LEGAL_REVIEWER, legal_office)
    seen = noticing.foresee(reading(LONGER), size=5).version
    entered(zhao)
    with pytest.raises(
        Overtaken,
        match=r"赵样本已于2026年12月30日（周三）12:00录入2027年放假安排（示例通知（示例〔2026〕1号））.*请重新预览",
    ):
        noticing.enter(reading(LONGER), by=qian, seen=seen)
    assert CalendarYear.objects.get().entered_by == zhao
    again = noticing.foresee(reading(LONGER), size=5)
    noticing.enter(reading(LONGER), by=qian, seen=again.version)
    assert [row.entered_by.name for row in CalendarYear.objects.in_force()] == ["钱示范"]


@pytest.mark.django_db(transaction=True)
def test_two_enter_at_once_and_one_wins(duty: Duty, zhao: Official, official, legal_office: Unit) -> None:
    qian = official("钱示范", Role.LEGAL_REVIEWER, legal_office)
    gate, results = threading.Barrier(2), []

    def act(by: Official, text: str) -> None:
        try:
            gate.wait(10)
            results.append(noticing.enter(reading(text), by=by, seen=0))
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=each) for each in ((zhao, NOTICE), (qian, LONGER))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    won = [each for each in results if isinstance(each, CalendarChange)]
    lost = [each for each in results if isinstance(each, Overtaken)]
    assert (len(won), len(lost)) == (1, 1), results
    assert won[0].by.name in str(lost[0])
    assert CalendarYear.objects.count() == CalendarChange.objects.count() == 1
    assert FactRecord.objects.filter(name="core.calendar_entered").count() == 1
    assert CalendarVersion.objects.get().number == won[0].pk


def test_the_same_notice_is_not_entered_twice(duty: Duty, zhao: Official) -> None:
    entered(zhao)
    with pytest.raises(NothingNew, match="2027年现行的放假安排与此相同"):
        entered(zhao)
    assert CalendarChange.objects.count() == 1


def test_a_year_that_is_over_stays_as_it_is(zhao: Official, clock: Clock) -> None:
    with pytest.raises(NoticeRefused, match="2025年已经过去"):
        entered(zhao, NOTICE.replace("2027", "2025").replace("worked = [2025-01-09]", ""))


def test_a_calendar_taken_back_is_not_taken_for_the_next_one(duty: Duty, zhao: Official) -> None:
    """The number of a change that was rolled back is never given again, so no process keeps the wrong calendar."""
    with transaction.atomic():
        entered(zhao)
        assert not calendars.current().is_provisional(2027)
        transaction.set_rollback(True)
    assert calendars.current().is_provisional(2027)
    entered(zhao, LONGER)
    assert not calendars.current().is_working(reading(LONGER).notice.off[-1][0])


# --- in batches -------------------------------------------------------------------------------------------------


def test_large_changes_go_on_in_jobs_and_tell_at_the_end(
    duty: Duty, section: Unit, clerk: Official, zhao: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        publish_duty(section, clerk, moment("2026-12-30T10:00"))
    monkeypatch.setattr(Recount, "batch", _small(Recount.batch))
    change = entered(zhao)
    assert change.finished_at is None
    assert not Alert.objects.filter(key__endswith=":moved").exists()
    with pytest.raises(NoticeRefused, match="还在重新计算"):
        entered(zhao, LONGER)
    with pytest.raises(NoticeRefused, match="还在重新计算"):
        noticing.undo(2027, reason="示例", by=zhao)
    while Job.objects.waiting().filter(name="calendar.recount").exists():
        jobs.drain(1)
    change.refresh_from_db()
    assert change.finished_at is not None
    assert change.moved == CalendarMove.objects.count() >= 5
    assert Alert.objects.filter(recipient=clerk, key=f"calendar:2027:{change.pk}:moved").count() == 1


def _small(batch: Callable[..., tuple[int | None, int]]) -> Callable[..., tuple[int | None, int]]:
    def three(self: Recount, *, change: int, after: int, size: int = 3) -> tuple[int | None, int]:
        return batch(self, change=change, after=after, size=3)

    return three


def test_what_was_being_written_meanwhile_is_counted_by_the_last_pass(
    duty: Duty, section: Unit, clerk: Official, zhao: Official, clock: Clock
) -> None:
    change = entered(zhao)
    late = owe(section, last_second("2027-01-11"), day_zero=duty.day_zero, opened_at=duty.opened_at)
    clock("2026-12-30T12:01")
    assert jobs.drain(10, now=timezone.now()) == 0
    clock("2026-12-30T12:03")
    assert jobs.drain(10, now=timezone.now()) == 1
    assert due(late) == last_second("2027-01-12")
    change.refresh_from_db()
    assert change.moved == CalendarMove.objects.count()
    assert Alert.objects.filter(recipient=clerk, key=f"calendar:2027:{change.pk}:moved:1").exists()


# --- telling ----------------------------------------------------------------------------------------------------


def test_each_owner_gets_one_message_that_counts_and_names_the_most_urgent(
    duty: Duty, section: Unit, clerk: Official, head: Official, zhao: Official, bureau: Unit, official
) -> None:
    other = Unit.objects.create(name="示例就业科", short_name="就业科", kind=Unit.Kind.SECTION, parent=bureau)
    both = appoint("冯示范", Role.SECTION_STAFF, other)
    Appointment.objects.create(official=both, role=Role.SECTION_STAFF, unit=section, term=clerk.appointments.get().term)
    publish_duty(other, both, moment("2026-12-30T11:00"))
    for hour in range(1, 9):
        publish_duty(section, clerk, moment(f"2026-12-29T0{hour}:00"))
    change = entered(zhao)
    told = Alert.objects.filter(key=f"calendar:2027:{change.pk}:moved")
    assert sorted(told.values_list("recipient__name", flat=True)) == ["冯示范", "吴样例", "张示例"]
    owed = change.moves.filter(owner_unit=section).count()
    message = told.get(recipient=clerk)
    assert message.title.startswith(f"2027年放假安排已录入，您这里有{owed}项期限改变")
    assert message.body.startswith("依据：示例通知（示例〔2026〕1号）\n")
    assert message.body.count("改为") == 5
    assert f"等共{owed}项" in message.body
    assert message.url == f"/desk/calendars/2027/?change={change.pk}&mine=1"
    of_both = change.moves.filter(owner_unit__in=[section.pk, other.pk]).count()
    assert f"您这里有{of_both}项" in told.get(recipient=both).title
    assert of_both > owed


def test_nobody_is_told_where_nothing_of_theirs_moved(
    section: Unit, clerk: Official, zhao: Official, clock: Clock
) -> None:
    publish_duty(section, clerk, moment("2026-12-01T10:00"))
    Duty.objects.filter(due_at__gte=moment("2027-01-01T00:00")).update(met_at=timezone.now())
    entered(zhao)
    assert not Alert.objects.filter(key__endswith=":moved").exists()


def test_the_missing_notice_is_told_in_december_settled_by_the_entry_and_told_again_after_its_undoing(
    duty: Duty, zhao: Official
) -> None:
    alerts.warn_of_missing_calendar(timezone.now())
    message = Alert.objects.get(recipient=zhao, key="calendar:2027:missing")
    assert (message.url, message.read_at) == ("/desk/calendars/", None)
    entered(zhao)
    message.refresh_from_db()
    assert message.read_at is not None
    alerts.warn_of_missing_calendar(timezone.now())
    assert Alert.objects.filter(recipient=zhao, key__startswith="calendar:2027:missing").count() == 1
    noticing.undo(2027, reason="示例：录错年份", by=zhao)
    for _ in range(2):
        alerts.warn_of_missing_calendar(timezone.now())
    assert Alert.objects.filter(recipient=zhao, key__startswith="calendar:2027:missing").count() == 2


# --- undoing ----------------------------------------------------------------------------------------------------


def test_undoing_brings_every_date_back_and_says_so(duty: Duty, clerk: Official, zhao: Official) -> None:
    before = {row.pk: row.due_at for row in Duty.objects.all()}
    change = entered(zhao)
    undone = noticing.undo(2027, reason="示例：录错了通知", by=zhao)
    assert {row.pk: row.due_at for row in Duty.objects.all()} == before
    assert Duty.objects.get(pk=duty.pk).provisional
    assert calendars.current().is_provisional(2027)
    assert not CalendarYear.objects.in_force().exists()
    assert (undone.moved, undone.kind) == (change.moved, "undone")
    fact = FactRecord.objects.get(name="core.calendar_undone")
    assert (fact.recorded_by, fact.reason, fact.payload["year"]) == (zhao, "示例：录错了通知", 2027)
    assert "录错" not in LedgerEntry.objects.filter(stream="calendar:2027").last().body
    told = Alert.objects.get(recipient=clerk, key=f"calendar:2027:{undone.pk}:moved")
    assert "2027年放假安排的录入已撤销" in told.title
    assert "撤销理由：示例：录错了通知" in told.body
    with pytest.raises(NoticeRefused, match="2027年没有可以撤销的录入"):
        noticing.undo(2027, reason="示例", by=zhao)


def test_undoing_a_replacement_brings_the_notice_before_it_back(duty: Duty, zhao: Official) -> None:
    entered(zhao)
    entered(zhao, LONGER)
    assert due(duty) == last_second("2027-01-13")
    noticing.undo(2027, reason="示例：第二份不是国务院的", by=zhao)
    assert due(duty) == last_second("2027-01-12")
    assert CalendarYear.objects.in_force().get().notice == "示例通知（示例〔2026〕1号）"


def test_undoing_needs_its_reason(duty: Duty, zhao: Official) -> None:
    entered(zhao)
    with pytest.raises(NoticeRefused, match="请说明撤销的理由"):
        noticing.undo(2027, reason="  ", by=zhao)
    assert CalendarYear.objects.in_force().exists()


def test_once_the_year_has_begun_it_is_not_undone(duty: Duty, zhao: Official, clock: Clock) -> None:
    entered(zhao)
    clock("2026-12-31T23:59")
    assert noticing.undoable(2027, timezone.now())
    clock("2027-01-01T00:00")
    with pytest.raises(
        NoticeRefused, match="1月1日（周五）起已经按这份安排计算，不能再撤销；安排有误的，请录入正确的安排代替"
    ):
        noticing.undo(2027, reason="示例", by=zhao)
    assert due(duty) == last_second("2027-01-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Fact):
    name = "disclosure.published"
    label = "公示"
    act_kind: str = "penalty"


def test_once_a_moved_duty_is_met_it_is_not_undone(duty: Duty, clerk: Official, zhao: Official, clock: Clock) -> None:
    entered(zhao)
    clock("2026-12-30T15:00")
    file = Subject(duty.anchor, duty.subject_title, duty.subject_url)
    facts.record(Published(subject=file, unit=duty.unit_id), happened_at=timezone.now(), by=clerk)
    assert Duty.objects.get(pk=duty.pk).met_at == timezone.now()
    with pytest.raises(NoticeRefused, match=rf"移动过的期限已有1项办结、延长或者到期（如“{duty.title}”），不能再撤销"):
        noticing.undo(2027, reason="示例", by=zhao)
    assert CalendarYear.objects.in_force().exists()


def test_once_a_moved_duty_has_passed_its_old_end_it_is_not_undone(
    duty: Duty, section: Unit, zhao: Official, clock: Clock
) -> None:
    """Undoing would make it overdue at once."""
    entered(zhao, NOTICE.replace("from = 2027-01-01", "from = 2026-12-31"))
    moved = CalendarMove.objects.order_by("urgent_at").first()
    assert moved is not None
    CalendarMove.objects.filter(pk=moved.pk).update(old_due=moment("2026-12-30T18:00"))
    assert noticing.undoable(2027, timezone.now())
    clock("2026-12-30T18:00")
    with pytest.raises(NoticeRefused, match="已有1项办结、延长或者到期"):
        noticing.undo(2027, reason="示例", by=zhao)


def test_an_amendment_in_the_running_year_is_undone_until_the_first_day_it_changes(
    section: Unit, clerk: Official, zhao: Official, clock: Clock
) -> None:
    entered(zhao)
    clock("2027-03-01T09:00")
    entered(zhao, NOTICE + '\n[[holiday]]\nname = "示例节"\nfrom = 2027-03-10\nto = 2027-03-11\n')
    clock("2027-03-09T23:00")
    assert noticing.undoable(2027, timezone.now())
    clock("2027-03-10T00:00")
    with pytest.raises(NoticeRefused, match="3月10日（周三）起"):
        noticing.undo(2027, reason="示例", by=zhao)
