"""Counting very many duties anew gives each exactly what counting it alone gives, in batches that hold nobody up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency.models import Official, Unit
from core import calendars, duties, registry
from core.calendars import Difference
from core.models import CalendarChange, CalendarMove, CalendarYear, Duty, explanations
from core.recounting import COUNTED, Recount
from rulebook import workdays
from rulebook.workdays import Calendar
from tests.alerts.conftest import last_second, moment, owe
from tests.core.notice import (
    LONGER,
    NOTICE,
    Accepted,
    Decision,
    Filed,
    Made,
    Served,
    TermsEnded,
    decide,
    happen,
    publish_duty,
    reading,
)

pytestmark = pytest.mark.django_db
WHOLE = Difference(date(2027, 1, 1), date(2027, 12, 31), ())


@pytest.fixture(autouse=True)
def _at_the_end_of_2026(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    calendars._cached = None
    monkeypatch.setattr(timezone, "now", lambda: moment("2026-12-31T12:00"))
    monkeypatch.setattr(registry, "handlers_of", lambda name: ())
    yield
    Recount._remembered.clear()


@pytest.fixture
def noticed() -> Calendar:
    return workdays.get().with_notices(reading().notice)


def a_change() -> CalendarChange:
    row = CalendarYear.objects.create(year=2027, notice="示例通知", text=NOTICE, digest=reading().notice.digest)
    return CalendarChange.objects.create(
        year=2027,
        kind="entered",
        notice=row,
        at=timezone.now(),
        calendar_digest="",
        touched_from=date(2027, 1, 1),
        effective_from=date(2027, 1, 1),
    )


def in_batches(recount: Recount, change: CalendarChange, size: int) -> tuple[int, int]:
    """How many batches it took and how many duties moved."""
    after: int | None = 0
    batches = moved = 0
    while after is not None:
        after, more = recount.batch(change=change.pk, after=after, size=size)
        batches, moved = batches + 1, moved + more
    return batches, moved


def many_kinds(section: Unit, clerk: Official) -> None:
    """Duties of every kind of counting that a case may have, begun on many days and at many hours, some paused, some extended."""
    for days in range(0, 80, 3):
        at = moment("2026-12-31T10:30") - timedelta(days=days, minutes=days * 7)
        for kind in (Decision, Filed, Accepted, Made, Served):
            opened = happen(kind, section, clerk, at)
            if kind is Accepted and days % 2:
                stop = duties.pausing_rules(opened[0])[0].pause_kinds[0]
                duties.resume(duties.pause(opened[0], kind=stop, from_day=opened[0].day_zero), on=date(2026, 12, 31))
            if kind in (Accepted, Filed) and days % 5 == 0:
                extendable = next(each for each in opened if each.obligation in ("legal_review", "close_investigation"))
                duties.extend(extendable, approved_on=extendable.day_zero)
    for ended_on in (date(2026, 10, 2), date(2026, 10, 11)):
        # Stated on one day, counted from two.
        happen(TermsEnded, section, clerk, moment("2026-12-01T10:00"), ended_on=ended_on)
    duties.open_periodic(timezone.now())
    assert Duty.objects.exclude(pauses=[]).count() > 5
    assert Duty.objects.filter(extended_on__isnull=False).count() > 5
    assert Duty.objects.exclude(period_key="").exists()


def test_every_duty_gets_what_counting_it_alone_gives(section: Unit, clerk: Official, noticed: Calendar) -> None:
    many_kinds(section, clerk)
    before = {duty.pk: duty for duty in Duty.objects.all()}
    batches, moved = in_batches(Recount(noticed, WHOLE), a_change(), size=11)
    assert batches > 5
    changed = 0
    for duty in Duty.objects.all():
        alone = duties.counted_anew(before[duty.pk], noticed)
        touches = max(alone.due_at, before[duty.pk].due_at) >= moment("2027-01-01T00:00") or duty.day_zero.year == 2027
        if touches:
            assert [getattr(duty, name) for name in COUNTED] == [getattr(alone, name) for name in COUNTED], duty
        else:
            assert duty.due_at == alone.due_at == before[duty.pk].due_at, duty
        changed += duty.due_at != before[duty.pk].due_at
    assert changed == moved == CalendarMove.objects.count() > 10
    for move in CalendarMove.objects.select_related("duty"):
        assert (move.old_due, move.new_due) == (before[move.duty_id].due_at, move.duty.due_at)
        assert move.urgent_at == min(move.old_due, move.new_due)


def test_a_duty_that_ends_in_the_year_before_its_day_zero_is_found_too(section: Unit, noticed: Calendar) -> None:
    """Five working days before a hearing of January end in December."""
    duty = owe(
        section, last_second("2026-12-25"), day_zero=date(2027, 1, 12), nominal_day=date(2026, 12, 25),
        opened_at=moment("2027-01-12T00:00"),
    )  # fmt: skip
    preview = Recount(noticed, WHOLE).preview(size=5)
    assert preview.touched == 1
    assert [each.duty for each in preview.rows] == [duty]


def test_the_preview_lists_the_most_urgent_first_with_the_true_total(
    section: Unit, clerk: Official, noticed: Calendar
) -> None:
    many_kinds(section, clerk)
    everything = Recount(noticed, WHOLE).preview(size=1000)
    assert everything.total == len(everything.rows) == sum(everything.by_owner.values()) > 10
    assert everything.earlier == sum(each.is_earlier for each in everything.rows)
    urgent = [(min(each.old, each.new), each.duty.pk) for each in everything.rows]
    assert urgent == sorted(urgent)
    pages = [Recount(noticed, WHOLE).preview(size=4, offset=start) for start in range(0, everything.total, 4)]
    assert {page.total for page in pages} == {everything.total}
    assert [each.duty.pk for page in pages for each in page.rows] == [pk for _, pk in urgent]
    _, moved = in_batches(Recount(noticed, WHOLE), a_change(), size=500)
    assert moved == everything.total
    assert dict(Duty.objects.filter(calendar_moves__isnull=False).values_list("pk", "due_at")) == {
        each.duty.pk: each.new for each in everything.rows
    }


def test_met_void_and_untouched_duties_stay(section: Unit, clerk: Official, noticed: Calendar) -> None:
    met = publish_duty(section, clerk, moment("2026-12-30T10:00"))
    void = publish_duty(section, clerk, moment("2026-12-30T10:00"))
    early = publish_duty(section, clerk, moment("2026-12-01T10:00"))
    Duty.objects.filter(pk=met.pk).update(met_at=timezone.now())
    Duty.objects.filter(pk=void.pk).update(voided_at=timezone.now(), void_reason="示例")
    before = list(Duty.objects.filter(pk__in=[met.pk, void.pk, early.pk]).order_by("pk").values())
    in_batches(Recount(noticed, WHOLE), a_change(), size=100)
    assert list(Duty.objects.filter(pk__in=[met.pk, void.pk, early.pk]).order_by("pk").values()) == before


def test_counting_twice_finds_nothing_the_second_time(section: Unit, clerk: Official, noticed: Calendar) -> None:
    decide(section, clerk, moment("2026-12-30T10:00"))
    change, recount = a_change(), Recount(noticed, WHOLE)
    moved = in_batches(recount, change, size=100)[1]
    assert moved > 0
    stood = list(Duty.objects.order_by("pk").values())
    assert recount.preview(size=5).total == 0
    assert not recount.has_left()
    assert in_batches(recount, change, size=100) == (1, 0)
    assert recount.rest(change=change.pk) == 0
    assert list(Duty.objects.order_by("pk").values()) == stood
    assert CalendarMove.objects.count() == moved


def test_what_the_changed_days_say_nothing_about_stays_as_it_was_counted(
    section: Unit, clerk: Official, noticed: Calendar
) -> None:
    """Calendar days count through days off: when one more of them is off, only what ends on it moves. They were provisional before
    there was a notice, so the first one is written to all.
    """
    decide(section, clerk, moment("2026-12-30T10:00"))
    happen(Served, section, clerk, moment("2026-12-30T10:00"))
    longer, change = workdays.get().with_notices(reading(LONGER).notice), a_change()
    in_batches(Recount(noticed, WHOLE), change, size=100)
    assert {each.explained_by.calendar_digest for each in Duty.objects.all()} == {noticed.digest}
    opened = {duty.pk: duty for duty in Duty.objects.all()}
    in_batches(Recount(longer, WHOLE), change, size=100)
    calendar_days = [pk for pk, duty in opened.items() if duty.explanation["unit"] == "day"]
    assert calendar_days
    for duty in Duty.objects.select_related("explained_by"):
        moved = duty.due_at != opened[duty.pk].due_at
        assert moved is not (duty.pk in calendar_days), duty
        assert duty.explained_by.calendar_digest == (longer if moved else noticed).digest


def test_an_extension_that_was_in_time_under_the_old_calendar_keeps_its_date_and_is_named(
    section: Unit, clerk: Official
) -> None:
    """Worked weekends bring the end before the day of the approval: what was lawfully granted is not taken back."""
    [duty] = happen(Accepted, section, clerk, moment("2026-12-31T10:00"))
    ended = timezone.localdate(duty.due_at)
    Duty.objects.filter(pk=duty.pk).update(extended_on=ended)
    extended = duties.counted_anew(Duty.objects.get(pk=duty.pk), workdays.get())
    Duty.objects.filter(pk=duty.pk).update(due_at=extended.due_at)
    text = NOTICE.replace("to = 2027-01-05", "to = 2027-01-01").replace(
        "2027-01-09", "2027-01-02, 2027-01-03, 2027-01-09"
    )
    earlier = workdays.get().with_notices(reading(text).notice)
    preview = Recount(earlier, WHOLE).preview(size=5)
    assert (preview.total, sum(preview.kept.values())) == (0, 1)
    assert "其后批准的延长无效" in next(iter(preview.kept))
    in_batches(Recount(earlier, WHOLE), a_change(), size=100)
    assert Duty.objects.get(pk=duty.pk).due_at == extended.due_at
    assert not Recount(earlier, WHOLE).has_left()


def test_a_duty_that_changes_between_reading_and_writing_is_left_to_the_next_pass(
    section: Unit, clerk: Official, noticed: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = publish_duty(section, clerk, moment("2026-12-30T10:00"))
    recount, count = Recount(noticed, WHOLE), Recount._count

    def meanwhile(self: Recount, representatives: dict[str, int]) -> None:
        count(self, representatives)
        Duty.objects.filter(pk=duty.pk).update(opened_at=moment("2026-12-31T10:00"), day_zero=date(2026, 12, 31))

    monkeypatch.setattr(Recount, "_count", meanwhile)
    change = a_change()
    recount.batch(change=change.pk, after=0)
    assert Duty.objects.get(pk=duty.pk).due_at == duty.due_at
    monkeypatch.setattr(Recount, "_count", count)
    assert recount.rest(change=change.pk) == 1
    assert Duty.objects.get(pk=duty.pk).due_at == last_second("2027-01-13")


def test_what_was_counted_of_a_duty_that_changed_meanwhile_is_given_to_no_other(
    section: Unit, clerk: Official, noticed: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of a group stands for it; where it has become another since, the group waits for the next pass."""
    first = publish_duty(section, clerk, moment("2026-12-30T10:00"))
    second = publish_duty(section, clerk, moment("2026-12-30T11:00"))
    other = publish_duty(section, clerk, moment("2026-12-28T10:00"))
    recount, count = Recount(noticed, WHOLE), Recount._count

    def meanwhile(self: Recount, representatives: dict[str, int]) -> None:
        Duty.objects.filter(pk=first.pk).update(explained_by=other.explained_by, opened_at=other.opened_at)
        count(self, representatives)

    monkeypatch.setattr(Recount, "_count", meanwhile)
    change = a_change()
    recount.batch(change=change.pk, after=0)
    assert Duty.objects.get(pk=second.pk).due_at == second.due_at
    monkeypatch.setattr(Recount, "_count", count)
    recount.forget()
    Recount(noticed, WHOLE).rest(change=change.pk)
    assert Duty.objects.get(pk=second.pk).due_at == last_second("2027-01-12")


