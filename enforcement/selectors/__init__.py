"""Reading cases: for pages, for other apps, for the desk's lists."""

from enforcement.selectors.casefile import CaseFile, next_steps, open_file
from enforcement.selectors.course import correction_url, replaced_entries
from enforcement.selectors.lists import (
    case_page,
    cases_awaiting_review,
    cases_visible_to,
    cases_with_words,
    search_hits,
    waiting_steps,
)
from enforcement.selectors.material import (
    decision_for_publication,
    decision_of,
    evidence_of,
    named_in,
    papers_of,
)
from enforcement.selectors.people import presiders_of, sections_of
from enforcement.selectors.requests import is_outdated, open_requests, previews_of, requests_of, waiting_requests
from enforcement.selectors.texts import (
    BLANK,
    draft_defaults,
    evidence_list,
    findings_so_far,
    notice_defaults,
    surcharge_at,
)

__all__ = [
    "BLANK",
    "CaseFile",
    "case_page",
    "cases_awaiting_review",
    "cases_visible_to",
    "cases_with_words",
    "correction_url",
    "decision_for_publication",
    "decision_of",
    "draft_defaults",
    "evidence_list",
    "evidence_of",
    "findings_so_far",
    "is_outdated",
    "named_in",
    "next_steps",
    "notice_defaults",
    "open_file",
    "open_requests",
    "papers_of",
    "presiders_of",
    "previews_of",
    "replaced_entries",
    "requests_of",
    "search_hits",
    "sections_of",
    "surcharge_at",
    "waiting_requests",
    "waiting_steps",
]
