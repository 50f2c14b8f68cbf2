"""What the demonstration's people ask and others approve: corrected moments and registered preservation, one in every state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from config.demo.people import Cast
from config.demo.stories import TEAMS, Story
from core.models import FactRecord
from enforcement import services as enforcement
from enforcement.models import Case, PreservationRequest

# Whose fact was entered how much too late, and what became of the request.
CORRECTIONS = (
    ("示例渔具有限公司", "enforcement.decision_served", timedelta(days=1), "requested"),
    ("示例会展服务有限公司", "enforcement.fine_paid", timedelta(hours=1), "sent_back"),
    ("示例模具有限公司", "enforcement.source_registered", timedelta(minutes=15), "approved"),
    ("示例海产养殖有限公司", "enforcement.fine_paid", timedelta(hours=2), "withdrawn"),
)
PRESERVATIONS = (
    ("示例水产加工有限公司", "requested"),
    ("示例保洁服务有限公司", "sent_back"),
    ("某某示例船舶配套有限公司", "approved"),
    ("示例酒店管理有限公司", "withdrawn"),
)


def ask(cast: Cast, stories: Iterable[Story]) -> None:
    """Ask and answer, each by who may."""
    by_party = {story.party: story for story in stories}
    for party, fact, late, state in CORRECTIONS:
        _correct(cast, by_party[party], fact, late, state)
    for party, state in PRESERVATIONS:
        _preserve(cast, by_party[party], state)


def _correct(cast: Cast, story: Story, fact: str, late: timedelta, state: str) -> None:
    case, head = story.the_case, cast.people[TEAMS[story.unit][2]]
    lead = case.officers.all()[0].official
    record = FactRecord.objects.get(stream=case.stream, name=fact)
    request = enforcement.request_moment_correction(
        case=case,
        record=record,
        by=lead,
        happened_at=record.happened_at - late,
        reason="录入时看错了纸质材料上的时间，以材料上的时间为准。",
    )
    match state:
        case "sent_back":
            enforcement.send_back_moment_correction(request=request, by=head, remarks="请写明依据哪一份材料。")
        case "approved":
            enforcement.approve_moment_correction(request=request, by=head, version=request.version)
        case "withdrawn":
            enforcement.withdraw_moment_correction(request=request, by=request.requested_by)


def _preserve(cast: Cast, story: Story, state: str) -> None:
    case, leader = story.the_case, cast.people["zhou"]
    lead = case.officers.all()[0].official
    asked_at = case.last_step_at + timedelta(minutes=30)
    enforcement.request_preservation(
        case=case,
        by=lead,
        happened_at=asked_at,
        place=f"{story.party}办公场所",
        items="近三个月的工资支付台账和考勤记录",
        reason="当事人正在整理搬运财务资料，台账可能灭失。",
    )
    request = PreservationRequest.objects.get(case=case)
    match state:
        case "sent_back":
            enforcement.send_back_preservation(request=request, by=leader, remarks="请写明台账的月份和册数。")
        case "withdrawn":
            enforcement.withdraw_preservation(request=request, by=lead)
        case "approved":
            approved = enforcement.approve_preservation(
                request=request, by=leader, happened_at=asked_at + timedelta(minutes=10), version=request.version
            )
            _register(case, approved)


def _register(case: Case, approved: PreservationRequest) -> None:
    started_at = approved.requested_at + timedelta(minutes=25)
    officers = [row.official for row in case.officers.all()]
    enforcement.record_evidence_act(
        case=case,
        by=officers[0],
        kind="registered_preservation",
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=40),
        place=approved.place,
        officers=officers,
        persons="单位负责人",
        certificates_shown=True,
        rights_told=True,
        preservation=approved,
        summary="登记保存工资支付台账和考勤记录，当事人负责人在清单上签字。",
        note=None,
    )
