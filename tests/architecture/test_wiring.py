"""The rulebook names nothing that code does not have, and the borders hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.utils.module_loading import import_string

from config.coverage import coverage, mechanisms
from core import constraints
from core.constraints import Checked, Trigger
from recording.models import Recording
from rulebook import library

ROOT = Path(__file__).resolve().parents[2]


def test_every_fact_and_guard_of_the_rulebook_exists() -> None:
    assert [str(error) for error in run_checks() if error.id and error.id.startswith("mingcha")] == []


def test_every_constraint_holds_a_rule_and_is_there() -> None:
    assert library.get().constraints_named() == constraints.keys()


def test_a_constraint_that_the_model_does_not_have_is_not_registered() -> None:
    with pytest.raises(ValueError, match="Recording has no constraint nowhere"):
        Checked(Recording, "nowhere")


@pytest.mark.django_db
def test_every_registered_trigger_stands_in_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(constraints.missing_triggers()) == []
    lost = constraints.Constraint("lost", print, (Trigger("recording_recording", "gone"),))
    monkeypatch.setitem(constraints._constraints, "lost", lost)
    assert list(constraints.missing_triggers()) == [Trigger("recording_recording", "gone")]


def test_a_rule_that_names_an_unknown_constraint_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(constraints._constraints, "recording_elements")
    found = [error.msg for error in run_checks() if error.id and error.id.startswith("mingcha")]
    assert found == [
        f"规则库不能载入：{file}: {rule}: constraint 所指约束 recording_elements 没有实现"
        for file, rule in (
            ("weihai-2020-supervision-measures.toml", "WH-MEAS-16a"),
            ("weihai-hrss-2022-supervision-plan.toml", "WH-PLAN-6.2b"),
        )
    ]
    with pytest.raises(KeyError, match="recording_elements"):
        mechanisms(library.get().rule("WH-MEAS-16a"))


def test_the_coverage_names_code_that_is_there_for_every_enforced_rule() -> None:
    rows = {row["id"]: row for row in coverage({})}
    for rule in library.get().rules:
        row = rows[rule.id]
        assert bool(row["enforced_by"]) == bool(row["mechanisms"]) == rule.is_enforced, rule.id
        assert all(import_string(name) for name in row["mechanisms"] if ": " not in name)
    assert rows["CN-PENALTY-57"]["mechanisms"] == [
        "enforcement.guards.written_conclusion",
        "enforcement.guards.collective_discussion",
    ]
    assert rows["WH-MEAS-16a"]["mechanisms"][:2] == [
        "recording.forms.IndexForm",
        "recording_recording: an_indexed_recording_has_its_five_elements_weihai_16",
    ]


def test_imports_go_downwards_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
