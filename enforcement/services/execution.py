"""What is done about a fine that is not paid: the written demand, and the application to the court."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core import duties
from core import facts as core_facts
from enforcement import documents, facts
from enforcement.models import Case, CaseDocument, CourtApplication, PerformanceDemand
from enforcement.procedure import PENALTY

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from agency.models import Official

APPLICATION = "apply_to_court"
# What no longer runs when the fine is paid or its decision revoked.
OF_COMPULSION = (APPLICATION, "perform_on_demand")


@transaction.atomic
def demand_performance(
    *, case: Case, by: Official, happened_at: datetime, content: str, recipient: str, file: UploadedFile | None
) -> Case:
    """Record that a written demand to pay reached the party; its ten days start (Coercion Law 54)."""
    case = PENALTY.move(case, "demand_performance", by=by, happened_at=happened_at)
    demand = PerformanceDemand(case=case, served_at=happened_at, recipient=recipient, content=content, served_by=by)
    if file is not None:
        kind = CaseDocument.Kind.DEMAND
        demand.file = documents.attach(case, kind, title=str(kind.label), upload=file, at=happened_at, by=by)
    demand.save()
    core_facts.record(facts.PerformanceDemanded.of(case, demand=demand.pk), happened_at=happened_at, by=by)
    return case


@transaction.atomic
def state_remedies_ended(*, case: Case, by: Official, happened_at: datetime, ended_on: date, basis: str) -> Case:
    """State on which day the party's terms for review and suit ran out unused; the right to ask the court starts (Coercion Law 53).

    A later statement takes the place of an earlier one, whose right is voided.
    """
    stated = {"remedies_ended_on": ended_on, "remedies_basis": basis}
    if Case.objects.values(*stated).get(pk=case.pk) == stated:
        raise core_facts.FactRefused("与已经登记的相同")
    case = PENALTY.move(case, "state_remedies_ended", by=by, happened_at=happened_at, changes=stated)
    duties.undo(case.duties_of_its_own(APPLICATION), reason="复议、诉讼期限届满之日已重新登记", at=happened_at)
    core_facts.record(facts.RemediesEnded.of(case, ended_on=ended_on), happened_at=happened_at, by=by, reason=basis)
    return case


@transaction.atomic
def apply_to_court(*, case: Case, by: Official, happened_at: datetime, court: str, file: UploadedFile | None) -> Case:
    """Record that the court was asked to enforce the decision (Coercion Law 53)."""
    case = PENALTY.move(case, "apply_to_court", by=by, happened_at=happened_at)
    application = CourtApplication(case=case, court=court, applied_at=happened_at, signed_by=by)
    if file is not None:
        kind = CaseDocument.Kind.COURT
        application.file = documents.attach(case, kind, title=str(kind.label), upload=file, at=happened_at, by=by)
    application.save()
    core_facts.record(facts.CourtAsked.of(case, application=application.pk), happened_at=happened_at, by=by)
    return case


def end_compulsion(case: Case, *, at: datetime, reason: str) -> None:
    """Nothing is asked of the party or the court any more."""
    own = [duty for name in OF_COMPULSION for duty in case.duties_of_its_own(name) if duty.is_open]
    duties.void(own, reason=reason, at=at)
