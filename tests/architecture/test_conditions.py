"""A condition that could never hold stops the start; what facts and matters may hold is what they do hold."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.core.checks import run_checks

import rulebook
from agency.models import AgencyProfile, Unit
from core.lifecycle import guard_fields
from core.models import Duty, FactRecord, InstrumentText
from core.rule_names import known_facts
from disclosure.models import Notice
from enforcement.models import Case, CaseState
from legalreview.models import Review, ReviewPoint
from recording.models import Recording
from rulebook import fields, library
from rulebook.conditions import Fields
from supervision.models import PlanReport
from tests.enforcement.factories import case_in, make_bureau

SHELF = Path(rulebook.__file__).parent


@pytest.mark.parametrize(
    ("most", "model", "column"),
    [
        (fields.LONGEST_RULE_ID, Duty, "rule_id"),
        (fields.LONGEST_RULE_ID, PlanReport, "rule_id"),
        (fields.LONGEST_TITLE, Duty, "title"),
        (fields.LONGEST_TITLE, PlanReport, "title"),
        (fields.LONGEST_OBLIGATION, Duty, "obligation"),
        (fields.LONGEST_OBLIGATION, PlanReport, "item"),
        (fields.LONGEST_INSTRUMENT_ID, InstrumentText, "instrument"),
        (fields.LONGEST_PROFILE_ID, Unit, "profile"),
        (fields.LONGEST_PROFILE_ID, AgencyProfile, "profile"),
        (fields.LONGEST_PAUSE_KIND, Review, "pause_kind"),
        (fields.LONGEST_ITEM[0], ReviewPoint, "key"),
        (fields.LONGEST_ITEM[1], ReviewPoint, "label"),
    ],
)
def test_what_a_file_may_say_fits_the_column_that_keeps_it(most: int, model: Any, column: str) -> None:
    assert most == model._meta.get_field(column).max_length


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (
            "weihai-2020-supervision-measures",
            'when = { act_kind = ["penalty", "licence"] }',
            'when = { act_kind = ["penlty", "licence"] }',
            'WH-MEAS-15b: when 的 act_kind 不会是 "penlty"：事实 enforcement.decision_made 的 act_kind 应为 penalty（行政处罚）、',
        ),
        (
            "cn-administrative-penalty-law-2021",
            'when = { ground = ["changed", "revoked", "unlawful", "void"] }',
            'when = { ground = ["changed", "revoked", "unlawfull", "void"] }',
            'CN-PENALTY-48: when 的 ground 不会是 "unlawfull"',
        ),
        (
            "cn-administrative-penalty-law-2021",
            'met_when = { kind = ["hearing"] }',
            'met_when = { kind = ["heering"] }',
            'CN-PENALTY-64a: met_when 的 kind 不会是 "heering"',
        ),
        (
            "cn-administrative-penalty-law-2021",
            "when = { has_fine = [true] }",
            'when = { has_fine = ["true"] }',
            'CN-PENALTY-67: when 的 has_fine 不会是 "true"',
        ),
        (
            "cn-labour-security-inspection-2004",
            'when = { violation = ["inspection-30-3"] }',
            'when = { violation = ["inspection-30-33"] }',
            'CN-INSPECTION-30a: when 的 violation 不会是 "inspection-30-33"：核查 order_disobeyed',
        ),
        (
            "cn-labour-security-inspection-2004",
            'when = { violation = ["inspection-30-3"] }',
            'when = { violatoin = ["inspection-30-3"] }',
            "CN-INSPECTION-30a: when 的 violatoin 不是核查 order_disobeyed 能看到的字段，应为 act_kind、",
        ),
    ],
)  # fmt: skip
def test_a_condition_that_could_never_hold_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, reason: str
) -> None:
    for name in ("instruments", "profiles"):
        copytree(SHELF / name, tmp_path / name)
    path = tmp_path / "instruments" / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    wrong = library.load(tmp_path)
    monkeypatch.setattr(library, "get", lambda: wrong)
    [said] = [error.msg for error in run_checks() if error.id and error.id.startswith("mingcha")]
    assert said.startswith(f"规则库不能载入：{file}.toml: {reason}")


def holds(fields: Fields, given: dict[str, object]) -> bool:
    return all(
        fields[name].type is tuple or fields[name].holds(value)  # type: ignore[arg-type]
        for name, value in given.items()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "state", [CaseState.CLOSED, CaseState.NOT_FILED, CaseState.DISMISSED, CaseState.REVOKED, CaseState.DECIDED]
)
def test_what_facts_and_matters_hold_is_what_rules_may_ask_of_them(state: str) -> None:
    case = case_in(state, make_bureau())
    facts = known_facts()
    written = list(FactRecord.objects.all())
    assert len(written) > 1
    for record in written:
        assert set(record.payload) == set(facts[record.name]), record.name
        assert holds(facts[record.name], record.payload), record
    matters: list[Case | Notice | Review | Recording] = [case, *Notice.objects.all(), *Review.objects.all()]
    for matter in [*matters, *Recording.objects.all()]:
        given = matter.law_fields()
        assert set(given) == set(matter.LAW_FIELDS)
        assert holds(matter.LAW_FIELDS, given)


def test_every_check_says_what_may_be_asked_of_its_matter() -> None:
    fields = guard_fields()
    assert set(fields["two_certified_officers"]) == set(Case.LAW_FIELDS)
    assert set(fields["exclusion_reasoned"]) == set(Notice.LAW_FIELDS)
    assert "hearing_offered" in fields["rights_answered_or_waived"]
