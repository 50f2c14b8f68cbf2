"""Recordings in a bureau bound by Liaoyuan's recording system: handed in within two working days, kept, and shown with the approval of
the leader in charge.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from core.access import NotPermitted
from core.models import Duty, Grant
from enforcement.models import Case
from recording import selectors, services
from recording.models import AccessRequest, Recording
from tests.enforcement.factories import Bureau, accept, at, evidence, fresh, make_bureau, new_case, propose
from tests.recording import samples
from tests.recording.acts import kept, register, store, unmet_of_recordings
from tests.recording.test_access import only_approved_by_another, see, viewings


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau(profile="liaoyuan-hrss")


def asked(bureau: Bureau, recording: Recording) -> AccessRequest:
    return services.request_access(
        recording=recording, by=fresh(bureau.clerk), purpose="核对工资台账", until=date(2099, 1, 1)
    )


# --- handed in ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-36b")
def test_ly_rec_36b_the_end_of_a_recording_starts_two_working_days_to_store_it(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    # 2026-02-13 is a Friday; the 14th, a Saturday, is worked, then comes the Spring Festival.
    recording = register(bureau, act, start="2026-02-13 09:00", end="2026-02-13 10:00")
    duty = Duty.objects.get(anchor=recording.stream, obligation="store_recording")
    assert (duty.rule_id, str(duty.due_day)) == ("LY-REC-36b", "2026-02-24")
    assert [basis["rule"] for basis in duty.bases] == ["LY-REC-36b"]
    assert duty.citation.text == "《辽源市人力资源和社会保障局行政执法全过程记录制度》第三十六条"
    assert duty.owner_unit_id == bureau.section.pk
    recording = store(bureau, recording, samples.video(tmp_path / "a.mp4"))
    duty.refresh_from_db()
    assert duty.met_at == recording.stored_at


@pytest.mark.rule("LY-REC-36b")
def test_ly_rec_36b_no_case_is_closed_with_a_recording_kept_by_an_officer(
    bureau: Bureau, case: Any, act: Any, tmp_path: Path
) -> None:
    recording = register(bureau, act)
    (demand,) = unmet_of_recordings(case, at("2026-03-20 10:00"), bureau.head)
    assert demand.text == "1月14日现场检查的录像没有入库"
    assert [citation.rule_id for citation in demand.citations] == ["LY-REC-36b"]
    # stored is enough here: an index is not what this document asks for
    store(bureau, recording, samples.video(tmp_path / "a.mp4"))
    assert unmet_of_recordings(Case.objects.get(pk=case.pk), at("2026-03-20 10:00"), bureau.head) == []


@pytest.mark.rule("LY-REC-36b")
def test_ly_rec_36b_the_form_says_the_time_of_this_bureau(bureau: Bureau, act: Any, desk: Any) -> None:
    page = desk(bureau.lead).get(reverse("recording:upload", args=[act.pk])).content.decode()
    assert "2个工作日内入库的期限从这一天起算" in page


# --- kept -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-37a", "LY-REC-37b")
def test_ly_rec_37_neither_a_recording_nor_its_file_goes_before_its_time_or_before_its_case(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    recording = store(bureau, register(bureau, act), samples.video(tmp_path / "a.mp4"))
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="不得删除"), transaction.atomic():
            cursor.execute("DELETE FROM recording_recording WHERE id = %s", [recording.pk])
        with pytest.raises(ProgrammingError, match="不得修改或者删除"), transaction.atomic():
            cursor.execute("DELETE FROM core_storedfile WHERE id = %s", [recording.file_id])


# --- shown ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("LY-REC-42")
@pytest.mark.parametrize(("who", "status"), [("lead", 200), ("head", 200), ("leader", 200), ("clerk", 403)])
def test_ly_rec_42_who_is_not_concerned_sees_nothing_unapproved_and_reads_the_article(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path, who: str, status: int
) -> None:
    recording = kept(bureau, act, tmp_path)
    answer = see(desk(bureau.all[who]), recording)
    assert answer.status_code == status
    assert viewings(recording) == ([bureau.all[who].pk] if status == 200 else [])
    if status == 403:
        page = answer.content.decode()
        assert "调阅音像记录须经审批" in page
        assert reverse("desk:rule", args=["LY-REC-42"]) in page
        assert "WH-PLAN" not in page


@pytest.mark.rule("LY-REC-42")
def test_ly_rec_42_the_leader_in_charge_approves_and_the_section_head_may_not(
    bureau: Bureau, act: Any, desk: Any, tmp_path: Path
) -> None:
    recording = kept(bureau, act, tmp_path)
    request = asked(bureau, recording)
    for decide in (services.approve_access, services.refuse_access):
        with pytest.raises(NotPermitted) as refused:
            decide(request=request, by=fresh(bureau.head), remarks="同意")
        assert refused.value.permit.reason == "调阅音像记录由分管负责人审批"
        assert refused.value.permit.citation is not None
        assert refused.value.permit.citation.rule_id == "LY-REC-42"
    assert not Grant.objects.filter(stream=recording.stream).exists()
    page = desk(bureau.head).get(request.get_absolute_url()).content.decode()
    assert "调阅音像记录由分管负责人审批" in page

    services.approve_access(request=request, by=fresh(bureau.leader), remarks="同意")
    assert see(desk(bureau.clerk), recording).status_code == 200
    Grant.objects.update(to_at=timezone.now())
    assert see(desk(bureau.clerk), recording).status_code == 403


@pytest.mark.rule("LY-REC-42")
def test_ly_rec_42_no_approval_is_ones_own_or_without_who_and_when(bureau: Bureau, act: Any, tmp_path: Path) -> None:
    only_approved_by_another(bureau, kept(bureau, act, tmp_path))


@pytest.mark.rule("LY-REC-42")
def test_ly_rec_42_a_request_waits_for_the_leader_and_not_for_the_head(
    bureau: Bureau, act: Any, tmp_path: Path
) -> None:
    request = asked(bureau, kept(bureau, act, tmp_path))

    def waiting(person: Any) -> list[str]:
        return [step.url for step in selectors.waiting_steps(fresh(person)) if step.label == "审批调阅录像"]

    assert waiting(bureau.leader) == [request.get_absolute_url()]
    assert waiting(bureau.head) == []


@pytest.mark.rule("WH-PLAN-6.4a")
def test_wh_plan_6_leaves_open_who_approves_so_the_head_may_too(db: None, tmp_path: Path) -> None:
    weihai = make_bureau()
    act = evidence(weihai, accept(weihai, propose(weihai, new_case(weihai)))).acts.get()
    request = asked(weihai, kept(weihai, act, tmp_path))
    assert [step.url for step in selectors.waiting_steps(fresh(weihai.head)) if step.label == "审批调阅录像"]
    assert services.approve_access(request=request, by=fresh(weihai.head), remarks="").state == "approved"
