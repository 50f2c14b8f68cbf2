"""Who may take which act on a case. One predicate an act; each answers with its reason and article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import law
from core.access import Permit

if TYPE_CHECKING:
    from agency.models import Official
    from enforcement.models import Case


def may_register(official: Official, unit_id: int) -> Permit:
    """Staff register the sources of their own section."""
    if not official.works_in(unit_id):
        return Permit.no("案源由承办科室的人员登记", law.cite("CN-INSPECTION-14", unit_id))
    return Permit.yes


def may_propose(official: Official, case: Case) -> Permit:
    """Any member of the section may propose filing."""
    if not official.works_in(case.unit_id):
        return Permit.no("由承办科室的人员呈报", law.cite("CN-PENALTY-54", case.unit_id))
    return Permit.yes


def may_approve(official: Official, case: Case) -> Permit:
    """The section head files, and never what they proposed or investigate themselves."""
    if not official.heads(case.unit_id):
        return Permit.no("立案由科室负责人批准", law.cite("CN-PENALTY-54", case.unit_id))
    return _not_own(official, case, "立案")


def may_investigate(official: Official, case: Case) -> Permit:
    """The officers of the case investigate it."""
    if not official.works_in(case.unit_id) or not any(row.official_id == official.pk for row in case.officers.all()):
        return Permit.no("由本案承办人办理", law.cite("CN-PENALTY-42", case.unit_id))
    return Permit.yes


def may_sign(official: Official, case: Case) -> Permit:
    """The leader in charge decides, and never on an own investigation."""
    if not official.leads(case.unit_id):
        return Permit.no("决定由分管负责人作出", law.cite("CN-PENALTY-57", case.unit_id))
    return _not_own(official, case, "决定")


def may_close(official: Official, case: Case) -> Permit:
    """The section head approves the closing, and never of an own case."""
    if not official.heads(case.unit_id):
        return Permit.no("结案由科室负责人批准", law.cite("WH-MEAS-18", case.unit_id))
    return _not_own(official, case, "结案")


def may_correct(official: Official, case: Case) -> Permit:
    """The officers of the case correct a wrongly entered moment; before there are any, the section's members."""
    if not official.works_in(case.unit_id):
        return Permit.no("由承办科室的人员更正")
    return Permit.yes


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


def _not_own(official: Official, case: Case, act: str) -> Permit:
    if case.handled_by(official):
        return Permit.no(f"不得批准自己承办的案件的{act}", law.cite("CN-PENALTY-57", case.unit_id))
    return Permit.yes
