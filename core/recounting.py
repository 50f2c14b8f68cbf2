"""The calendar changed: counting open duties anew, many at a time.

Duties under the same rules, of the same profile, begun on the same day, with the same pauses and extension end on the same day. So each
such group is counted once, by the code that counts a single duty, and the rows take over what was counted in one statement a batch.
A batch locks its rows for a moment only and waits for nobody: what somebody else holds just then is left to the next pass.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from core import duties, law
from core.calendars import Difference
from core.models import Duty
from core.models.explanations import KEEP
from rulebook.model import RulebookError
from rulebook.workdays import Calendar

BATCH = 5000
# Groups are remembered from one batch to the next: a few kilobytes each.
REMEMBERED = 20_000

# What decides when a duty ends, as one text: how it was counted (rules, profile, first day or minute, pauses, extension), the day whose
# version of the rules holds, and where another fact began some of it, that fact.
KEY = """
concat_ws('|', d.explained_by_id, (d.opened_at AT TIME ZONE 'Asia/Shanghai')::date, jsonb_path_query_array(d.bases, '$[*].since')::text,
          d.pauses::text, d.extended_on::text)
"""
# Open, touching the changed days, not yet counted with the calendar that is in use now.
OPEN = """
  FROM core_duty d JOIN core_explanation e ON e.id = d.explained_by_id
 WHERE d.met_at IS NULL AND d.voided_at IS NULL
   AND greatest(d.day_zero, d.nominal_day, (d.due_at AT TIME ZONE 'Asia/Shanghai')::date) >= %(first)s
   AND least(d.day_zero, d.alert_from, (d.due_at AT TIME ZONE 'Asia/Shanghai')::date) <= %(last)s
   AND e.calendar_digest <> %(digest)s
"""
GROUPS = f"SELECT {KEY} AS key, d.due_at, d.owner_unit_id, count(*), min(d.id) {OPEN} GROUP BY 1, 2, 3"
NEXT = f"SELECT d.id, {KEY}, d.xmin::text {OPEN} AND d.id > %(after)s ORDER BY d.id LIMIT %(size)s"
OF_GROUPS = f"SELECT d.id, {KEY}, d.xmin::text {OPEN} AND {KEY} = ANY (%(keys)s) ORDER BY d.id LIMIT %(size)s"
EVERY = f"""
WITH held AS (SELECT d.id, d.due_at, {KEY} AS key {OPEN})
SELECT h.id, h.due_at, n.due_at FROM held h JOIN unnest(%(keys)s::text[], %(dues)s::timestamptz[]) AS n (key, due_at) USING (key)
 WHERE h.due_at <> n.due_at ORDER BY least(h.due_at, n.due_at), h.id
