"""Recordings in an agency of Yangquan: a written record always, no day to hand in, originals untouched, never disposed of early."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from core.access import NotPermitted, require
from core.lifecycle import StepRefused
from core.models import Duty, FactRecord
from enforcement.models import Case, CaseState
from recording import selectors, services
from recording.models import Recording
from recording.permissions import may_view_content
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, case_in, fresh, make_bureau
from tests.recording import samples
from tests.recording.acts import index, kept, register, store
from tests.recording.test_access import only_approved_by_another


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="yangquan-hrss")


def test_a_recording_owes_nothing_by_a_day_and_cites_no_other_citys_document(bureau: Bureau, act: Any) -> None:
    recording = register(bureau, act)
    assert not Duty.objects.filter(anchor=recording.stream).exists()
    assert selectors.time_to_hand_in(recording.unit_id) == ""
    assert {step.article for step in selectors.waiting_steps(fresh(bureau.lead))} == {""}


@pytest.mark.rule("YQ-REC-4")
def test_yq_rec_4_an_investigation_of_which_nothing_is_written_down_is_not_closed(bureau: Bureau) -> None:
    case = case_in(CaseState.INVESTIGATING, bureau)
    with pytest.raises(StepRefused) as refused:
        f.conclude(bureau, case)
    (demand,) = [each for each in refused.value.demands if each.text == "还没有登记取证行为"]
    assert {citation.rule_id for citation in demand.citations} == {"CN-PENALTY-47", "YQ-REC-4"}
    assert Case.objects.get(pk=case.pk).state == CaseState.INVESTIGATING


@pytest.mark.rule("YQ-REC-11a", "YQ-REC-11c", "YQ-REC-14")
def test_yq_rec_11_a_recording_is_not_disposed_of_before_its_year_nor_before_its_case(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path)
    with pytest.raises(IntegrityError, match="不得删除"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM recording_recording WHERE id = %s", [recording.pk])
    with pytest.raises(ProgrammingError, match="不得修改或者删除"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_storedfile WHERE id = %s", [recording.file_id])
    assert Recording.objects.filter(pk=recording.pk, file__isnull=False).exists()


@pytest.mark.rule("YQ-REC-14")
def test_yq_rec_14_an_original_is_not_replaced_and_the_refusal_cites_the_prohibition(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    before = (recording.sha256, FactRecord.objects.count())
    with pytest.raises(StepRefused, match="不得替换、删节或者修改") as refused:
        store(bureau, recording, samples.video(tmp_path / "b.mp4", seconds=1))
    assert {citation.rule_id for citation in refused.value.demands[0].citations} == {"YQ-REC-14"}
    recording.refresh_from_db()
    assert (recording.sha256, FactRecord.objects.count()) == before


@pytest.mark.rule("YQ-REC-14")
def test_yq_rec_14_nobody_looks_without_approval(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    recording = index(bureau, kept(bureau, act, tmp_path))
    permit = may_view_content(fresh(bureau.stranger), recording)
    with pytest.raises(NotPermitted, match="调阅音像记录须经审批"):
        require(permit)
    assert permit.citation is None or permit.citation.rule_id == "YQ-REC-14"
    with pytest.raises(NotPermitted, match="调阅音像记录须经审批"):
        services.record_access(recording=recording, by=fresh(bureau.stranger))


@pytest.mark.rule("YQ-REC-14")
def test_yq_rec_14_no_approval_is_ones_own_or_without_who_and_when(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    only_approved_by_another(bureau, kept(bureau, act, tmp_path))
