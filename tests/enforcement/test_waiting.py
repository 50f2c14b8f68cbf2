"""What the desk says waits is what the procedure expects of that person: every state, and every turn within one, for every part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency.models import Role
from enforcement import services
from enforcement.execution import payment_duty
from enforcement.models import Case, CaseState
from enforcement.procedure import PENALTY
from enforcement.selectors import waiting_steps
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh

# Where several steps may come next the line opens the case.
OPENS_THE_CASE = {CaseState.INVESTIGATING: "调查取证", CaseState.SERVED: "登记缴款、履行"}


def _asked(bureau: Bureau) -> Case:
    notified = f.notify(bureau, case_in("concluded", bureau), hearing_offered=True)
    return f.answer(bureau, notified, kind="hearing", content="要求听证")


def _heard(bureau: Bureau) -> Case:
    return services.record_hearing(
        case=_asked(bureau),
        by=bureau.lead,
        called_at=at("2026-02-02 12:00"),
        happened_at=at("2026-02-12 09:00"),
        place="示例会议室",
        presider=bureau.reviewer,
        record="双方陈述，示例",
        file=None,
    )


def _drafted(bureau: Bureau) -> Case:
    return f.draft(bureau, f.answer(bureau, case_in("notified", bureau)))


def _sent_back(bureau: Bureau) -> Case:
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    return services.send_back_decision(
        case=case, by=bureau.leader, happened_at=at("2026-02-10 10:00"), remarks="请写明裁量理由"
    )


def _told_again(bureau: Bureau) -> Case:
    """A new notice after the hearing was asked for: the old request no longer counts."""
    return f.notify(bureau, _asked(bureau), happened_at=at("2026-02-05 09:00"))


def _reached(state: str) -> Callable[[Bureau], Case]:
    return lambda bureau: case_in(state, bureau)


TURNS: dict[str, Callable[[Bureau], Case]] = {
    **{state: _reached(state) for state in CaseState.values},
    "with evidence": lambda bureau: f.evidence(bureau, case_in("investigating", bureau)),
    "answered": lambda bureau: f.answer(bureau, case_in("notified", bureau)),
    "hearing asked for": _asked,
    "hearing asked for and drafted": lambda bureau: f.draft(bureau, _asked(bureau)),
    "heard": _heard,
    "told again": _told_again,
    "drafted": _drafted,
    "reviewed": lambda bureau: f.ready_to_decide(bureau, case_in("notified", bureau)),
    "sent back": _sent_back,
}


def expected_of(official: Any, case: Case) -> list[tuple[str, str]]:
    """Label and address by the procedure's own table. Whose signature is expected is asked only once nothing lacks for it."""
    found = []
    for _, step in PENALTY.waiting_for([case], official):
        following = {each.step.key: each for each in PENALTY.next_steps(case, official)}
        if step.key == "decide" and not following["decide"].is_open:
            continue
        several = OPENS_THE_CASE.get(CaseState(case.state))
        found.append((several, case.get_absolute_url()) if several else (step.label, case.step_url(step.key)))
    return found


@pytest.mark.parametrize("turn", TURNS)
def test_the_desk_tells_everybody_what_the_procedure_expects_of_them(bureau: Bureau, turn: str) -> None:
    chief = f.official("何局样", Role.CHIEF, bureau.root)
    case = Case.objects.get(pk=TURNS[turn](bureau).pk)
    told, expected = {}, {}
    for name, person in {**bureau.all, "chief": chief}.items():
        told[name] = [(step.label, step.url) for step in waiting_steps(fresh(person))]
        expected[name] = expected_of(fresh(person), case)
    assert told == expected
    # A case that is not ended waits for somebody: here, or in the legal office.
    assert any(told.values()) == (not case.is_ended and turn != "drafted")


def test_cn_penalty_63_a_hearing_asked_for_is_recorded_before_the_decision_is_drafted(bureau: Bureau) -> None:
    case = _asked(bureau)
    (line,) = waiting_steps(fresh(bureau.lead))
    assert (line.label, line.url) == ("登记听证", case.step_url("record_hearing"))
    f.draft(bureau, case)
    assert [step.label for step in waiting_steps(fresh(bureau.lead))] == ["登记听证"]


@pytest.mark.parametrize(
    ("today", "told"),
    [("2026-02-27 23:00", []), ("2026-02-28 00:30", ["登记缴款、履行"]), ("2026-03-20 09:00", ["登记缴款、履行"])],
    ids=["before the last day", "on the last day", "overdue"],
)
def test_cn_penalty_67_a_fine_waits_for_the_party_until_the_last_day_to_pay_it(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, today: str, told: list[str]
) -> None:
    case = case_in("served", bureau)
    assert timezone.localdate(payment_duty(case).due_at) == date(2026, 2, 28)  # type: ignore[union-attr]
    monkeypatch.setattr(timezone, "now", lambda: at(today))
    assert [step.label for step in waiting_steps(fresh(bureau.lead))] == told


def test_the_desk_asks_as_often_for_many_cases_as_for_one(bureau: Bureau) -> None:
    def statements() -> int:
        person = fresh(bureau.lead)
        person.units_as(Role.SECTION_STAFF)
        with CaptureQueriesContext(connection) as asked:
            waiting_steps(person)
        return len(asked)

    _asked(bureau)
    one = statements()
    for _ in range(3):
        _asked(bureau)
    assert statements() == one <= 4
