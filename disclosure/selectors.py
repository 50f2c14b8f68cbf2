"""What the desk reads of notices. Everything goes through what the official may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse

from core import law, together
from core.access import sees
from core.lifecycle import NextStep
from core.models import Duty, FactRecord
from core.paging import NEWEST_FIRST, Page, page_of
from core.registry import Panel, SearchHit, WaitingStep
from core.search import fold, matching, terms_of
from core.timeline import Entry
from core.together import Part
from disclosure import drafting
from disclosure.models import Notice, NoticeQuerySet, NoticeState, public_field_labels
from disclosure.procedure import NOTICE
from disclosure.redaction import Mask, Why
from disclosure.services import PUBLISH_DUTY
from enforcement import selectors as enforcement

if TYPE_CHECKING:
    from django.http import HttpRequest

    from agency.models import Official
    from core.models.duties import DutyQuerySet
    from enforcement.selectors import CaseFile

WAITING_SHOWN = 200
FOUND = 10


# --- the list ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: the notice and, until it is settled, its duty."""

    notice: Notice
    duty: Duty | None


def visible(official: Official) -> NoticeQuerySet:
    found: NoticeQuerySet = Notice.objects.visible_to(official).select_related("unit")
    return found


def page_of_notices(official: Official, *, state: str, cursor: str) -> Page[Notice]:
    """One page, newest first; `state` empty for all, "unsettled" for what is still to be done."""
    rows = visible(official)
    if state == "unsettled":
        rows = rows.unsettled()
    elif state in NoticeState.values:
        rows = rows.filter(state=state)
    return page_of(rows, cursor, by=NEWEST_FIRST, unit="件")


def with_duties(notices: Iterable[Notice]) -> list[Row]:
    """The notices with their duty to publish, in one statement."""
    notices = list(notices)
    owed = Duty.objects.filter(anchor__in=[notice.case_stream for notice in notices], obligation=PUBLISH_DUTY)
    by_anchor = {duty.anchor: duty for duty in owed}
    return [Row(notice, by_anchor.get(notice.case_stream)) for notice in notices]


def counts_of_unsettled(official: Official) -> Counter[str]:
    """How many notices wait in each unsettled state; a few dozen rows, from a partial index."""
    return Counter(Notice.objects.visible_to(official).unsettled().order_by().values_list("state", flat=True))


# --- one notice -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of the decision beside its public text. Pieces are (text, what is masked there or None)."""

    label: str
    original: tuple[tuple[str, str | None], ...]
    public: tuple[tuple[str, str | None], ...]
    is_edited: bool = False


def comparison(notice: Notice) -> list[Compared]:
    """Decision and notice side by side, masked parts marked on both sides. Identity numbers are on neither."""
    decision = enforcement.decision_for_publication(notice.case_id)
    party = decision.case.party
    persons = drafting.persons_of(notice.case_id)
    rows = [
        _whole("行政相对人名称", party.name, notice.party_name),
        _whole("法定代表人", party.legal_representative, notice.legal_representative),
    ]
    for column, redacted in drafting.redactions_of(decision, notice, persons).items():
        published: str = getattr(notice, column)
        edited = published != redacted.text
        public = [(published, None)] if edited else _pieces(redacted.pieces(public=True))
        label = str(public_field_labels()[column])
        rows.append(Compared(label, tuple(_pieces(redacted.pieces(public=False))), tuple(public), edited))
    return [row for row in rows if row.original or row.public]


def _whole(label: str, original: str, public: str) -> Compared:
    why = Why.PERSON.value if original != public else None
    return Compared(label, ((original, why),) if original else (), ((public, why),) if public else ())


def _pieces(pieces: Iterator[tuple[str, Mask | None]]) -> list[tuple[str, str | None]]:
    return [(text, mask.why.value if mask else None) for text, mask in pieces]


def next_steps(notice: Notice, official: Official) -> list[NextStep]:
    """The steps that concern this notice; one whose demand can be put right nowhere does not."""
    return [step for step in NOTICE.next_steps(notice, official) if not any(unmet.fix == "" for unmet in step.unmet)]


def redaction_lines(notice: Notice) -> list[dict[str, Any]]:
    """The redaction record with the labels of its fields."""
    labels = public_field_labels()
    return [{"label": labels[line["field"]], "why": line["why"], "count": line["count"]} for line in notice.redactions]


ICONS = {
    "disclosure.drafted": "document",
    "disclosure.redrafted": "document",
    "disclosure.correction_begun": "document",
    "disclosure.submitted": "send",
    "disclosure.exclusion_proposed": "send",
    "disclosure.sent_back": "back",
    "disclosure.published": "eye",
    "disclosure.withheld": "lock",
    "disclosure.withdrawn": "warn",
    "disclosure.cancelled": "minus-circle",
}


def _articles(notice: Notice) -> dict[str, Any]:
    """The article under which each act stands, by the fact it leaves."""
    steps = {
        "disclosure.published": "publish",
        "disclosure.exclusion_proposed": "propose_exclusion",
        "disclosure.withheld": "withhold",
        "disclosure.withdrawn": "withdraw",
        "disclosure.correction_begun": "correct",
    }
    cited = {fact: law.cite_act(NOTICE[key].article, notice.unit_id) for fact, key in steps.items()}
    return {fact: citation for fact, citation in cited.items() if citation is not None}


