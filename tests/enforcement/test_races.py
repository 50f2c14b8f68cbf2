"""Two people at once: exactly one wins, the other is told why."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from core.facts import FactRefused
from core.lifecycle import StepNotOpen
from core.models import FactRecord
from enforcement.models import Case, MomentCorrection
from tests.enforcement import factories as f
from tests.enforcement.factories import at, case_in, make_bureau, official


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run all acts at the same time; what each returned or raised."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_leaders_decide_at_once_and_one_decision_is_made() -> None:
    from agency.models import Role

    bureau = make_bureau()
    second = official("王范例", Role.CHIEF, bureau.root)
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    results = at_once(
        lambda: f.decide(bureau, case),
        lambda: f.decide(bureau, case, by=second, happened_at=at("2026-02-11 10:01")),
    )
    won = [result for result in results if isinstance(result, Case)]
    lost = [result for result in results if isinstance(result, StepNotOpen)]
    assert (len(won), len(lost)) == (1, 1), results
    assert str(lost[0]) == "案卷现在处于“已决定”，不能再办理“作出处罚决定”"
    assert FactRecord.objects.filter(stream=case.stream, name="enforcement.decision_made").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_approve_a_correction_at_once_and_one_line_corrects() -> None:
    bureau = make_bureau()
    case = case_in("decided", bureau)
    wrong = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_made")
    asked = f.ask_correction(bureau, case, wrong, at("2026-02-10 10:00"))
    results = at_once(
        lambda: f.approve_correction(bureau, asked),
        lambda: f.approve_correction(bureau, asked, by=bureau.leader),
    )
    won = [result for result in results if isinstance(result, MomentCorrection)]
    lost = [result for result in results if isinstance(result, StepNotOpen)]
    assert (len(won), len(lost)) == (1, 1), results
    assert str(lost[0]) == "更正申请现在处于“已批准”，不能再办理“批准更正”"
    assert FactRecord.objects.get(corrects=wrong).recorded_by_id == won[0].decided_by_id


@pytest.mark.django_db(transaction=True)
def test_two_ask_for_a_correction_of_one_fact_at_once_and_one_request_is_open() -> None:
    bureau = make_bureau()
    case = case_in("decided", bureau)
    wrong = FactRecord.objects.get(stream=case.stream, name="enforcement.decision_made")
    results = at_once(
        lambda: f.ask_correction(bureau, case, wrong, at("2026-02-10 10:00")),
        lambda: f.ask_correction(bureau, case, wrong, at("2026-02-10 11:00"), by=bureau.co),
    )
    lost = [result for result in results if isinstance(result, FactRefused)]
    assert [str(each) for each in lost] == ["这条记录已有一份更正申请在办理"], results
    assert MomentCorrection.objects.open().count() == 1


@pytest.mark.django_db(transaction=True)
def test_cases_filed_at_once_get_numbers_without_a_gap() -> None:
    bureau = make_bureau()
    cases = [case_in("proposed", bureau, party_name=f"示例{n}公司") for n in range(4)]
    results = at_once(*(lambda case=case: f.accept(bureau, case) for case in cases))
    assert sorted(case.number for case in results if isinstance(case, Case)) == [
        f"示人社监案〔2026〕{n}号" for n in range(1, 5)
    ], results
