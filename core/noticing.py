"""A year's holiday notice is published: enter it, recount what is open, tell the owners which dates moved and why."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import alerts, calendars, duties, registry
from core.duties import Move
from core.templatetags.mc import short_day

if TYPE_CHECKING:
    from agency.models import Official
    from rulebook.workdays import Notice

LINES = 20


@transaction.atomic
def enter(text: str, *, by: Official | None = None) -> tuple[Notice, list[Move]]:
    """Enter a notice given as TOML; returns it and the duties that moved. Raises RulebookError naming what is wrong; nothing changed then."""
    notice = calendars.enter_notice(text, by=by)
    # A notice may reach into the last days of the year before.
    moves = duties.recompute_for_calendar([notice.year - 1, notice.year])
    _tell_owners(notice, moves)
    return notice, moves


def _tell_owners(notice: Notice, moves: list[Move]) -> None:
    """One alert to each owner's officials, with all their dates."""
    by_owner: dict[int, list[Move]] = defaultdict(list)
    for move in moves:
        if move.duty.owner_unit_id is not None:
            by_owner[move.duty.owner_unit_id].append(move)
    now = timezone.localdate()
    for owner, moved in sorted(by_owner.items()):
        lines = [
            f"{move.duty.title}（{move.duty.subject_title}）：{short_day(move.old, now)}改为{short_day(move.new, now)}"
            for move in moved[:LINES]
        ]
        if len(moved) > LINES:
            lines.append(f"等共{len(moved)}项")
        alerts.warn(
            f"calendar:{notice.year}:{notice.digest[:16]}:unit:{owner}",
            to=registry.agency().recipients_of(owner),
            title=f"{notice.year}年放假安排已录入，{len(moved)}项期限改变",
            body=f"依据：{notice.citation}\n" + "\n".join(lines),
            url=reverse("desk:duties"),
            level="amber",
        )
