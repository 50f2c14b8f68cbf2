"""Who may do what with a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from agency.roles import Role
from core import law
from core.access import Permit
from core.models import Grant
from rulebook.model import APPROVERS

if TYPE_CHECKING:
    from agency.models import Official
    from recording.models import AccessRequest, Recording
    from rulebook.model import Rule

# The act of a grant that opens the content of one recording.
SIGHT = "recording_access"


def may_hand_in_for(official: Official, case: Any) -> Permit:
    """The officers of the case register, hand in, index and explain its recordings."""
    if not official.works_in(case.unit_id) or not case.handled_by(official):
        return Permit.no("由本案承办人办理")
    return Permit.yes


def may_hand_in(official: Official, recording: Recording) -> Permit:
    return may_hand_in_for(official, recording.case)


def may_view_content(official: Official, recording: Recording) -> Permit:
    """The case's own officers, the head of their section and the leader in charge; others by an approved request (WH-PLAN-6.4a, LY-REC-42)."""
    unit = recording.unit_id
    if official.is_administrator:
        return Permit.no("管理员不得查看案件内容")
    if (
        (official.works_in(unit) and recording.case.handled_by(official))
        or official.heads(unit)
        or official.leads(unit)
    ):
        return Permit.yes
    if Grant.objects.open_to(official).filter(stream=recording.stream, act=SIGHT).exists():
        return Permit.yes
    rule = next(iter(_access_rules(unit)), None)
    return Permit.no("调阅音像记录须经审批", law.cite(rule.id, unit) if rule else None)


def may_decide_access(official: Official, request: AccessRequest) -> Permit:
    """Whom the rules name (LY-REC-42: the leader in charge); where none does, also the head of the section. Never on an own request."""
    unit = request.unit_id
    for rule in _access_rules(unit):
        if rule.approver and not official.approves_as(rule.approver, unit):
            return Permit.no(f"调阅音像记录由{APPROVERS[rule.approver]}审批", law.cite(rule.id, unit))
    if not (official.heads(unit) or official.leads(unit)):
        return Permit.no("调阅音像记录由承办科室负责人或者分管负责人审批")
    if request.requester_id == official.pk:
        return Permit.no("不得审批自己的调阅申请")
    return Permit.yes


def _access_rules(unit_id: int) -> tuple[Rule, ...]:
    """The rules in force today that let nobody unconcerned see a recording without approval."""
    return law.held_by("recording_access_approved", unit_id=unit_id, on=timezone.localdate())


def may_register_device(official: Official, unit_id: int) -> Permit:
    """The head of the unit or who keeps its recordings maintains the register of devices."""
    if unit_id in official.units_as(Role.SECTION_HEAD, Role.RECORDS_CUSTODIAN):
        return Permit.yes
    return Permit.no("音像设备由科室负责人或者档案与音像管理员登记")
