"""Everything the page of one case shows, read once: the same object answers the page, its procedure's guards and the panels of the apps above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps

from agency import selectors as agency
from core import together
from core.access import sees
from core.lifecycle import NextStep, in_order
from core.models import Duty, Explanation, FactRecord, LedgerEntry, StoredFile
from core.registry import Panel
from core.together import Part, attach, attach_one
from enforcement.models import (
    ActOfficer,
    ActRecording,
    Case,
    CaseDocument,
    CaseOfficer,
    CollectiveDiscussion,
    Conclusion,
    CorrectionOrder,
    CourtApplication,
    Decision,
    DecisionDraft,
    EvidenceAct,
    Hearing,
    Party,
    Payment,
    PerformanceDemand,
    RightsAnswer,
    RightsNotice,
    Service,
    Source,
)
from enforcement.procedure import PENALTY

if TYPE_CHECKING:
    from agency.models import Official

_OF_CASE: Final = "t.case_id = %(case)s"
_OF_ACTS: Final = "t.act_id IN (SELECT id FROM enforcement_evidenceact WHERE case_id = %(case)s)"
_EXPLAINING_OPEN: Final = """
t.id IN (SELECT explained_by_id FROM core_duty WHERE file_stream = %(stream)s AND met_at IS NULL AND voided_at IS NULL)
"""
PARTS: Final = {
    "unit": Part(apps.get_model("agency", "Unit"), "t.id = %(unit)s", only=("name", "short_name")),
    "source": Part(Source, "t.id = %(source)s"),
    "party": Part(Party, "t.id = %(party)s"),
    "conclusion": Part(Conclusion, _OF_CASE, only=("case", "concluded_at")),
    "decision": Part(Decision, _OF_CASE),
    "service": Part(Service, _OF_CASE),
    "payment": Part(Payment, _OF_CASE),
    "court_application": Part(CourtApplication, _OF_CASE),
    "demands": Part(PerformanceDemand, _OF_CASE, "t.served_at, t.id"),
    "officers": Part(CaseOfficer, _OF_CASE, "t.part DESC, t.id"),
    "acts": Part(EvidenceAct, _OF_CASE, "t.started_at, t.id"),
    "act_officers": Part(ActOfficer, _OF_ACTS),
    "act_recordings": Part(ActRecording, _OF_ACTS),
    "corrections": Part(CorrectionOrder, _OF_CASE, "t.issued_at, t.id"),
    "notices": Part(RightsNotice, _OF_CASE),
    "answers": Part(
        RightsAnswer,
        "t.notice_id IN (SELECT id FROM enforcement_rightsnotice WHERE case_id = %(case)s)",
        "t.answered_at, t.id",
    ),
    "hearings": Part(Hearing, _OF_CASE),
    "drafts": Part(DecisionDraft, _OF_CASE, "t.version"),
    "discussions": Part(CollectiveDiscussion, _OF_CASE),
    "documents": Part(CaseDocument, _OF_CASE, "t.made_at DESC, t.id DESC"),
    "files": Part(
        StoredFile, "t.id IN (SELECT file_id FROM enforcement_casedocument WHERE case_id = %(case)s)", only=("name",)
    ),
    "records": Part(FactRecord, "t.stream = %(stream)s"),
    "duties": Part(Duty, "t.file_stream = %(stream)s", "t.due_at, t.id"),
    # Long, and shown of an open one alone.
    "explanations": Part(Explanation, _EXPLAINING_OPEN, only=("body",)),
    "lines": Part(LedgerEntry, "t.stream = %(stream)s", only=("seq",)),
}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with its rows: `case.acts`, `.notices`, `.drafts` and the others give what was read with it.

    `records` are its facts in the order they were entered, `duties` all that hang on it or on parts of it (a review, a recording).
    """

    case: Case
    duties: list[Duty]
    records: list[FactRecord]
    documents: list[CaseDocument]
    ledger_lines: int


def open_file(official: Official, pk: int) -> CaseFile:
    """The file of a case the official may see. Raises Case.DoesNotExist: an id one may not see answers like an absent one."""
    case = together.one(Case, pk)
    if not sees(official, case):
        raise Case.DoesNotExist
    given = {
        "case": case.pk,
        "stream": case.stream,
        "unit": case.unit_id,
        "source": case.source_id,
        "party": case.party_id,
    }
    rows = dict(zip(PARTS, together.read(tuple(PARTS.values()), given), strict=True))
    for name in ("unit", "source", "party", "conclusion", "decision", "service", "payment", "court_application"):
        attach_one(case, name, next(iter(rows[name]), None))
    _attach_acts(case, rows)
    _attach_rights(case, rows)
    for name in ("officers", "corrections", "hearings", "drafts", "discussions", "demands"):
        attach(case, name, rows[name])
    files = {file.pk: file for file in rows["files"]}
    for document in rows["documents"]:
        attach_one(document, "file", files.get(document.file_id))
    explanations = {explanation.pk: explanation for explanation in rows["explanations"]}
    for duty in rows["duties"]:
        if duty.explained_by_id in explanations:
            attach_one(duty, "explained_by", explanations[duty.explained_by_id])
    _name_people(case, rows)
    case.duties_read = [duty for duty in rows["duties"] if duty.anchor == case.stream]
    return CaseFile(case, rows["duties"], rows["records"], rows["documents"], len(rows["lines"]))


def next_steps(
    file: CaseFile, official: Official, panels: Iterable[Panel], now: datetime | None = None
) -> list[NextStep]:
    """What comes next on a case, the expected first: steps of its own procedure that concern it, and those of the panels of the apps above.

    A demand that cannot be put right anywhere says that the step does not concern this case; a side step that is somebody else's is no news.
    """
    own = [
        step
        for step in PENALTY.next_steps(file.case, official, now)
        if all(unmet.fix for unmet in step.unmet) and (step.permit or step.step.primary)
    ]
    return in_order([*own, *(step for panel in panels for step in panel.steps)])


def _attach_acts(case: Case, rows: Mapping[str, list[Any]]) -> None:
    attach(case, "acts", rows["acts"])
    officers, recordings = _by("act_id", rows["act_officers"]), _by("act_id", rows["act_recordings"])
    for act in rows["acts"]:
        attach_one(act, "case", case)
        attach(act, "officers", officers.get(act.pk, ()))
        attach(act, "recordings", recordings.get(act.pk, ()))


def _attach_rights(case: Case, rows: Mapping[str, list[Any]]) -> None:
    attach(case, "notices", rows["notices"])
    answers = _by("notice_id", rows["answers"])
    for notice in rows["notices"]:
        attach(notice, "answers", answers.get(notice.pk, ()))


def _name_people(case: Case, rows: Mapping[str, list[Any]]) -> None:
    """Everybody the page names, with their certificates, by one statement."""
    places = [
        *((row, "official") for name in ("officers", "act_officers") for row in rows[name]),
        *((record, name) for record in rows["records"] for name in ("recorded_by", "approved_by")),
        *((decision, "signed_by") for decision in rows["decision"]),
        (case, "filed_by"),
    ]
    wanted = {pk for row, name in places if (pk := getattr(row, f"{name}_id")) is not None}
    people = agency.people(wanted)
    for row, name in places:
        attach_one(row, name, people.get(getattr(row, f"{name}_id")))
    corrections = _by("corrects_id", rows["records"])
    for record in rows["records"]:
        attach(record, "corrections", corrections.get(record.pk, ()))


def _by(name: str, rows: Iterable[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found
