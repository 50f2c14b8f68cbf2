"""Who may take which act on a notice. One predicate an act; each answers with its reason and article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agency.roles import Role
from core.access import Permit

if TYPE_CHECKING:
    from agency.models import Official
    from disclosure.models import Notice


def may_prepare(official: Official, notice: Notice) -> Permit:
    """The section that handled the case checks the redaction and sends the notice to review."""
    if not official.works_in(notice.unit_id):
        return Permit.no("公示稿由承办科室核对并送审")
    return Permit.yes


def may_review(official: Official, notice: Notice) -> Permit:
    """A disclosure reviewer, and never of what they investigated, prepared or sent in themselves."""
    if not official.has_role(Role.DISCLOSURE_REVIEWER):
        return Permit.no("由公示审核人员审核")
    if notice.was_prepared_by(official):
        return Permit.no("本案承办人员和送审人员不得审核本件公示")
    return Permit.yes


def may_withdraw(official: Official, notice: Notice) -> Permit:
    """The head of the section, its leader or a disclosure reviewer: a text that must go may not wait for one person."""
    if official.heads(notice.unit_id) or official.leads(notice.unit_id) or official.has_role(Role.DISCLOSURE_REVIEWER):
        return Permit.yes
    return Permit.no("撤回由科室负责人、分管领导或者公示审核人员办理")
