"""Who may report for a unit, and who may look at plan and boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.access import Permit

if TYPE_CHECKING:
    from agency.models import Official
    from supervision.plan import Owed


def may_report(official: Official, owed: Owed) -> Permit:
    """Staff and heads of the unit that owes the report, of the legal office also its reviewers, for the whole agency its leaders; those who
    supervise it only read (WH-PLAN-10).
    """
    if owed.rule.owed_by == "agency":
        return Permit.yes if official.leads(owed.owner_id) else Permit.no("由机关的负责人报送")
    if not (official.works_in(owed.owner_id) or official.reviews_in(owed.owner_id)):
        return Permit.no("由本科室、单位的承办人或者负责人报送")
    return Permit.yes


def may_see_plan(official: Official) -> bool:
    """Everybody who works in enforcement; administrators run the installation and see no case."""
    return not official.is_administrator


def may_see_board(official: Official) -> bool:
    """Supervisors, leaders and heads see their units, staff their own section; figures without a unit would be nobody's."""
    return may_see_plan(official) and bool(official.unit_ids)
