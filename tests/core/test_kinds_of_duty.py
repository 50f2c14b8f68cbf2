"""Every kind of duty, opened by facts under an invented instrument: what it is counted from, how it ends, when it is late."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from agency.models import Official, Unit
from core import calendars, duties, facts
from core.calendars import Difference
from core.duties import DutyRefused
from core.facts import Fact, Subject
from core.models import Duty, FactRecord
from core.recounting import Recount
from rulebook import library, workdays
from rulebook.model import Period
from supervision.whatif import what_if
from tests.core.notice import reading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unwired")]
ROOT = Path(library.__file__).parent
HEAD = """
[instrument]
id = "kinds-of-duty"
title = "示例办法"
issued_by = "示例市人民政府"
rank = "local-government-rule"
effective_from = 2021-01-01
profile = "weihai-hrss"

[[article]]
number = "第一条"
summary = "示例条文。"
"""
CLOCK = 'opens_on = "try.happened"\nmet_by = "try.done"\nowed_by = "unit"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Fact):
    name = "try.happened"
    label = "示例事项"
    received_on: str = ""
    held_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Fact):
    name = "try.done"
    label = "示例办结"
    result: str = "done"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.get_default_timezone())


Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Put one more instrument on the shelf, with these rules, and bind the bureau by it alone."""

    def put(*rules: str, **profile: str) -> None:
        for folder in ("instruments", "profiles"):
            shutil.copytree(ROOT / folder, tmp_path / folder, dirs_exist_ok=True)
        text = HEAD
        for number, rule in enumerate(rules, 1):
            kind = "" if "kind =" in rule else 'kind = "deadline"\n'
            owes = "" if "obligation =" in rule else f'obligation = "try_{number}"\n'
            name = "" if rule.startswith("id =") else f'id = "TRY-{number}"\n'
            text += f'\n[[rule]]\n{name}article = "第一条"\nquote = "应当"\ntitle = "示例期限"\n{kind}{owes}{rule}'
        (tmp_path / "instruments" / "kinds-of-duty.toml").write_text(text, encoding="utf-8")
        more = "".join(f"{key} = {value}\n" for key, value in profile.items())
        (tmp_path / "profiles" / "weihai-hrss.toml").write_text(
            f'id = "weihai-hrss"\ntitle = "示例局"\ninstruments = ["kinds-of-duty"]\n{more}', encoding="utf-8"
        )
        book = library.load(tmp_path)
        monkeypatch.setattr(library, "get", lambda: book)

    return put


FILE = Subject(stream="try:1", title="示例事项", url="/desk/")


def happen(unit: Unit, by: Official, moment: str, **fields: Any) -> FactRecord:
    return facts.record(Happened(subject=FILE, unit=unit.pk, **fields), happened_at=at(moment), by=by)


def do(unit: Unit, by: Official, moment: str, **fields: Any) -> FactRecord:
    return facts.record(Done(subject=FILE, unit=unit.pk, **fields), happened_at=at(moment), by=by)


@pytest.mark.parametrize(
    ("period", "happened", "nominal", "due"),
    [
        # Spring Festival 2026: 15 to 23 February off, Saturday the 14th worked.
        ('{ amount = 7, unit = "working_day" }', "2026-02-11T10:00", "2026-02-27", "2026-02-27T23:59:59"),
        ('{ amount = 5, unit = "day" }', "2026-02-11T10:00", "2026-02-16", "2026-02-24T23:59:59"),
        ('{ amount = 1, unit = "month" }', "2026-01-31T10:00", "2026-02-28", "2026-02-28T23:59:59"),
        ('{ amount = 2, unit = "year" }', "2024-02-29T10:00", "2026-02-28", "2026-02-28T23:59:59"),
        ('{ amount = 24, unit = "hour" }', "2026-02-13T17:31", "2026-02-14", "2026-02-14T17:31:00"),
    ],
)
def test_a_period_is_counted_in_its_own_unit(
    write: Write, section: Unit, clerk: Official, period: str, happened: str, nominal: str, due: str
) -> None:
    write(f"{CLOCK}within = {period}\n")
    happen(section, clerk, happened)
    duty = Duty.objects.get()
    assert (duty.nominal_day.isoformat(), duty.due_at) == (nominal, at(due))
    assert (duty.kind, duty.owner_unit) == ("deadline", section)
    do(section, clerk, "2026-03-02T09:00")
    assert Duty.objects.get().state == "met_late"


