"""5, 5b: the first sweep of many open duties, and the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from bench.figures import Figure, ratio
from bench.harness import Runner, race
from bench.servers import CHECKOUT
from bench.stage import Stage

WRITTEN = "recipient_id, key, level, duty_id, threshold, rank, title, body, url, raised_at, wants_mail, at_once, on_behalf_of_id"
FLOOR = f"INSERT INTO floor_alert ({WRITTEN}) SELECT {WRITTEN} FROM floor_crossing ON CONFLICT DO NOTHING"
# Rows that only one of the two wrote.
SAME = f"""
SELECT count(*) FROM (
    (SELECT {WRITTEN} FROM core_alert EXCEPT SELECT {WRITTEN} FROM floor_crossing)
    UNION ALL (SELECT {WRITTEN} FROM floor_crossing EXCEPT SELECT {WRITTEN} FROM core_alert)
) AS differing
"""


def measure(stage: Stage) -> Iterator[Figure]:
    """The product's sweep against one bare insert of the same rows; both commit."""
    from django.db import connection
    from django.utils import timezone

    from config.loadtest.bureau import PROFILE
    from core import alerts, law
    from core.models import Alert, Duty

    # At night and on days off the sweep leaves out nearly everything: measure it at the last moment at which it does all its work.
    now = alerts.last_at_work(law.rulebook().profile(PROFILE).alerts, timezone.now())
    complaint = _against_an_oracle(now)
    if complaint:
        yield Figure("5", "first sweep", "one insert", None, 1.5, 1.1, void=complaint)
        return
    stage.database.script(CHECKOUT / "bench" / "floor" / "sweep.sql")
    owner = stage.database.connect()
    rows = Alert.objects.count()

    def empty(table: str) -> None:
        # Outside the clock: every round starts with no alert and no dead row.
        with owner.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table}")

    def insert() -> int:
        with owner.cursor() as cursor:
            cursor.execute(FLOOR)
            return int(cursor.rowcount)

    def is_all(written: object) -> str:
        return "" if written == rows else f"wrote {written} alerts instead of {rows}"

    def is_all_and_the_same(written: object) -> str:
        with connection.cursor() as cursor:
            cursor.execute(SAME)
            differing = cursor.fetchone()[0]
        return is_all(written) or (f"{differing} alerts differ" if differing else "")

    with owner.cursor() as cursor:
        cursor.execute("GRANT SELECT ON floor_crossing TO PUBLIC")
    first = race(
        [
            Runner("sweep", lambda: alerts.raise_due(now), is_all_and_the_same, before=lambda: empty("core_alert")),
            Runner("insert", insert, is_all, before=lambda: empty("floor_alert")),
        ],
        floor="insert", rounds=stage.size.rounds_over(rows), warm_ups=1,
    )  # fmt: skip
    many = f"{Duty.objects.open().count():,} open duties, {rows:,} alerts"
    yield ratio(
        "5", "first sweep of open duties", "one INSERT … SELECT … ON CONFLICT DO NOTHING of the crossings",
        first, "sweep", "insert", must=1.5, aim=1.1, note=many,
    )  # fmt: skip
    if not Alert.objects.exists():
        alerts.raise_due(now)
    again = alerts.raise_due(now)
    yield Figure("5b", "rows that the second sweep writes", "a number", again, 0, 0, is_count=True)
    owner.close()


def _against_an_oracle(now: datetime) -> str:
    """Raise once, and compare the number with what walking the duties one by one gives."""
    from django.utils import timezone

    from core import alerts, calendars, law
    from core.models import Duty

    raised = alerts.raise_due(now)
    own = {rule.id: rule.alert_before for rule in law.rulebook().rules if rule.alert_before}
    calendar, today = calendars.current(), timezone.localdate(now)
    told: dict[int, list[alerts.Recipient]] = {}
    for each in alerts.recipients_at(now):
        told.setdefault(each.unit, []).append(each)
    expected = 0
    open_ones = Duty.objects.open().filter(
        paused_from__isnull=True, deadline_precedes_rule=False, owner_unit__isnull=False
    )
    columns = open_ones.exclude(owed_by__in=Duty.NEVER_RED_OWERS).values_list("owner_unit", "kind", "rule_id", "alert_from", "due_at")  # fmt: skip
    known: dict[tuple[object, ...], int] = {}
    for unit, kind, rule, alert_from, due_at in columns.iterator(chunk_size=10_000):
        key = (unit, kind, rule, alert_from, due_at)
        if key not in known:
            known[key] = 0
            left = calendar.working_days_between(today, alert_from) if alert_from >= today else -1
            late = calendar.working_days_between(timezone.localdate(due_at), calendar.previous_working_day(today))
            is_late = kind in Duty.RED_KINDS and due_at < now
            # Nothing that was counted in days ends before the last second of its day.
            is_urgent = timezone.localtime(due_at).time() != time(23, 59, 59)
            hours = (now - due_at).total_seconds() / 3600
            for each in told.get(unit, []):
                if each.is_urgent != is_urgent:
                    continue
                if is_urgent:
                    ranks = [-before for before in each.plan.urgent.before if hours > -before]
                    ranks += [after for after in each.plan.urgent.overdue if is_late and hours > after]
                else:
                    ranks = [-days for days in own.get(rule, each.plan.before) if left <= days]
                    ranks += [0] if each.plan.on_the_day and alert_from <= today else []
                    ranks += [days for days in each.plan.overdue if is_late and (days == 1 or late >= days)]
                known[key] += sum(rank >= each.since for rank in ranks)
        expected += known[key]
    return "" if raised == expected else f"{raised} alerts, but walking the duties gives {expected}"
