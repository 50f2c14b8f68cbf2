"""What supervision shows on the first screen of those who owe nothing themselves: what is overdue in the units they watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from core.registry import Panel
from supervision import boards
from supervision.permissions import may_see_board

if TYPE_CHECKING:
    from agency.models import Official

ROWS = 5


def home_panel(request: HttpRequest, official: Official) -> Panel | None:
    """The longest overdue of the year; nothing for who has a list of their own, or no board."""
    if official.owing_unit_ids or not may_see_board(official):
        return None
    now = timezone.now()
    red = boards.red_duties(official, year=timezone.localdate(now).year, now=now)
    return Panel(
        "supervision/_home_panel.html", {"lines": boards.lines_of(official, red[:ROWS]), "more": len(red) > ROWS}
    )
