"""The coverage of the rulebook counts as the board does: what is not late is not red, and last year's work is not gone on 1 January."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from agency.models import Official
from core.desk import rules as shelf
from core.desk.rules import Figures
from core.figures import in_state
from core.models import Duty
from supervision.boards import board_of
from tests.supervision.conftest import Bureau, moment
from tests.supervision.test_figures import NOW, busy_year, known

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]
JANUARY = moment("2026-01-03T12:00")


@pytest.fixture
def decided(bureau: Bureau) -> Duty:
    """A decision of December whose publication is due on 16 December 2025."""
    bureau.decide(1, moment("2025-12-05T10:00"))
    duty = Duty.objects.get(obligation="publish_decision")
    Duty.objects.exclude(pk=duty.pk).delete()
    return duty


def as_if(duty: Duty, **changes: Any) -> Figures:
    """What the coverage says of the rule when its one duty is another than it is."""
    Duty.objects.filter(pk=duty.pk).update(**changes)
    return counted(duty, JANUARY)


def counted(duty: Duty, now: datetime) -> Figures:
    clerk = known(duty.opened_by.recorded_by) if duty.opened_by is not None else None
    assert clerk is not None
    found = shelf.figures(duty.rule_id, clerk, now)
    assert shelf.figures_by_rule(clerk, now).get(duty.rule_id, Figures()) == found
    return found


def test_last_years_overdue_work_is_still_there_on_3_january(decided: Duty) -> None:
    assert counted(decided, JANUARY) == Figures(opened=0, open=1, overdue=1)


def test_what_was_done_last_year_is_not_this_years(decided: Duty) -> None:
    assert as_if(decided, met_at=moment("2025-12-10T10:00")) == Figures()


def test_a_right_that_lapsed_is_neither_open_nor_overdue(decided: Duty) -> None:
    this_year = {"kind": Duty.Kind.RIGHT, "owed_by": "party", "opened_at": moment("2026-01-01T09:00")}
    assert as_if(decided, **this_year, due_at=moment("2026-01-02T23:59:59")) == Figures(opened=1)
    assert as_if(decided, due_at=moment("2026-01-05T23:59:59")) == Figures(opened=1, open=1)
    assert as_if(decided, met_at=moment("2026-01-05T12:00")) == Figures(opened=1, in_time=1)
    # Used after its time, it had lapsed all the same.
    assert as_if(decided, met_at=moment("2026-01-06T12:00")) == Figures(opened=1)


def test_a_limit_that_passed_is_neither_open_nor_overdue(decided: Duty) -> None:
    assert as_if(decided, kind=Duty.Kind.LIMIT, owed_by="unit") == Figures()


@pytest.mark.parametrize("owed_by", ["party", "outside"])
def test_the_bureau_is_not_late_with_what_others_owe(decided: Duty, owed_by: str) -> None:
    assert as_if(decided, owed_by=owed_by) == Figures(open=1)
    met_late = {"opened_at": moment("2026-01-01T09:00"), "met_at": moment("2026-01-02T10:00")}
    assert as_if(decided, **met_late) == Figures(opened=1, in_time=1)


def test_a_date_that_was_past_before_its_rule_existed_is_not_late(decided: Duty) -> None:
    assert as_if(decided, deadline_precedes_rule=True) == Figures(open=1)


def test_a_duty_of_the_bureau_met_after_its_day_is_late(decided: Duty) -> None:
    met_late = {"opened_at": moment("2026-01-01T09:00"), "met_at": moment("2026-01-02T10:00")}
    assert as_if(decided, **met_late) == Figures(opened=1, late=1)


def test_void_duties_are_in_no_figure(decided: Duty) -> None:
    assert as_if(decided, voided_at=JANUARY, void_reason="决定已撤销") == Figures()


@pytest.mark.parametrize(("seed", "now"), [(5, NOW), (6, JANUARY)])
def test_board_and_coverage_say_the_same_of_every_article(bureau: Bureau, seed: int, now: datetime) -> None:
    busy_year(bureau, seed)
    some = list(Duty.objects.open().order_by("pk"))
    assert len(some) > 8
    Duty.objects.filter(pk__in=[duty.pk for duty in some[::4]]).update(owed_by="outside")
    Duty.objects.filter(pk__in=[duty.pk for duty in some[1::4]]).update(deadline_precedes_rule=True)
    # What boards leave out is for the coverage alone.
    Duty.objects.exclude(kind__in=Duty.RED_KINDS).delete()
    Duty.objects.filter(owed_by="party").delete()

    official = known(bureau.supervisor)
    board = board_of(official, year=now.year, now=now)
    said = {line.rule.id: line.figures for line in board.articles if not line.figures.is_empty}
    found = {rule: each for rule, each in shelf.figures_by_rule(official, now).items() if each.opened or each.open}
    assert {rule: shown(each) for rule, each in said.items()} == {rule: shown(each) for rule, each in found.items()}
    assert sum(each.overdue for each in found.values()) > 0
    for rule, each in found.items():
        assert shelf.figures(rule, official, now) == each, rule
    # What lists and alerts call red is what both count.
    overdue = Duty.objects.filter(in_state("overdue", year=now.year, now=now), voided_at__isnull=True)
    assert set(overdue) == set(Duty.objects.red(now))


def shown(figures: Any) -> tuple[int, ...]:
    """The five figures of either side."""
    return (figures.opened, figures.in_time, figures.late, figures.open, figures.overdue)


def test_the_pages_show_an_outside_bodys_day_that_passed_without_red_and_say_what_they_count(
    decided: Duty, bureau: Bureau, signed_in: SignIn
) -> None:
    client = signed_in(bureau.clerk)
    pages = ("/desk/rules/coverage/", f"/desk/rules/{decided.rule_id}/")
    for path in pages:
        page = client.get(path).content.decode()
        assert re.search(r"其中逾期(</th><td class=\"num red\">)?1", page), path
        assert "外部机构" in page, path
    Duty.objects.filter(pk=decided.pk).update(owed_by="outside")
    for path in pages:
        page = client.get(path).content.decode()
        assert not re.search(r"其中逾期(</th><td class=\"num red\">)?1", page), path
