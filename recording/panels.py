"""What recordings show on a case's page: their line of the course, and every act with its recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from core.registry import Panel
from recording import selectors
from recording.permissions import may_hand_in_for

if TYPE_CHECKING:
    from enforcement.selectors import CaseFile


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
