"""Who may take which act on a case. One predicate an act; each answers with its reason, and with the article where one says who.

A reason without an article is a house rule (本机关规定).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import law, registry
from core.access import Permit

if TYPE_CHECKING:
    from agency.models import Official
    from core.models import FactRecord
    from enforcement.models import Case, CaseRequest, MomentCorrection, PreservationRequest


def may_register(official: Official, unit_id: int) -> Permit:
    """Staff register the sources of their own section."""
    if not official.works_in(unit_id):
        return Permit.no("案源由承办科室的人员登记")
    return Permit.yes


def may_propose(official: Official, case: Case) -> Permit:
    """Any member of the section may propose filing."""
    if not official.works_in(case.unit_id):
        return Permit.no("由承办科室的人员呈报")
    return Permit.yes


def may_approve(official: Official, case: Case) -> Permit:
    """The section head files, and never what they proposed or investigate themselves."""
    if not official.heads(case.unit_id):
        return Permit.no("立案由科室负责人批准")
    return _not_own(official, case, "立案")


def may_investigate(official: Official, case: Case) -> Permit:
    """The officers of the case investigate it."""
    if not official.works_in(case.unit_id) or not any(row.official_id == official.pk for row in case.officers.all()):
        return Permit.no("由本案承办人办理")
    return Permit.yes


def may_state_act_end(official: Official, case: Case) -> Permit:
    """The officers of the case; before it is filed and has officers, any member of the section."""
    return may_investigate(official, case) if case.filed_at else may_propose(official, case)


def may_sign(official: Official, case: Case) -> Permit:
    """The leader in charge decides, and never on an own investigation."""
    if not official.leads(case.unit_id):
        return Permit.no("决定由分管负责人作出", law.cite("CN-PENALTY-57", case.unit_id))
    return _not_own(official, case, "决定")


def may_extend_investigation(official: Official, case: Case) -> Permit:
    """The leader in charge lengthens an investigation, and never an own one."""
    if not official.leads(case.unit_id):
        return Permit.no("延长调查期限由分管负责人批准", law.cite("CN-INSPECTION-17b", case.unit_id))
    return _not_own(official, case, "延长调查期限")


def may_apply_to_court(official: Official, case: Case) -> Permit:
    """The leader in charge signs the application, and never of an own investigation (Coercion Law 55)."""
    if not official.leads(case.unit_id):
        return Permit.no("强制执行申请书由行政机关负责人签名", law.cite("CN-COERCION-55a", case.unit_id))
    return _not_own(official, case, "强制执行申请")


def may_close(official: Official, case: Case) -> Permit:
    """The section head approves the closing, and never of an own case."""
    if not official.heads(case.unit_id):
        return Permit.no("结案由科室负责人批准")
    return _not_own(official, case, "结案")


def may_ask_correction(official: Official, case: Case, record: FactRecord | None = None) -> Permit:
    """Members of the section ask that a wrongly entered moment be put right; for a fact of an app above, whom that app names."""
    offered = registry.correctable(record.name) if record is not None else None
    if offered is not None and offered.may_ask is not None and record is not None:
        return offered.may_ask(official, record)
    if not official.works_in(case.unit_id):
        return Permit.no("由承办科室的人员申请更正")
    return Permit.yes


def may_approve_correction(official: Official, request: MomentCorrection) -> Permit:
    """The section head or the leader in charge; never who asked, and never in an own case."""
    if not (official.heads(request.unit_id) or official.leads(request.unit_id)):
        return Permit.no("更正由科室负责人或者分管负责人批准")
    return _not_asked(official, request) and _not_own(official, request.case, "更正")


def may_approve_preservation(official: Official, request: PreservationRequest) -> Permit:
    """The leader in charge or the chief; never who asked, and never in an own case (Penalty Law 56)."""
    if not official.leads(request.unit_id):
        return Permit.no("先行登记保存须经行政机关负责人批准", law.cite("CN-PENALTY-56a", request.unit_id))
    return _not_asked(official, request) and _not_own(official, request.case, "先行登记保存")


def may_change_request(official: Official, request: CaseRequest) -> Permit:
    """Who asked changes the request or takes it back, while they work in the section."""
    if request.requested_by_id != official.pk:
        return Permit.no("由申请人办理")
    if official.works_in(request.unit_id):
        return Permit.yes
    record = getattr(request, "record", None)
    if record is not None and may_ask_correction(official, request.case, record):
        return Permit.yes
    return Permit.no("由承办科室的人员办理")


def may_see_complainant(official: Official, case: Case) -> Permit:
    """Who complained or reported is known to the case's own officers, its head and leader only (inspection regulation 9)."""
    if (
        case.handled_by(official)
        or case.source.registered_by_id == official.pk
        or official.heads(case.unit_id)
        or official.leads(case.unit_id)
    ):
        return Permit.yes
    return Permit.no("投诉举报人信息保密，仅承办人员和负责人可见")


def _not_asked(official: Official, request: CaseRequest) -> Permit:
    if request.requested_by_id == official.pk:
        return Permit.no("不得批准自己提出的申请")
    return Permit.yes


def _not_own(official: Official, case: Case, act: str) -> Permit:
    if case.handled_by(official):
        return Permit.no(f"不得批准自己承办的案件的{act}")
    return Permit.yes