def test_a_period_starts_on_the_day_a_paper_was_received_not_when_that_was_written_down(
    write: Write, section: Unit, clerk: Official
) -> None:
    write(f'{CLOCK}within = {{ amount = 30, unit = "day" }}\nfrom_field = "received_on"\n')
    record = happen(section, clerk, "2025-09-08T10:00", received_on="2025-09-05")
    duty = Duty.objects.get()
    assert (duty.day_zero, duty.nominal_day) == (date(2025, 9, 5), date(2025, 10, 5))
    assert duty.due_at == at("2025-10-09T23:59:59")
    # The moment of the fact was wrong, the receipt was not: nothing moves.
    assert duties.recompute_after_correction(record, happened_at=at("2025-09-09T10:00")) == []
    assert Duty.objects.get().due_at == at("2025-10-09T23:59:59")


def test_a_notice_moves_each_from_its_own_receipt_though_all_were_written_down_on_one_day(
    write: Write, section: Unit, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten working days, the last of them after 1-3 January; by the notice 4 and 5 January are off, too."""
    write(f'{CLOCK}within = {{ amount = 10, unit = "working_day" }}\nfrom_field = "received_on"\n')
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-31T12:00"))
    for day in ("2026-12-18", "2026-12-21", "2026-12-22"):
        happen(section, clerk, "2026-12-23T10:00", received_on=day)
    noticed = workdays.get().with_notices(reading().notice)
    moving = Recount(noticed, Difference(date(2027, 1, 1), date(2027, 12, 31), ())).preview(size=9).rows
    assert [(each.duty.day_zero.day, each.old.day, each.new.day) for each in moving] == [
        (18, 4, 6),
        (21, 5, 7),
        (22, 6, 8),
    ]


def test_what_if_the_period_were_another_it_would_start_from_the_receipt_too(
    write: Write, section: Unit, clerk: Official
) -> None:
    """Forty days from the receipt of 5 September end on 15 October; from the day it was written down, on the 18th."""
    write(f'{CLOCK}within = {{ amount = 30, unit = "day" }}\nfrom_field = "received_on"\n')
    happen(section, clerk, "2025-09-08T10:00", received_on="2025-09-05")
    do(section, clerk, "2025-10-16T09:00")
    rule = library.get().rule("TRY-1")
    for amount, late in ((40, 1), (41, 0)):
        answer = what_if(clerk, rule=rule, period=Period(amount, "day"), year=2025, now=at("2026-01-05T09:00"))
        assert (answer.total.duties, answer.total.late_before, answer.total.late_after) == (1, 1, late)


AMENDED = (
    f'id = "TRY-1"\nobligation = "try_1"\neffective_to = 2025-12-31\n{CLOCK}within = {{ amount = 10, unit = "working_day" }}\n',
    f'id = "TRY-1"\nobligation = "try_1"\neffective_from = 2026-01-01\n{CLOCK}within = {{ amount = 5, unit = "working_day" }}\n',
    'id = "TRY-2"\nobligation = "try_2"\nkind = "extension"\nextends = "TRY-1"\napprover = "leader"\neffective_to = 2025-12-31\n'
    'within = { amount = 10, unit = "working_day" }\n',
    'id = "TRY-2"\nobligation = "try_2"\nkind = "extension"\nextends = "TRY-1"\napprover = "leader"\neffective_from = 2026-01-01\n'
    'within = { amount = 3, unit = "working_day" }\n',
)


def test_an_amendment_does_not_reach_back(write: Write, section: Unit, clerk: Official) -> None:
    """Ten working days, then five: what began in December keeps its ten, and their extension, however often it is counted again."""
    write(*AMENDED)
    old = happen(section, clerk, "2025-12-02T10:00")
    duty = Duty.objects.get()
    assert duty.due_at == at("2025-12-16T23:59:59")
    (foreseen,) = duties.preview_of_correction(old.pk, happened_at=at("2025-12-01T10:00"))
    assert foreseen.after.due_at == at("2025-12-15T23:59:59")
    (move,) = duties.recompute_after_correction(old, happened_at=at("2025-12-01T10:00"))
    assert move.new == at("2025-12-15T23:59:59")
    duty.refresh_from_db()
    assert duties.counted_anew(duty, calendars.current()).due_at == at("2025-12-15T23:59:59")
    assert duties.extending_rule(duty).within == Period(10, "working_day")
    assert duties.extend(duty, approved_on=date(2025, 12, 10)).due_at == at("2025-12-29T23:59:59")


def test_what_begins_after_an_amendment_is_lengthened_by_the_new_article(
    write: Write, section: Unit, clerk: Official
) -> None:
    write(*AMENDED)
    happen(section, clerk, "2026-03-02T10:00")
    duty = Duty.objects.get()
    assert duty.due_at == at("2026-03-09T23:59:59")
    assert duties.extend(duty, approved_on=date(2026, 3, 4)).due_at == at("2026-03-12T23:59:59")


def test_no_extension_before_there_was_an_article_for_it(write: Write, section: Unit, clerk: Official) -> None:
    write(AMENDED[0], AMENDED[1], AMENDED[3])
    happen(section, clerk, "2025-12-02T10:00")
    with pytest.raises(DutyRefused, match="没有规定允许延长这个期限"):
        duties.extend(Duty.objects.get(), approved_on=date(2025, 12, 10))
    assert Duty.objects.get().extended_on is None


@pytest.mark.parametrize(
    ("period", "held", "due"),
    [
        ('{ amount = 5, unit = "day" }', "2026-03-12", "2026-03-06T23:59:59"),
        ('{ amount = 7, unit = "working_day" }', "2026-02-27", "2026-02-11T23:59:59"),
    ],
)
def test_a_period_before_an_activity_ends_before_it(
    write: Write, section: Unit, clerk: Official, period: str, held: str, due: str
) -> None:
    write(f'{CLOCK}before = {period}\nfrom_field = "held_at"\n')
    happen(section, clerk, "2026-02-02T10:00", held_at=held)
    duty = Duty.objects.get()
    assert (duty.day_zero.isoformat(), duty.due_at) == (held, at(due))
    do(section, clerk, "2026-02-05T09:00")
    assert Duty.objects.get().state == "met"


def test_once_a_quarter_is_owed_in_every_quarter_and_a_nil_return_meets_it(
    write: Write, section: Unit, clerk: Official
) -> None:
    write('kind = "period"\neach = "quarter"\nnil_allowed = true\nmet_by = "try.done"\nowed_by = "unit"\n')
    assert duties.open_periodic(at("2026-02-02T09:00")) == 1
    assert duties.open_periodic(at("2026-03-31T09:00")) == 0
    assert duties.open_periodic(at("2026-04-01T09:00")) == 1
    first, second = Duty.objects.order_by("due_at")
    assert (first.period_key, first.due_at) == ("2026Q1", at("2026-03-31T23:59:59"))
    assert (second.period_key, second.due_at) == ("2026Q2", at("2026-06-30T23:59:59"))
    facts.record(
        Done(subject=FILE, unit=section.pk, anchor=first.anchor, result="nil"),
        happened_at=at("2026-03-30T09:00"),
        by=clerk,
    )
    assert Duty.objects.get(pk=first.pk).state == "met"
    assert Duty.objects.open().get() == second


def test_a_return_by_the_tenth_of_the_month_after_stays_in_sight_until_then(
    write: Write, section: Unit, clerk: Official
) -> None:
    write('kind = "period"\neach = "quarter"\nby_day = 10\nnil_allowed = true\nmet_by = "try.done"\nowed_by = "unit"\n')
    # The first sweep of a quarter finds the return of the one before, until its day is over.
    assert duties.open_periodic(at("2026-04-10T09:00")) == 2
    first, second = Duty.objects.order_by("due_at")
    assert (first.period_key, first.due_at) == ("2026Q1", at("2026-04-10T23:59:59"))
    assert (second.period_key, second.due_at) == ("2026Q2", at("2026-07-10T23:59:59"))
    assert (first.subject_title, second.subject_title) == ("2026年第1季度", "2026年第2季度")
    Duty.objects.all().delete()
    assert duties.open_periodic(at("2026-04-11T09:00")) == 1
    assert Duty.objects.get().period_key == "2026Q2"


def test_at_least_once_a_year_ends_with_the_year(write: Write, section: Unit, clerk: Official) -> None:
    write('kind = "period"\neach = "year"\nmet_by = "try.done"\nowed_by = "unit"\n')
    duties.open_periodic(at("2026-02-02T09:00"))
    duty = Duty.objects.get()
    assert (duty.period_key, duty.due_at) == ("2026", at("2026-12-31T23:59:59"))


def test_a_day_of_the_year_does_not_roll_and_one_before_its_rule_is_not_late(
    write: Write, section: Unit, clerk: Official
) -> None:
    rule = 'kind = "fixed_date"\nfixed = "01-31"\nmet_by = "try.done"\nowed_by = "unit"\n'
    write(rule, f"{rule}effective_from = 2026-05-17\n")
    duties.open_periodic(at("2026-05-18T09:00"))
    old, new = Duty.objects.order_by("rule_id")
    # 31 January 2026 is a Saturday: the alert comes on Friday, the day stays.
    assert (old.due_at, old.alert_from) == (at("2026-01-31T23:59:59"), date(2026, 1, 30))
    assert (old.deadline_precedes_rule, new.deadline_precedes_rule) == (False, True)
    assert list(Duty.objects.red(at("2026-05-18T09:00"))) == [old]


def test_a_right_lapses_and_a_limitation_passes_without_a_red_light(
    write: Write, section: Unit, clerk: Official
) -> None:
    period = 'within = { amount = 5, unit = "day" }\n'
    write(f'kind = "right"\n{CLOCK}{period}', f'kind = "limit"\n{CLOCK}{period}')
    happen(section, clerk, "2026-02-11T10:00")
    right, limit = Duty.objects.order_by("rule_id")
    # Only duties and rights roll; a limitation ends on its day.
    assert (right.due_at, limit.due_at) == (at("2026-02-24T23:59:59"), at("2026-02-16T23:59:59"))
    assert not Duty.objects.red(at("2026-06-01T09:00")).exists()


def test_a_clock_pauses_only_for_what_a_rule_allows_and_is_extended_once(
    write: Write, section: Unit, clerk: Official
) -> None:
    ten = f'{CLOCK}within = {{ amount = 10, unit = "working_day" }}\n'
    pause = 'kind = "record"\nallows_pause_of = ["TRY-1"]\npause_kinds = ["supplement"]\n'
    more = 'kind = "extension"\nextends = "TRY-1"\napprover = "leader"\nwithin = { amount = 5, unit = "working_day" }\n'
    write(ten, pause, more)
    happen(section, clerk, "2026-03-02T10:00")
    duty = Duty.objects.get()
    assert duty.due_at == at("2026-03-16T23:59:59")
    with pytest.raises(DutyRefused, match="没有规定允许以此理由暂停"):
        duties.pause(duty, kind="holiday", from_day=date(2026, 3, 4))
    duties.pause(duty, kind="supplement", from_day=date(2026, 3, 4))
    assert duties.resume(duty, on=date(2026, 3, 9)).due_at == at("2026-03-19T23:59:59")
    duties.extend(duty, approved_on=date(2026, 3, 18))
    assert Duty.objects.get().due_at == at("2026-03-26T23:59:59")
    with pytest.raises(DutyRefused, match="只能延长一次"):
        duties.extend(duty, approved_on=date(2026, 3, 19))


def test_without_a_rule_nothing_pauses_and_nothing_is_extended(write: Write, section: Unit, clerk: Official) -> None:
    write(f'{CLOCK}within = {{ amount = 10, unit = "working_day" }}\n')
    happen(section, clerk, "2026-03-02T10:00")
    before = Duty.objects.values().get()
    with pytest.raises(DutyRefused, match="没有规定允许以此理由暂停"):
        duties.pause(Duty.objects.get(), kind="supplement", from_day=date(2026, 3, 4))
    with pytest.raises(DutyRefused, match="没有规定允许延长"):
        duties.extend(Duty.objects.get(), approved_on=date(2026, 3, 4))
    assert Duty.objects.values().get() == before


def test_an_undone_trigger_voids_its_duty_with_the_reason(write: Write, section: Unit, clerk: Official) -> None:
    write(f'{CLOCK}within = {{ amount = 10, unit = "working_day" }}\n')
    happen(section, clerk, "2026-03-02T10:00")
    with pytest.raises(DutyRefused, match="请说明期限不再适用的理由"):
        duties.void(Duty.objects.all(), reason=" ", at=at("2026-03-03T10:00"))
    duties.void(Duty.objects.all(), reason="起算的事项已被撤销", at=at("2026-03-03T10:00"))
    duty = Duty.objects.get()
    assert (duty.is_open, duty.void_reason) == (False, "起算的事项已被撤销")
    assert not Duty.objects.red(at("2026-06-01T09:00")).exists()


def test_a_year_without_its_notice_is_provisional(write: Write, section: Unit, clerk: Official) -> None:
    write(f'{CLOCK}within = {{ amount = 40, unit = "working_day" }}\n')
    happen(section, clerk, "2026-11-20T10:00")
    assert Duty.objects.get().provisional
    assert Duty.objects.get().due_at.year == 2027


@pytest.mark.parametrize("rules", [1, 6])
def test_opening_the_duties_of_a_fact_adds_at_most_three_statements(
    write: Write, section: Unit, clerk: Official, rules: int, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    write()
    with CaptureQueriesContext(connection) as without:
        happen(section, clerk, "2026-03-02T10:00")
    write(*[f'{CLOCK}within = {{ amount = {n + 1}, unit = "working_day" }}\n' for n in range(rules)])
    with CaptureQueriesContext(connection) as opening:
        happen(section, clerk, "2026-03-02T11:00")
    assert Duty.objects.count() == rules
    assert len(opening) - len(without) <= 3