def test_a_batch_takes_the_same_few_statements_however_many_duties_it_holds(
    section: Unit, clerk: Official, noticed: Calendar
) -> None:
    def statements() -> int:
        change = a_change()
        CalendarYear.objects.update(in_force=False)
        Recount._remembered.clear()
        recount = Recount(noticed, WHOLE)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            recount.batch(change=change.pk, after=0, size=1000)
        Duty.objects.update(explained_by=explanations.keep({}))
        return len(asked)

    for _ in range(3):
        decide(section, clerk, moment("2026-12-30T10:00"))
    few = statements()
    for days in range(30):
        decide(section, clerk, moment("2026-12-30T10:00") - timedelta(days=days))
    assert statements() == few == 3


@pytest.mark.django_db(transaction=True)
def test_a_duty_that_somebody_holds_is_left_to_the_next_pass_and_holds_nobody_up(
    section: Unit, clerk: Official, noticed: Calendar
) -> None:
    held = publish_duty(section, clerk, moment("2026-12-30T10:00"))
    free = publish_duty(section, clerk, moment("2026-12-30T11:00"))
    change = a_change()
    locked, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Duty.objects.select_for_update().get(pk=held.pk)
                locked.set()
                go_on.wait(20)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    try:
        recount = Recount(noticed, WHOLE)
        with transaction.atomic():
            recount.batch(change=change.pk, after=0)
    finally:
        go_on.set()
        holder.join(20)
    held.refresh_from_db()
    free.refresh_from_db()
    assert held.due_at == last_second("2027-01-11")
    assert free.due_at == last_second("2027-01-12")
    assert recount.has_left()
    with transaction.atomic():
        recount.rest(change=change.pk)
    held.refresh_from_db()
    assert held.due_at == last_second("2027-01-12")
