"""S11: who did what is kept, as one line, for six months at least, and nobody changes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from agency import audit
from agency.audit import Action
from agency.models import AuditEvent
from tests.agency.conftest import Bureau, signed_in


def aged(days: int) -> AuditEvent:
    """An event as it stands so many days later. Only the owner can make one; the serving role's moment is the database's."""
    event = audit.note(Action.UNLOCKED, by=None, detail=f"{days} days ago")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE agency_auditevent DISABLE TRIGGER audit_append_only")
        cursor.execute(
            "UPDATE agency_auditevent SET at = now() - make_interval(days => %s) WHERE id = %s", [days, event.pk]
        )
        cursor.execute("ALTER TABLE agency_auditevent ENABLE TRIGGER audit_append_only")
        cursor.execute(f"SET LOCAL ROLE {settings.SERVING_ROLE}")
    return event


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agency_auditevent SET detail = 'x'",
        "DELETE FROM agency_auditevent",
        "TRUNCATE agency_auditevent",
        "ALTER TABLE agency_auditevent DISABLE TRIGGER ALL",
    ],
)
def test_the_serving_role_changes_no_line(bureau: Bureau, statement: str) -> None:
    before = list(AuditEvent.objects.order_by("pk").values())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(AuditEvent.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("statement", ["UPDATE agency_auditevent SET detail = 'x'", "DELETE FROM agency_auditevent"])
def test_the_owner_changes_no_line_either(bureau: Bureau, statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        with pytest.raises(DatabaseError, match="审计记录不得修改"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {settings.SERVING_ROLE}")


def test_nobody_enters_an_event_into_the_past(db: None) -> None:
    old = timezone.now() - timedelta(days=400)
    event = AuditEvent.objects.create(action=Action.UNLOCKED, at=old)
    event.refresh_from_db()
    assert event.at > timezone.now() - timedelta(minutes=1)


def test_179_days_are_kept_and_200_may_go(db: None) -> None:
    kept, gone = aged(179), aged(200)
    assert audit.purge(older_than_days=184) == 1
    assert set(AuditEvent.objects.values_list("pk", flat=True)) == {kept.pk}
    assert gone.pk != kept.pk
    with pytest.raises(ValueError, match="不少于六个月"):
        audit.purge(older_than_days=179)
    with pytest.raises(CommandError, match="不少于六个月"):
        call_command("purge_audit", "--older-than-days", "30")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=kept.pk).delete()


def test_newlines_and_escapes_in_a_typed_name_stay_on_one_line(bureau: Bureau) -> None:
    evil = "x\r\n2026 signed_in\x1b[31mred\u2028\u202erev"
    Client().post("/desk/login/", {"username": evil, "password": "Wrong-1234567"})
    event = AuditEvent.objects.get(action="sign_in_failed")
    assert not any(ord(c) < 32 or c in "\u2028\u202e" for c in event.detail)
    assert len(event.line.splitlines()) == 1


def test_the_auditor_reads_the_trail_newest_first_and_nobody_else_does(bureau: Bureau) -> None:
    page = signed_in(bureau.auditor).get("/desk/agency/audit/")
    assert page.status_code == 200
    events = page.context["pager"].rows
    assert [e.pk for e in events] == sorted((e.pk for e in events), reverse=True)
    for official in (bureau.system, bureau.security, bureau.clerk, bureau.head):
        answer = signed_in(official).get("/desk/agency/audit/")
        assert answer.status_code == 403
        assert "审计记录由审计员查阅" in answer.content.decode()


def test_the_trail_pages_by_keyset_in_both_directions_without_gaps(bureau: Bureau) -> None:
    for n in range(120):
        audit.note(Action.UNLOCKED, by=None, detail=str(n))
    client = signed_in(bureau.auditor)
    seen: list[int] = []
    cursor: str | None = ""
    pages = []
    while cursor is not None:
        pager = client.get("/desk/agency/audit/", {"cursor": cursor}).context["pager"]
        pages.append([e.pk for e in pager.rows])
        seen += pages[-1]
        cursor, last = pager.next, pager
    assert seen == sorted(AuditEvent.objects.values_list("pk", flat=True), reverse=True)
    back = client.get("/desk/agency/audit/", {"cursor": last.previous}).context["pager"]
    assert [e.pk for e in back.rows] == pages[-2]
    assert client.get("/desk/agency/audit/", {"cursor": "rubbish"}).context["pager"].previous is None