def timeline(notice: Notice, official: Official) -> list[Entry]:
    """What happened to the notice, and what is owed of it, as far as the official may open it: sight of a notice is no sight of its case."""
    articles = _articles(notice)
    records = FactRecord.objects.filter(stream=notice.stream).select_related("recorded_by").order_by("pk")
    entries = [
        Entry(
            at=record.happened_at,
            title=record.label,
            icon=ICONS.get(record.name, "document"),
            tone="key" if record.name in ("disclosure.published", "disclosure.withdrawn") else "plain",
            who="系统自动生成" if record.name == "disclosure.drafted" else record.recorded_by.name,
            citations=(articles[record.name],) if record.name in articles else (),
            recorded_at=record.shown_recorded_at,
        )
        for record in records
    ]
    return entries + [Entry.of_duty(duty) for duty in _duties(notice).visible_to(official) if duty.is_open]


def duties_of(notice: Notice) -> list[Duty]:
    """The duties that this notice meets: to publish, and to withdraw."""
    return list(_duties(notice).select_related("explained_by"))


def _duties(notice: Notice) -> DutyQuerySet:
    found: DutyQuerySet = Duty.objects.of_anchor(notice.case_stream)
    return found.filter(obligation__in=[PUBLISH_DUTY, "withdraw_publication"])


# --- for other pages --------------------------------------------------------------------------------------------


def waiting_steps(official: Official) -> list[WaitingStep]:
    """Steps on notices that the official may take now."""
    waiting = Notice.objects.visible_to(official).unsettled().order_by("last_step_at")[:WAITING_SHOWN]
    return [
        WaitingStep(
            label=step.label,
            title=notice.title,
            url=notice.step_url(step.key),
            since=notice.last_step_at,
            article=law.short_of_act(step.article, notice.unit_id),
            number=notice.number,
        )
        for notice, step in NOTICE.waiting_for(waiting, official)
        if notice.decision_revoked_at is None or step.key == "cancel"
    ]


def search_hits(official: Official, query: str) -> list[SearchHit]:
    """Notices by party, number or words: published ones by the index, unsettled ones (few) by looking at each."""
    if not terms_of(query):
        return []
    published = list(matching(visible(official).published(), "search_text", query)[:FOUND])
    plain = fold(query).strip()
    unsettled = visible(official).unsettled().filter(Q(title__icontains=plain) | Q(number__icontains=query.strip()))
    return [
        SearchHit(
            title=notice.title,
            url=notice.get_absolute_url(),
            kind="公示信息",
            detail=f"{notice.number}　{notice.get_state_display()}",
        )
        for notice in [*published, *unsettled[:FOUND]][:FOUND]
    ]


def notice_of_case(case_id: int) -> Notice | None:
    """The notice of a case; of several the one that corrects the others."""
    return Notice.objects.filter(case_id=case_id).order_by("-pk").first()


_NOTICES: Final = Part(
    Notice, "t.case_id = %(case)s", without=("facts", "basis", "content", "redactions", "prepared_by", "search_text")
)
# All notices of the case hang on it: a corrected one and the one it corrects.
_TOLD: Final = (
    "t.name IN ('disclosure.published', 'disclosure.withheld', 'disclosure.withdrawn', 'disclosure.redrafted')"
    " AND t.anchor = %(stream)s"
)
_RECORDS: Final = Part(FactRecord, _TOLD)
_PEOPLE: Final = Part(
    get_user_model(),
    f"t.id IN (SELECT t.recorded_by_id FROM core_factrecord t WHERE {_TOLD})",  # noqa: S608  (constant text)
    only=("name",),
)


def case_panel(request: HttpRequest, file: CaseFile) -> Panel | None:
    """The notice of a case on the case's page, its acts as lines of the course; nothing before the decision."""
    notices, records, people = together.read(
        (_NOTICES, _RECORDS, _PEOPLE), {"case": file.case.pk, "stream": file.case.stream}
    )
    if not notices:
        return None
    notice = notices[-1]
    seen = sees(cast("Official", request.user), notice)
    named = {official.pk: official.name for official in people}
    articles = _articles(notice)
    entries = tuple(
        Entry(
            at=record.happened_at,
            title=record.label,
            icon=ICONS[record.name],
            tone="key",
            who=named[record.recorded_by_id],
            citations=(articles[record.name],) if record.name in articles else (),
            links=(("公示页", public_url_of(record.stream)),) if record.name == "disclosure.published" else (),
            recorded_at=record.shown_recorded_at,
        )
        for record in records
    )
    return Panel("disclosure/_case_panel.html", {"notice": notice, "may_open": seen}, entries)


def public_url_of(stream: str) -> str:
    """Where the public reads the notice of this stream, or that it was withdrawn."""
    return reverse("public:notice", args=[stream.removeprefix("notice:")])


def correction_of(official: Official, notice: Notice) -> Notice | None:
    """The notice drafted in this one's place, for those who may see it."""
    return visible(official).filter(replaces=notice).first()


def case_url(official: Official, notice: Notice) -> str:
    """Where the case is read, for those who may; empty for a reviewer who sees the notice only."""
    case = enforcement.cases_visible_to(official).filter(pk=notice.case_id).first()
    return case.get_absolute_url() if case else ""


def list_url(state: str = "") -> str:
    return reverse("disclosure:list") + (f"?state={state}" if state else "")
