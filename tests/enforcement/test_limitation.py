"""The limitation of penalty: from the day on which the act ended to the day on which it was discovered.

The complaint of the factories came on 24 December 2025. Two years from 24 December 2023 end with that day, two from the day before end before it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from core.facts import FactRefused
from core.lifecycle import Attempt, StepRefused
from core.models import Duty
from enforcement import services
from enforcement.forms import ActEndForm, DismissForm
from enforcement.models import Case
from enforcement.procedure import PENALTY
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in

IN_TIME, TOO_LATE = date(2023, 12, 24), date(2023, 12, 23)
GRAVE = {"grave_harm": "life_and_health", "grave_reason": "两名劳动者因超时加班住院"}
BARRED = "违法行为2023年12月23日终了，2025年12月24日才被发现，已经超过时效，不再给予处罚"


def lacking(case: Case, key: str, bureau: Bureau) -> dict[str, set[str]]:
    attempt = Attempt(by=bureau.leader, happened_at=at("2026-02-12 09:00"))
    unmet = PENALTY.unmet(PENALTY[key], Case.objects.get(pk=case.pk), attempt)
    return {each.text: {citation.rule_id for citation in each.citations} for each in unmet}


def concluded(bureau: Bureau, **source: Any) -> Case:
    """Investigated, and nobody has said yet when the act ended."""
    case = f.evidence(bureau, case_in("investigating", bureau, violation="inspection-30-1", **source))
    return f.conclude(bureau, case, violation="inspection-30-1")


def limits(case: Case) -> list[Duty]:
    return list(Duty.objects.filter(anchor=case.stream, kind="limit", voided_at__isnull=True))


@pytest.mark.rule("CN-PENALTY-36", "CN-INSPECTION-20")
def test_cn_penalty_36_what_was_discovered_a_day_too_late_is_not_punished(bureau: Bureau) -> None:
    case = concluded(bureau)
    with pytest.raises(StepRefused, match="没有登记违法行为终了之日") as unknown:
        f.notify(bureau, case)
    assert unknown.value.demands[0].fix == case.step_url("state_act_end")
    case = f.state_end(bureau, case, act_ended_on=TOO_LATE, happened_at=at("2026-01-28 17:00"))
    with pytest.raises(StepRefused) as refused:
        f.notify(bureau, case)
    (demand,) = refused.value.demands
    assert (demand.text, demand.fix) == (BARRED, case.step_url("dismiss"))
    assert {citation.rule_id for citation in demand.citations} == {"CN-PENALTY-36", "CN-INSPECTION-20"}
    (limit,) = limits(case)
    assert (limit.due_at, limit.state, limit.can_be_red) == (
        at("2023-12-23 23:59:59").replace(year=2025),
        "lapsed",
        False,
    )
    assert {basis["rule"] for basis in limit.bases} == {"CN-PENALTY-36", "CN-INSPECTION-20"}
    case = f.state_end(bureau, case, act_ended_on=IN_TIME, happened_at=at("2026-01-28 17:00"))
    (limit,) = limits(case)
    assert (limit.met_at, limit.state) == (at("2025-12-24 09:30"), "met")
    assert limit.met_by == f.record_of(case, "source_registered")
    assert f.notify(bureau, case).state == "notified"


@pytest.mark.rule("CN-PENALTY-36", "CN-INSPECTION-20")
def test_cn_penalty_36_nothing_is_decided_either_and_no_correction_makes_it_late(bureau: Bureau) -> None:
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    f.state_end(bureau, case, act_ended_on=TOO_LATE, happened_at=at("2026-02-10 09:00"))
    assert lacking(case, "decide", bureau) == {BARRED: {"CN-PENALTY-36", "CN-INSPECTION-20"}}
    assert BARRED in lacking(case, "notify_again", bureau)
    f.state_end(bureau, case, act_ended_on=IN_TIME, happened_at=at("2026-02-10 09:00"))
    case = f.decide(bureau, case)
    source = f.record_of(case, "source_registered")
    with pytest.raises(FactRefused, match="2025年12月25日才被发现，已经超过时效"):
        f.ask_correction(bureau, case, source, at("2025-12-25 09:00"))
    f.correct(bureau, case, source, at("2025-12-23 09:00"))
    assert limits(case)[0].met_at == at("2025-12-23 09:00")


@pytest.mark.rule("CN-PENALTY-36a")
def test_cn_penalty_36_five_years_only_for_the_matters_it_names_with_the_harm(bureau: Bureau) -> None:
    case = concluded(bureau)
    stated = {"happened_at": at("2026-01-28 17:00"), **GRAVE}
    case = f.state_end(bureau, case, act_ended_on=date(2020, 12, 23), **stated)
    assert {frozenset(rules) for rules in lacking(case, "notify", bureau).values()} == {frozenset({"CN-PENALTY-36a"})}
    case = f.state_end(bureau, case, act_ended_on=date(2020, 12, 24), **stated)
    assert [basis["rule"] for basis in limits(case)[0].bases] == ["CN-PENALTY-36a"]
    assert f.notify(bureau, case).state == "notified"
    with pytest.raises(IntegrityError, match="a_longer_limitation_says_which_and_why"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(grave_reason="")
    asked = {"happened_at": "2026-01-28T17:00", "act_end": "ended", "act_ended_on": "2020-12-24", "basis": "笔录"}
    form = ActEndForm(asked | {"grave_harm": "finance"}, obj=case, by=bureau.lead)
    assert list(form.errors) == ["grave_reason"]


@pytest.mark.rule("CN-INSPECTION-20")
def test_cn_inspection_20_no_case_is_filed_where_the_end_is_known_to_be_too_long_ago(bureau: Bureau) -> None:
    case = f.propose(bureau, f.new_case(bureau))
    assert lacking(case, "accept", bureau) == {}
    case = services.send_back_initiation(
        case=case, by=bureau.head, happened_at=at("2026-01-05 10:00"), remarks="请核对时效"
    )
    case = f.state_end(bureau, case, act_ended_on=TOO_LATE, happened_at=at("2026-01-05 10:30"), by=bureau.clerk)
    case = f.propose(bureau, case, happened_at=at("2026-01-05 11:00"))
    (text,) = lacking(case, "accept", bureau)
    assert text.endswith("已经超过时效，不再查处")
    with pytest.raises(StepRefused) as refused:
        f.accept(bureau, case)
    assert [citation.rule_id for citation in refused.value.demands[0].citations] == ["CN-INSPECTION-20"]


def test_an_act_that_goes_on_has_no_limit_and_a_later_statement_takes_the_place_of_the_earlier(bureau: Bureau) -> None:
    case = f.state_end(bureau, concluded(bureau), happened_at=at("2026-01-28 17:00"))
    assert limits(case) == []
    assert lacking(case, "notify", bureau) == {}
    case = f.state_end(bureau, case, act_ended_on=date(2025, 6, 30), happened_at=at("2026-01-28 17:30"))
    (first,) = limits(case)
    with pytest.raises(FactRefused, match="与已经登记的相同"):
        f.state_end(bureau, case, act_ended_on=date(2025, 6, 30), happened_at=at("2026-01-28 17:40"))
    case = f.state_end(bureau, case, act_ended_on=date(2025, 7, 31), happened_at=at("2026-01-28 17:40"))
    first.refresh_from_db()
    assert (first.state, first.met_at, first.void_reason) == ("voided", None, "违法行为终了之日已重新登记")
    assert [limit.due_at for limit in limits(case)] == [at("2027-07-31 23:59:59")]


def test_an_act_discovered_elsewhere_before_it_was_passed_on_was_discovered_then(bureau: Bureau) -> None:
    case = concluded(bureau, channel="transfer")
    late = {"act_ended_on": TOO_LATE, "happened_at": at("2026-01-28 17:00")}
    assert BARRED in lacking(f.state_end(bureau, case, **late), "notify", bureau)
    case = f.state_end(bureau, case, **late, discovered_at=at("2025-12-20 10:00"))
    assert lacking(case, "notify", bureau) == {}
    (limit,) = limits(case)
    assert (limit.state, limit.met_at) == ("met", at("2025-12-20 10:00"))
    discovered = f.record_of(case, "act_discovered")
    f.correct(bureau, case, discovered, at("2025-12-19 10:00"))
    assert Case.objects.get(pk=case.pk).discovered_at == at("2025-12-19 10:00") == limits(case)[0].met_at
    # Who took the complaint down themselves is not asked a second time when it came.
    own = f.new_case(bureau)
    assert "discovered_at" not in ActEndForm(obj=own, by=bureau.lead).fields


def test_the_page_and_the_interface_state_it_and_a_time_barred_case_ends(bureau: Bureau, client: Client) -> None:
    case = concluded(bureau)
    client.force_login(bureau.lead)
    values = {"happened_at": "2026-01-28T17:00", "act_end": "ended", "basis": "考勤记录"}
    for wrong, field in (("", "act_ended_on"), ("2026-01-29", "act_ended_on"), ("1999-12-31", "act_ended_on")):
        refused = client.post(case.step_url("state_act_end"), values | {"act_ended_on": wrong})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, [field])
    address = f"/api/v1/cases/{case.pk}/"
    answer = client.post(
        f"{address}steps/state_act_end/", values | {"act_ended_on": "2023-12-24"}, content_type="application/json"
    )
    assert (answer.status_code, client.get(address).json()["act_ended_on"]) == (201, "2023-12-24")
    assert not DismissForm({"ground": "time_barred", "reason": "超过时效", "happened_at": "2026-01-29T09:00"}, obj=case, by=bureau.leader).is_valid()  # fmt: skip
    assert client.post(case.step_url("state_act_end"), values | {"act_ended_on": "2023-12-23"}).status_code == 302
    page = client.get(case.get_absolute_url()).content.decode()
    assert "2023年12月23日" in page
    assert BARRED in page
    client.force_login(bureau.leader)
    ended = {"ground": "time_barred", "reason": "超过时效", "happened_at": "2026-01-29T09:00"}
    assert client.post(case.step_url("dismiss"), ended).status_code == 302
    assert Case.objects.get(pk=case.pk).state == "dismissed"