"""  # noqa: S608  (constant text)
LISTED = f"{EVERY} LIMIT %(size)s OFFSET %(offset)s"
# The columns of a duty that counting sets, with their types; besides them its explanation, a row of its own.
COUNTED = {
    "rule_id": "text",
    "title": "text",
    "adopted": "boolean",
    "provisional": "boolean",
    "deadline_precedes_rule": "boolean",
    "day_zero": "date",
    "nominal_day": "date",
    "due_at": "timestamptz",
    "alert_from": "date",
    "bases": "jsonb",
}
# Only rows that are still as they were read: another version of a row has another xmin.
MOVE = f"""
WITH held AS MATERIALIZED (
  SELECT d.id, d.due_at, d.owner_unit_id, s.place
    FROM core_duty d JOIN unnest(%(ids)s::bigint[], %(versions)s::text[], %(places)s::int[]) AS s (id, version, place) ON s.id = d.id
   WHERE d.xmin::text = s.version ORDER BY d.id FOR UPDATE OF d SKIP LOCKED
), counted AS MATERIALIZED (
  SELECT c.*, {KEEP}(c.explanation) AS explained_by_id
    FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in COUNTED.items())}, %(explanation)s::jsonb[])
           WITH ORDINALITY AS c ({", ".join(COUNTED)}, explanation, place)
), done AS (
  UPDATE core_duty d SET {", ".join(f"{name} = c.{name}" for name in COUNTED)}, explained_by_id = c.explained_by_id
    FROM held h JOIN counted c USING (place) WHERE d.id = h.id
  RETURNING d.id, d.owner_unit_id, h.due_at AS old_due, d.due_at AS new_due
), moved AS (
  INSERT INTO core_calendarmove (change_id, duty_id, owner_unit_id, old_due, new_due, urgent_at)
  SELECT %(change)s, id, owner_unit_id, old_due, new_due, least(old_due, new_due) FROM done WHERE old_due <> new_due
  ON CONFLICT (duty_id, change_id) DO UPDATE
     SET new_due = excluded.new_due, urgent_at = least(core_calendarmove.old_due, excluded.new_due)
  RETURNING 1
)
SELECT count(*) FROM moved
"""  # noqa: S608  (constant text)


@dataclass(frozen=True, slots=True)
class Counted:
    """What counting gave one group. `values`, the columns of COUNTED and the explanation, is None where nothing is to be written: it
    says the same with this calendar as with the one it names, or it could not be counted (then `due_at` is None, and `why` says so).
    """

    due_at: datetime | None
    values: tuple[Any, ...] | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Moving:
    """One open duty that a notice would move."""

    duty: Duty
    old: datetime
    new: datetime

    @property
    def is_earlier(self) -> bool:
        return self.new < self.old


@dataclass(slots=True)
class Preview:
    """What a change of the calendar would move. `by_owner` counts by the unit that owes; None is nobody inside."""

    total: int = 0
    earlier: int = 0
    touched: int = 0
    by_owner: Counter[int | None] = field(default_factory=Counter)
    rows: list[Moving] = field(default_factory=list)
    # Why some duties cannot be counted anew, and how many; they keep their date.
    kept: Counter[str] = field(default_factory=Counter)


class Recount:
    """Counting open duties with another calendar."""

    _remembered: dict[tuple[str, str], dict[str, Counted]] = {}

    def __init__(self, calendar: Calendar, difference: Difference) -> None:
        self.calendar = calendar
        book = law.rulebook()
        self._given: dict[str, Any] = {
            "first": difference.first,
            "last": difference.last,
            "digest": calendar.digest,
        }
        self._memory = (calendar.digest, book.digest)
        groups = self._remembered.get(self._memory)
        if groups is None:
            # One calendar at a time: a second one means that the first is done with.
            self._remembered.clear()
            groups = self._remembered[self._memory] = {}
        self._groups = groups

    def preview(self, *, size: int, offset: int = 0) -> Preview:
        """Every open duty that would move: how many, whose, and `size` of them from `offset` on, the most urgent first. Nothing is written."""
        found = Preview()
        groups = self._ask(GROUPS)
        self._count({key: pk for key, _, _, _, pk in groups})
        moving: list[tuple[datetime, str, int]] = []
        for key, old, owner, count, _ in groups:
            found.touched += count
            counted = self._groups[key]
            if counted.due_at is None:
                found.kept[counted.why] += count
            elif counted.due_at != old:
                found.total += count
                found.earlier += count if counted.due_at < old else 0
                found.by_owner[owner] += count
                moving.append((min(old, counted.due_at), key, count))
        found.rows = self._listed(moving, size, offset)
        return found

    def every_move(self, *, size: int = 1000) -> Iterator[list[tuple[int, datetime, datetime]]]:
        """Every open duty that would move (its id, its old and its new end), the most urgent first, in parts of `size`. One statement, whose
        rows the server hands out as they are asked for.
        """
        groups = self._ask(GROUPS)
        self._count({key: pk for key, _, _, _, pk in groups})
        dues = {key: due for key, old, *_ in groups if (due := self._groups[key].due_at) not in (None, old)}
        if not dues:
            return
        with connection.chunked_cursor() as cursor:
            cursor.execute(EVERY, {**self._given, "keys": list(dues), "dues": list(dues.values())})
            while rows := cursor.fetchmany(size):
                yield rows

    def _listed(self, moving: list[tuple[datetime, str, int]], size: int, offset: int) -> list[Moving]:
        """Only the groups that can stand on this page are asked for."""
        keys: set[str] = set()
        before, last = 0, None
        for urgent_at, key, count in sorted(moving):
            if before >= offset + size and urgent_at != last:
                break
            keys.add(key)
            before, last = before + count, urgent_at
        if not keys:
            return []
        dues = {key: self._groups[key].due_at for key in sorted(keys)}
        rows = self._ask(LISTED, keys=list(dues), dues=list(dues.values()), size=size, offset=offset)
        known = Duty.objects.select_related("owner_unit").in_bulk([pk for pk, _, _ in rows])
        return [Moving(known[pk], old, new) for pk, old, new in rows if pk in known]

    def batch(self, *, change: int, after: int, size: int = BATCH) -> tuple[int | None, int]:
        """Count the next duties anew, note for `change` which of them moved; returns where to go on (None: that was all) and how many moved.

        In a transaction. Safe to run twice and twice at once: what has been counted anew is not found again.
        """
        rows = self._ask(NEXT, after=after, size=size)
        return (rows[-1][0] if len(rows) == size else None), self._write(rows, change)

    def rest(self, *, change: int, size: int = BATCH) -> int:
        """Count what others held or wrote while the batches went over it; returns how many moved."""
        keys = self._left()
        return self._write(self._ask(OF_GROUPS, keys=keys, size=size), change) if keys else 0

    def has_left(self) -> bool:
        """Whether some duty is still to be written, other than those that cannot be counted."""
        return bool(self._left())

    def _left(self) -> list[str]:
        groups = self._ask(GROUPS)
        self._count({key: pk for key, _, _, _, pk in groups})
        return sorted({key for key, *_ in groups if self._groups[key].values is not None})

    def _write(self, rows: list[tuple[Any, ...]], change: int) -> int:
        """What counting changes in these rows; how many of them moved."""
        representatives: dict[str, int] = {}
        for pk, key, _ in rows:
            representatives.setdefault(key, pk)
        self._count(representatives)
        known = [(key, values) for key in representatives if (values := self._groups[key].values) is not None]
        moved = 0
        if known:
            places = {key: place for place, (key, _) in enumerate(known, start=1)}
            ids, versions, of = zip(*((pk, seen, places[key]) for pk, key, seen in rows if key in places), strict=True)
            columns = dict(
                zip(
                    (*COUNTED, "explanation"),
                    map(list, zip(*(values for _, values in known), strict=True)),
                    strict=True,
                )
            )
            given = {"ids": list(ids), "versions": list(versions), "places": list(of), "change": change}
            [(moved,)] = self._ask(MOVE, **given, **columns)
        return moved

    def forget(self) -> None:
        """Give the memory back."""
        self._remembered.clear()

    def _count(self, representatives: dict[str, int]) -> None:
        """Count one duty of every group that is not known yet."""
        unknown = {key: pk for key, pk in representatives.items() if key not in self._groups}
        if unknown and len(self._groups) + len(unknown) > REMEMBERED:
            # A new memory, so that whoever else counts at this moment keeps theirs.
            self._groups = self._remembered[self._memory] = {}
            unknown = representatives
        pairs = iter(unknown.items())
        while part := list(islice(pairs, 1000)):
            rows = Duty.objects.select_related("explained_by").in_bulk([pk for _, pk in part])
            for key, pk in part:
                self._groups[key] = _counted(rows.get(pk), key, self.calendar)

    def _ask(self, sql: str, **given: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self._given, **given})
            return list(cursor.fetchall())


def _counted(duty: Duty | None, key: str, calendar: Calendar) -> Counted:
    if duty is None or not key.startswith(f"{duty.explained_by_id}|"):
        # Somebody wrote it since its group was read. Its group waits for the pass that comes after.
        return Counted(None, None, "期限正在变动")
    try:
        anew = duties.counted_anew(duty, calendar)
    except RulebookError as refused:
        # An extension approved in time under the old calendar, for one. What was lawfully granted is not taken back.
        return Counted(None, None, str(refused))
    values = {name: getattr(anew, name) for name in (*COUNTED, "explanation")}
    if all(_but_for_the_calendar(getattr(duty, name)) == _but_for_the_calendar(values[name]) for name in values):
        # The days that changed say nothing about it; it stays as it was counted, like those that do not touch these days.
        return Counted(anew.due_at, None)
    for name in ("explanation", "bases"):
        values[name] = json.dumps(values[name], ensure_ascii=False)
    return Counted(anew.due_at, tuple(values.values()))


def _but_for_the_calendar(value: Any) -> Any:
    return {**value, "calendar": None} if isinstance(value, dict) else value
