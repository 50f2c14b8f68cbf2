"""The demonstration bureau shows a file in every state of every procedure, whatever day it is loaded on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from config.demo.bureau import raise_alerts, stories
from core import calendars, ledger, registry
from core.lifecycle import Lifecycle
from core.models import Alert, Duty, FactRecord

pytestmark = pytest.mark.django_db

# Which rows stand in the states of a procedure.
ROWS = {
    "penalty": "enforcement.Case",
    "preservation": "enforcement.PreservationRequest",
    "moment_correction": "enforcement.MomentCorrection",
    "review": "legalreview.Review",
    "recording": "recording.Recording",
    "access": "recording.AccessRequest",
    "notice": "disclosure.Notice",
}
# State -> why no lawful step leads there. Every state can be reached.
UNREACHABLE: dict[tuple[str, str], str] = {}


def test_every_procedure_is_looked_at() -> None:
    assert {procedure.name for procedure in registry.procedures()} == set(ROWS)


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("procedure", registry.procedures(), ids=lambda procedure: procedure.name)
def test_a_file_stands_in_every_state(procedure: Lifecycle) -> None:
    states = set(apps.get_model(ROWS[procedure.name])._default_manager.values_list("state", flat=True))
    missing = {str(state) for state in procedure.states.values} - states
    assert missing == {state for name, state in UNREACHABLE if name == procedure.name}


@pytest.mark.usefixtures("demonstration")
def test_every_step_leading_to_another_state_was_really_taken() -> None:
    """Facts, not rows written into a state: as many cases as stories, and a chain that verifies."""
    assert apps.get_model("enforcement.Case")._default_manager.count() == len(stories())
    assert ledger.verify().ok
    named = set(FactRecord.objects.values_list("name", flat=True))
    assert {
        "enforcement.decision_revoked",
        "disclosure.withdrawn",
        "disclosure.cancelled",
        "disclosure.withheld",
        "recording.access_approved",
        "recording.access_refused",
    } <= named


@pytest.mark.usefixtures("demonstration")
def test_what_is_owed_after_a_revocation_can_be_done() -> None:
    """A published decision is to be withdrawn (Penalty Law 48); nothing else of a revoked decision is owed any more."""
    revoked = apps.get_model("enforcement.Case")._default_manager.filter(state="revoked")
    owed = {
        (duty.obligation, duty.file_stream)
        for case in revoked
        for duty in Duty.objects.open().of_stream(case.stream).exclude(kind=Duty.Kind.RIGHT).exclude(owed_by="party")
    }
    notices = apps.get_model("disclosure.Notice")._default_manager.filter(case_id__in=[case.pk for case in revoked])
    still_public = {f"case:{notice.case_id}" for notice in notices if notice.state == "published"}
    assert len(notices) == 3
    assert len(still_public) == 1
    assert owed == {("withdraw_publication", stream) for stream in still_public}


@pytest.mark.usefixtures("demonstration")
def test_the_desk_has_something_for_today_or_the_next_working_day() -> None:
    """On a day off nothing is due today, and what is due on the next working day stands in its place."""
    calendar, today = calendars.current(), timezone.localdate()
    near = calendar.next_working_day(today)
    due = {duty.due_day for duty in Duty.objects.open().filter(kind="deadline").exclude(owed_by="party")}
    assert near in due
    assert min(due) < today
    assert any(today < day <= today + timedelta(days=21) and day != near for day in due)


@pytest.mark.usefixtures("demonstration")
def test_built_on_a_sunday_night_it_has_messages_of_the_last_working_day() -> None:
    calendar, today = calendars.current(), timezone.localdate()
    sunday = next(
        day for n in range(1, 60) if (day := today + timedelta(days=n)).weekday() == 6 and not calendar.is_working(day)
    )
    # What the loading itself has told, at whatever hour this runs.
    told = Alert.objects.filter(duty__isnull=False)
    assert all(calendar.is_working(timezone.localdate(at)) for at in told.values_list("raised_at", flat=True))
    assert told.filter(recipient__username="zhang", key__regex=r":\d{8}$").exists()
    told.delete()
    raise_alerts(datetime.combine(sunday, time(23, 30), tzinfo=timezone.get_default_timezone()))
    closing = datetime.combine(
        calendar.previous_working_day(sunday), time(17, 29), tzinfo=timezone.get_default_timezone()
    )
    assert set(told.values_list("raised_at", flat=True)) == {closing}
    assert told.filter(recipient__username="zhang", key__regex=r":\d{8}$").exists()


@pytest.mark.parametrize(
    "today",
    ["2026-11-22", "2026-11-23", "2026-10-03", "2026-09-30", "2026-02-14", "2026-01-01"],
    ids=["Sunday", "Monday", "holiday", "eve of a holiday", "make-up Saturday", "New Year"],
)
def test_stories_keep_their_order_on_any_day(today: str) -> None:
    """Moments run forward, none lies in the future, all lie on working days."""
    calendar, on = calendars.current(), date.fromisoformat(today)
    for story in stories():
        moments = story.moments(on)
        assert moments == sorted(moments), story.party
        assert all(calendar.is_working(timezone.localdate(at)) for at in moments)
        assert timezone.localdate(moments[-1]) < on
