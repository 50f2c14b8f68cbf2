"""S10, three administrators (三员分立): nobody holds two of the roles, none holds one in cases, none appoints themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agency import services
from agency.models import ADMINISTRATORS, Appointment, AuditEvent, Official, Role
from core.access import NotPermitted
from tests.agency.conftest import LONG_AGO, Bureau, signed_in


@pytest.mark.parametrize("second", [Role.SECURITY_ADMIN, Role.AUDITOR])
def test_s10_nobody_is_given_a_second_administrators_role(bureau: Bureau, second: Role) -> None:
    with pytest.raises(ValidationError, match="不得由一人兼任"):
        services.appoint(
            by=bureau.security, official=bureau.system, role=second, unit=bureau.section, first_day=timezone.localdate()
        )
    assert [a.role for a in bureau.system.appointments.all()] == [Role.SYSTEM_ADMIN]


@pytest.mark.parametrize(
    ("username", "role", "constraint"),
    [
        ("system", "auditor", "nobody_holds_two_administrator_roles"),
        ("security", "system_admin", "nobody_holds_two_administrator_roles"),
        ("auditor", "chief", "administrators_hold_no_role_in_cases"),
        ("clerk", "security_admin", "administrators_hold_no_role_in_cases"),
    ],
)
def test_s10_plain_sql_is_refused_too(bureau: Bureau, username: str, role: str, constraint: str) -> None:
    official = Official.objects.get(username=username)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agency_appointment (official_id, unit_id, role, term) VALUES (%s, %s, %s, '[2026-01-01,)')",
            [official.pk, bureau.root.pk, role],
        )


def test_s10_one_after_the_other_is_no_conflict(bureau: Bureau) -> None:
    today = timezone.localdate()
    services.end_appointment(by=None, appointment=_second_auditor(bureau))
    second = Official.objects.get(username="second")
    services.appoint(by=bureau.security, official=second, role=Role.SYSTEM_ADMIN, unit=bureau.root, first_day=today)
    assert Official.objects.get(pk=second.pk).roles == {Role.SYSTEM_ADMIN}


def _second_auditor(bureau: Bureau) -> Appointment:
    second = services.create_official(
        by=None, username="second", name="孙样张", unit=bureau.root, password="x", served_from=LONG_AGO
    )
    return services.appoint(
        by=None,
        official=second,
        role=Role.AUDITOR,
        unit=bureau.root,
        first_day=timezone.localdate() - timedelta(days=9),
    )


def test_s10_an_administrator_sees_the_files_of_no_unit(bureau: Bureau) -> None:
    for official in (bureau.system, bureau.security, bureau.auditor):
        assert official.unit_ids == official.owing_unit_ids == official.granted_unit_ids == []


def test_nobody_appoints_themselves(bureau: Bureau) -> None:
    with pytest.raises(NotPermitted, match="不得给自己任职"):
        services.appoint(
            by=bureau.security,
            official=bureau.security,
            role=Role.CHIEF,
            unit=bureau.root,
            first_day=timezone.localdate(),
        )


@pytest.mark.parametrize("who", ["system", "auditor", "clerk", "head"])
def test_only_the_security_administrator_appoints_and_ends(bureau: Bureau, who: str) -> None:
    client = signed_in(Official.objects.get(username=who))
    before = Appointment.objects.count()
    data = {"role": "section_head", "unit": bureau.section.pk, "first_day": "2026-01-01"}
    assert client.post(f"/desk/agency/officials/{bureau.clerk.pk}/appoint/", data).status_code == 403
    held = bureau.clerk.appointments.get()
    assert (
        client.post(f"/desk/agency/appointments/{held.pk}/end/", {"from_day": timezone.localdate()}).status_code == 403
    )
    assert Appointment.objects.count() == before
    held.refresh_from_db()
    assert held.last_day is None


@pytest.mark.parametrize("who", ["security", "auditor", "clerk"])
def test_only_the_system_administrator_enters_units_accounts_and_certificates(bureau: Bureau, who: str) -> None:
    client = signed_in(Official.objects.get(username=who))
    for address in ("units/new/", "officials/new/", f"officials/{bureau.clerk.pk}/certificates/new/"):
        assert client.get(f"/desk/agency/{address}").status_code == 403
        assert client.post(f"/desk/agency/{address}", {}).status_code == 403


def test_an_appointment_on_the_page_is_felt_at_once_and_audited(bureau: Bureau) -> None:
    data = {"role": "disclosure_reviewer", "unit": bureau.section.pk, "first_day": timezone.localdate().isoformat()}
    answer = signed_in(bureau.security).post(f"/desk/agency/officials/{bureau.head.pk}/appoint/", data)
    assert answer["Location"] == f"/desk/agency/officials/{bureau.head.pk}/"
    assert Official.objects.get(pk=bureau.head.pk).has_role(Role.DISCLOSURE_REVIEWER)
    line = AuditEvent.objects.filter(action="appointed").latest("pk")
    assert (line.actor, line.official, line.address) == (bureau.security, bureau.head, "127.0.0.1")
    assert "公示审核人员，示例监察科" in line.detail


def test_the_page_says_why_two_administrators_roles_do_not_go_together(bureau: Bureau) -> None:
    data = {"role": "auditor", "unit": bureau.root.pk, "first_day": timezone.localdate().isoformat()}
    answer = signed_in(bureau.security).post(f"/desk/agency/officials/{bureau.system.pk}/appoint/", data)
    assert answer.status_code == 422
    assert "系统管理员、安全保密管理员、审计员不得由一人兼任" in answer.content.decode()


def test_the_last_administrator_of_a_kind_is_not_dismissed_without_a_successor(bureau: Bureau) -> None:
    with pytest.raises(ValidationError, match="请先任命接替的人"):
        services.end_appointment(by=bureau.security, appointment=bureau.auditor.appointments.get())
    with pytest.raises(ValidationError, match="请先任命接替的人"):
        services.deactivate(by=bureau.security, official=bureau.auditor)
    assert Official.objects.get(pk=bureau.auditor.pk).is_active
    _second_auditor(bureau)
    services.end_appointment(by=bureau.security, appointment=bureau.auditor.appointments.get())
    assert Official.objects.get(pk=bureau.auditor.pk).roles == frozenset()


def test_a_term_ends_today_at_the_earliest_and_never_grows(bureau: Bureau) -> None:
    held = bureau.clerk.appointments.get()
    today = timezone.localdate()
    with pytest.raises(ValidationError, match="不能早于今天"):
        services.end_appointment(by=bureau.security, appointment=held, from_day=today - timedelta(days=1))
    services.end_appointment(by=bureau.security, appointment=held, from_day=today + timedelta(days=3))
    assert Official.objects.get(pk=bureau.clerk.pk).has_role(Role.SECTION_STAFF)
    with pytest.raises(ValidationError, match="晚于原定的任期"):
        services.end_appointment(by=bureau.security, appointment=held, from_day=today + timedelta(days=4))
    services.end_appointment(by=bureau.security, appointment=held)
    assert not Official.objects.get(pk=bureau.clerk.pk).has_role(Role.SECTION_STAFF)


def test_the_same_role_is_not_given_twice_for_the_same_days(bureau: Bureau) -> None:
    with pytest.raises(ValidationError, match="任期不能重叠"):
        services.appoint(
            by=None, official=bureau.clerk, role=Role.SECTION_STAFF, unit=bureau.section, first_day=timezone.localdate()
        )


def test_the_database_knows_every_administrators_role_in_both_constraints(db: None) -> None:
    for name in ("nobody_holds_two_administrator_roles", "administrators_hold_no_role_in_cases"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            (definition,) = cursor.fetchone()
        for role in ADMINISTRATORS:
            assert f"'{role.value}'" in definition


@pytest.mark.parametrize("who", ["system", "security", "auditor"])
def test_s10_an_administrator_reaches_no_case_from_any_page_and_finds_none(bureau: Bureau, who: str) -> None:
    client = signed_in(Official.objects.get(username=who))
    for address in ("/desk/", "/desk/me/", "/desk/agency/", "/desk/agency/officials/"):
        page = client.get(address)
        assert page.status_code == 200
        assert 'href="/desk/cases/' not in page.content.decode()
    assert client.get("/desk/cases/1/").status_code == 404
