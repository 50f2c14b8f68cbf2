"""When the act ended, and so until when it may be punished."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core import duties
from core import facts as core_facts
from core.models import FactRecord
from enforcement import facts
from enforcement.models import ActEnd, Case
from enforcement.procedure import PENALTY

if TYPE_CHECKING:
    from agency.models import Official

LIMITATION = "limitation_of_penalty"


@transaction.atomic
def state_act_end(
    *,
    case: Case,
    by: Official,
    happened_at: datetime,
    act_end: str,
    act_ended_on: date | None,
    basis: str,
    grave_harm: str,
    grave_reason: str,
    discovered_at: datetime | None,
) -> Case:
    """State on which day the act ended, or that it still goes on (Penalty Law 36, inspection regulation 20).

    Discovery is the source's own moment, or `discovered_at` where the act was discovered elsewhere before. A statement takes the place of
    an earlier one, whose limitation is voided. Raises FactRefused when it says nothing new.
    """
    stated = {
        "act_end": act_end,
        "act_ended_on": act_ended_on,
        "act_end_basis": basis,
        "grave_harm": grave_harm,
        "grave_reason": grave_reason,
        "discovered_at": discovered_at,
    }
    former = Case.objects.values(*stated).get(pk=case.pk)
    if former == stated:
        raise core_facts.FactRefused("与已经登记的相同")
    case = PENALTY.move(case, "state_act_end", by=by, happened_at=happened_at, changes=stated)
    duties.undo(case.duties_of_its_own(LIMITATION), reason="违法行为终了之日已重新登记", at=happened_at)
    words = f"{basis}{grave_reason and f'　{case.get_grave_harm_display()}：{grave_reason}'}"
    is_grave = bool(grave_harm)
    if discovered_at is not None and discovered_at != former["discovered_at"]:
        core_facts.record(facts.ActDiscovered.of(case), happened_at=discovered_at, by=by)
    if act_end == ActEnd.ENDED and act_ended_on is not None:
        ended = facts.ActEnded.of(case, ended_on=act_ended_on, grave_harm=is_grave)
        core_facts.record(ended, happened_at=happened_at, by=by, reason=words)
        duties.meet(case.duties_of_its_own(LIMITATION), by=_discovery(case))
    else:
        core_facts.record(
            facts.ActContinues.of(case, grave_harm=is_grave), happened_at=happened_at, by=by, reason=words
        )
    return case


def _discovery(case: Case) -> FactRecord:
    """The fact that first tells of the act: its registration here, or its discovery elsewhere before."""
    fact = facts.SourceRegistered if case.discovered_at is None else facts.ActDiscovered
    found = FactRecord.objects.filter(stream=case.stream, name=fact.name).prefetch_related("corrections")
    return found.order_by("-pk")[0]
