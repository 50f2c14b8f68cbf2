"""The audit of accounts and roles: one event, one line, never changed, kept six months at least."""

from __future__ import annotations

from typing import Final

from django.db import connection

from agency.models import AuditEvent, Official

Action = AuditEvent.Action
# Six months have at most 184 days.
KEPT_DAYS_AT_LEAST: Final = 184


def note(
    action: AuditEvent.Action,
    *,
    by: Official | None,
    of: Official | None = None,
    address: str | None = None,
    detail: str = "",
) -> AuditEvent:
    """Write one event down. `by` is None for a person unknown or for the server's command line."""
    return AuditEvent.objects.create(action=action, actor=by, official=of, address=address, detail=detail)


def purge(*, older_than_days: int) -> int:
    """Delete events older than so many days; returns how many. ValueError below what must be kept (the database refuses it too)."""
    if older_than_days < KEPT_DAYS_AT_LEAST:
        raise ValueError(f"审计记录保存不少于六个月（{KEPT_DAYS_AT_LEAST}天）")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM agency_auditevent WHERE at < now() - make_interval(days => %s)", [older_than_days])
        return int(cursor.rowcount)
