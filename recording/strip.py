"""The parts of one act's recordings on one line of time, with every break, laid out for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone

if TYPE_CHECKING:
    from recording.models import Recording

WIDTH: Final = 640
# A break of seconds in hours must still be seen, and a part hold its name.
NARROWEST_BREAK: Final = 6.0
ROOM_FOR_NAME: Final = 44.0
ROOM_FOR_TIME: Final = 40.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of the line: `x` and `width` of 640, its name where there is room, when it begins (None where no room)."""

    x: float
    width: float
    name: str
    starts: str
    is_break: bool = False
    is_faulty: bool = False
    is_explained: bool = False
    is_missing: bool = False

    @property
    def name_x(self) -> float:
        return self.x + 8


@dataclass(frozen=True, slots=True)
class Strip:
    """All bars, the end of the line in words, and the whole told to those who do not see it."""

    key: int
    bars: tuple[Bar, ...]
    ends: str
    told: str


def length_in_words(seconds: float) -> str:
    """1小时32分48秒; seconds alone under a minute."""
    whole = round(seconds)
    hours, minutes, left = whole // 3600, whole % 3600 // 60, whole % 60
    return "".join(
        part
        for part in (
            f"{hours}小时" if hours else "",
            f"{minutes}分" if minutes else "",
            f"{left}秒" if left or whole < 60 else "",
        )
    )


def lay_out(recordings: Sequence[Recording]) -> Strip | None:
    """The strip of the recordings of one act, or None where there is none."""
    parts = sorted(recordings, key=lambda part: (part.started_at, part.pk))
    if not parts:
        return None
    begin, end = parts[0].started_at, max(part.made_at for part in parts)
    scale = WIDTH / max((end - begin).total_seconds(), 1.0)

    def at(moment: datetime) -> float:
        return (moment - begin).total_seconds() * scale

    bars: list[Bar] = []
    told: list[str] = []
    labelled = -ROOM_FOR_TIME

    def label(x: float, moment: datetime) -> str:
        """The time below the line, where neither the one before nor the end stands already."""
        nonlocal labelled
        if x - labelled < ROOM_FOR_TIME or x > WIDTH - 2 * ROOM_FOR_TIME:
            return ""
        labelled = x
        return _clock(moment)

    for part in parts:
        explained = part.gap_seconds <= part.explained_seconds
        word = "已" if explained else "未"
        if part.pause_before:
            since = part.started_at - timedelta(seconds=part.pause_before)
            bars.append(_break(at(since), at(part.started_at), label(at(since), since), explained))
            told.append(f"中断{_clock(since)}至{_clock(part.started_at)}，{word}说明")
        x, width = at(part.started_at), max(at(part.made_at) - at(part.started_at), 2.0)
        breaks = [(part.started_at + timedelta(seconds=float(gap["at"])), float(gap["seconds"])) for gap in part.gaps]
        room = min([width, *(at(since) - x for since, _ in breaks)])
        bars.append(
            Bar(
                x=round(x, 1),
                width=round(min(width, WIDTH - x), 1),
                name=f"片段{part.sequence}" if room >= ROOM_FOR_NAME else "",
                starts=label(x, part.started_at),
                is_faulty=bool(part.faults),
                is_missing=not part.is_stored,
            )
        )
        state = "、".join(part.flag_labels) if part.is_stored else "待入库"
        told.append(
            f"片段{part.sequence} {_clock(part.started_at)}至{_clock(part.made_at)}{'，' + state if state else ''}"
        )
        for since, seconds in breaks:
            until = since + timedelta(seconds=seconds)
            bars.append(_break(at(since), at(until), label(at(since), since), explained))
            told.append(f"中断{_clock(since)}起{length_in_words(seconds)}，{word}说明")
    return Strip(key=parts[0].pk, bars=tuple(bars), ends=_clock(end), told="；".join(told))


def _break(x: float, until: float, starts: str, explained: bool) -> Bar:
    width = max(until - x, NARROWEST_BREAK)
    x = min(x, WIDTH - width)
    return Bar(x=round(x, 1), width=round(width, 1), name="", starts=starts, is_break=True, is_explained=explained)


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
