"""What recordings show on a case's page and on the custodian's first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from agency.roles import Role
from core.registry import Panel
from recording import selectors
from recording.permissions import may_hand_in_for

if TYPE_CHECKING:
    from agency.models import Official
    from enforcement.selectors import CaseFile

ROWS = 5


def case_panel(request: HttpRequest, file: CaseFile) -> Panel | None:
    """The strip of each act's recordings in the course; every act with its recordings, and where the next one is handed in."""
    case = file.case
    acts = selectors.of_case(case)
    if not acts:
        return None
    official: Any = request.user
    offers = not case.is_ended and bool(may_hand_in_for(official, case))
    return Panel(
        template="recording/_case_panel.html",
        context={"acts": acts, "offers": offers},
        entries=tuple(selectors.case_entries(acts)),
    )


def home_panel(request: HttpRequest, official: Official) -> Panel | None:
    """For a records custodian: the recordings that are not handed in or not indexed yet, the most pressing first."""
    if not official.units_as(Role.RECORDS_CUSTODIAN):
        return None
    rows = selectors.most_pressing(official, ROWS + 1)
    return Panel("recording/_home_panel.html", {"rows": rows[:ROWS], "more": len(rows) > ROWS})
