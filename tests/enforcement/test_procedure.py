"""The table of the penalty procedure: equal to the database's trigger, to the forms and services, and closed to everybody else."""

from __future__ import annotations

import inspect
import re
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms import Form
from django.utils.module_loading import import_string

from core.access import NotPermitted
from core.lifecycle import Lifecycle, StepNotOpen, guard_keys
from enforcement.models import Case, CaseState
from enforcement.procedure import MOMENT_CORRECTION, PENALTY, PRESERVATION
from tests.enforcement.factories import Bureau, at, case_in, fresh

STEPS = [step.key for step in PENALTY.steps]

# Who may take which step: the official's part in the bureau. Everybody else is refused.
MAY = {
    "propose_initiation": {"lead", "co", "clerk", "head"},
    "start_at_once": {"lead", "co", "clerk", "head"},
    "supplement_source": {"lead", "co", "clerk", "head"},
    "accept": {"head"},
    "send_back_initiation": {"head"},
    "not_file": {"head"},
    "record_discussion": {"leader"},
    "decide": {"leader"},
    "send_back_decision": {"leader"},
    "dismiss": {"leader"},
    "impose_surcharge": {"leader"},
    "extend_investigation": {"leader"},
    "apply_to_court": {"leader"},
    "revoke": {"leader"},
    "close": {"head"},
}
OFFICERS = {"lead", "co"}
# Before a case is filed anybody of its section may say when the act ended; afterwards its officers.
UNFILED = ("registered", "proposed", "not_filed")


@pytest.mark.django_db
def test_the_database_trigger_repeats_exactly_the_edges_of_the_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'enforcement_case_state_edges'")
        (source,) = cursor.fetchone()
    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", source)) == PENALTY.edges()
    assert re.search(r"NEW\.state NOT IN \('registered'\)", source)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "lifecycle"), [("momentcorrection", MOMENT_CORRECTION), ("preservationrequest", PRESERVATION)]
)
def test_the_triggers_of_the_requests_repeat_exactly_the_edges_of_their_tables(
    table: str, lifecycle: Lifecycle
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [f"enforcement_{table}_state_edges"])
        (source,) = cursor.fetchone()
    assert set(re.findall(r"\('(\w+)', '(\w+)'\)", source)) == lifecycle.edges()
    assert re.search(r"NEW\.state NOT IN \('requested'\)", source)
    assert f"{lifecycle.title}不能从" in source


@pytest.mark.parametrize(
    ("lifecycle", "key"), [(each, step.key) for each in (MOMENT_CORRECTION, PRESERVATION) for step in each.steps]
)
def test_the_form_of_a_request_asks_exactly_what_its_service_takes(lifecycle: Lifecycle, key: str) -> None:
    step = lifecycle[key]
    form: type[Form] = step.form_class
    takes = set(inspect.signature(import_string(step.service)).parameters) - {"request", "by"}
    assert set(form.base_fields) == takes


@pytest.mark.parametrize("key", STEPS)
def test_the_form_asks_exactly_what_the_service_takes(key: str) -> None:
    step = PENALTY[key]
    form: type[Form] = step.form_class
    takes = set(inspect.signature(import_string(step.service)).parameters) - {"case", "by"}
    assert set(form.base_fields) == takes


def test_every_demand_of_the_table_is_a_guard() -> None:
    import_module("enforcement.guards")
    assert {demand.removeprefix("!") for step in PENALTY.steps for demand in step.demands} <= guard_keys()


@pytest.mark.parametrize("state", CaseState.values)
def test_every_step_of_every_state_answers_every_role_as_the_table_says(bureau: Bureau, state: str) -> None:
    case = case_in(state, bureau)
    for step in PENALTY.steps:
        for part, person in bureau.all.items():
            official = fresh(person)
            expected = part in MAY.get(step.key, OFFICERS if state not in ("registered",) else set())
            if state in ("registered", "not_filed") and step.key not in MAY:
                expected = False  # no officers are named yet
            if step.key == "state_act_end" and state in UNFILED:
                expected = part in MAY["propose_initiation"]
            # the head and the leader of the factories handle no case themselves
            permit = step.who(official, case)
            assert bool(permit) == expected, (state, step.key, part, permit.reason)
            assert permit or permit.reason


@pytest.mark.parametrize("state", CaseState.values)
def test_a_step_that_does_not_lead_on_from_a_state_is_refused_and_changes_nothing(bureau: Bureau, state: str) -> None:
    case = case_in(state, bureau)
    takers = {"head": bureau.head, "leader": bureau.leader, "lead": bureau.lead}
    for step in PENALTY.steps:
        if state in step.sources:
            continue
        part = next((name for name in ("head", "leader", "lead") if name in MAY.get(step.key, OFFICERS)), "lead")
        with pytest.raises((StepNotOpen, NotPermitted)), transaction.atomic():
            PENALTY.move(case, step.key, by=fresh(takers[part]), happened_at=at("2026-04-01 09:00"))
        assert Case.objects.get(pk=case.pk).state == state


@pytest.mark.parametrize("state", CaseState.values)
def test_whoever_writes_around_the_services_cannot_skip_an_edge(bureau: Bureau, state: str) -> None:
    case = case_in(state, bureau)
    for target in CaseState.values:
        if target == state or (state, target) in PENALTY.edges():
            continue
        with pytest.raises(IntegrityError, match="行政处罚普通程序不能从"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=target)


def test_no_case_begins_in_the_middle(bureau: Bureau) -> None:
    case = case_in("registered", bureau)
    case.pk, case.state = None, "notified"
    with pytest.raises(IntegrityError, match="不能从"), transaction.atomic():
        case.save(force_insert=True)


def test_nobody_files_a_case_they_proposed_or_investigate(bureau: Bureau) -> None:
    """The head is one of the officers here."""
    from tests.enforcement.factories import new_case, propose

    case = propose(bureau, new_case(bureau), lead=bureau.head, co_officers=[bureau.co])
    permit = PENALTY["accept"].who(fresh(bureau.head), case)
    assert not permit
    assert permit.reason == "不得批准自己承办的案件的立案"
