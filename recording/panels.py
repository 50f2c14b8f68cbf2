"""What recordings show on a case's page: their line of the course, and every act with its recordings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from core.registry import Panel
from recording import selectors
from recording.permissions import may_hand_in_for


def case_timeline(request: HttpRequest, case: Any) -> Panel | None:
    """The strip of each act's recordings, as timeline entries."""
    entries = list(selectors.case_entries(selectors.of_case(case)))
    return Panel(template="", context={"entries": entries}) if entries else None


def case_aside(request: HttpRequest, case: Any) -> Panel | None:
    """Every act with its recordings, and where the next one is handed in."""
    acts = selectors.of_case(case)
    if not acts:
        return None
    official: Any = request.user
    offers = not case.is_ended and bool(may_hand_in_for(official, case))
    return Panel(template="recording/_case_panel.html", context={"acts": acts, "offers": offers})
