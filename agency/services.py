"""Writing: the agency, its units, accounts, roles and certificates. Every act leaves a line in the audit.

`by` is the official who acts, or None for the server's command line. Refusals are NotPermitted (who may) and ValidationError (what is
possible, with a Chinese message for the field); nothing is written then.
"""

from __future__ import annotations

from datetime import date, timedelta

from axes.utils import reset as forget_failures
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange  # type: ignore[import-untyped]
from django.utils import timezone

from agency import audit, passwords
from agency.audit import Action
from agency.models import (
    AgencyProfile,
    Appointment,
    Certificate,
    Official,
    PastPassword,
    Unit,
    normalised_username,
    refuse_unknown_profile,
)
from agency.permissions import may_appoint, may_configure, may_secure
from agency.roles import ADMINISTRATORS, Role
from core.access import require


@transaction.atomic
def create_agency(
    *,
    name: str,
    short_name: str,
    profile: str,
    document_prefix: str,
    credit_code: str = "",
    is_demo: bool = False,
    in_use_from: date | None = None,
) -> AgencyProfile:
    """Set up the agency of this installation, once. Only the command line does this.

    `in_use_from`: as for a unit.
    Raises ValidationError when there is one already or the rulebook knows no such profile.
    """
    if AgencyProfile.objects.exists():
        raise ValidationError("本系统已经设立机关")
    refuse_unknown_profile(profile)
    unit = create_unit(by=None, name=name, short_name=short_name, kind=Unit.Kind.BUREAU, in_use_from=in_use_from)
    agency = AgencyProfile(
        unit=unit, profile=profile, document_prefix=document_prefix, credit_code=credit_code, is_demo=is_demo
    )
    agency.full_clean()
    agency.save()
    audit.note(Action.AGENCY_CREATED, by=None, detail=f"{name}（{profile}）")
    return agency


@transaction.atomic
def create_unit(
    *,
    by: Official | None,
    name: str,
    short_name: str,
    kind: Unit.Kind | str,
    parent: Unit | None = None,
    position: int | None = None,
    in_use_from: date | None = None,
    profile: str = "",
    address: str | None = None,
) -> Unit:
    """Enter a unit, behind its siblings unless a position is given.

    `in_use_from`: the unit owes here what falls due on that day or later (today, unless told otherwise). `profile`: the rules that
    bind it and the units below; empty for those of the unit above. Raises ValidationError for a profile the rulebook does not know.
    """
    require(may_configure(by))
    if position is None:
        position = Unit.objects.filter(parent=parent).count()
    unit = Unit(
        name=name,
        short_name=short_name,
        kind=kind,
        parent=parent,
        position=position,
        in_use_from=in_use_from or timezone.localdate(),
        profile=profile,
    )
    unit.full_clean()
    unit.save()
    audit.note(Action.UNIT_CREATED, by=by, address=address, detail=name)
    return unit


@transaction.atomic
def create_official(
    *,
    by: Official | None,
    username: str,
    name: str,
    unit: Unit,
    password: str,
    must_change_password: bool = True,
    email: str = "",
    mobile: str = "",
    served_from: date | None = None,
    address: str | None = None,
) -> Official:
    """Open an account. The caller chooses the first password (passwords.one_time_password) and hands it over."""
    require(may_configure(by))
    official = Official.objects.create_user(
        normalised_username(username),
        name,
        unit,
        password,
        must_change_password=must_change_password,
        password_changed_at=timezone.now(),
        email=email,
        mobile=mobile,
        served_from=served_from or timezone.localdate(),
    )
    audit.note(Action.OFFICIAL_CREATED, by=by, of=official, address=address, detail=f"{name}（{unit.name}）")
    return official


@transaction.atomic
def appoint(
    *,
    by: Official | None,
    official: Official,
    role: Role | str,
    unit: Unit,
    first_day: date,
    last_day: date | None = None,
    address: str | None = None,
) -> Appointment:
    """Give a role in a unit over a term; without a last day until it is ended.

    Nobody holds two of the three administrators' roles, nor one of them beside a role in cases.
    """
    require(may_appoint(by, official))
    if last_day is not None and last_day < first_day:
        raise ValidationError({"last_day": "任期的最后一天不能早于第一天"})
    upper = last_day + timedelta(days=1) if last_day else None
    appointment = Appointment(official=official, role=role, unit=unit, term=DateRange(first_day, upper))
    appointment.full_clean()
    try:
        with transaction.atomic():
            appointment.save()
    except IntegrityError as raced:
        # Somebody appointed the same official between the check and the insert.
        raise ValidationError("这个人的任职刚刚有变动，请刷新后再办理") from raced
    _say(Action.APPOINTED, by, appointment, address, f"自{first_day}")
    return appointment


@transaction.atomic
def end_appointment(
    *, by: Official | None, appointment: Appointment, from_day: date | None = None, address: str | None = None
) -> Appointment:
    """End a role: `from_day` (today unless given) is the first day on which it is not held. The next request feels it.

    The last day of a term may only come nearer, and never before today: what was signed in a role stays signed in it.
    """
    require(may_appoint(by, appointment.official))
    appointment = Appointment.objects.select_for_update().select_related("official", "unit").get(pk=appointment.pk)
    today = timezone.localdate()
    from_day = from_day or today
    if appointment.is_over:
        raise ValidationError("这项任职已经结束")
    if from_day < today:
        raise ValidationError({"from_day": "免职日期不能早于今天"})
    if appointment.term.upper is not None and from_day > appointment.term.upper:
        raise ValidationError({"from_day": "免职日期晚于原定的任期，延长任期请另行任职"})
    if appointment.role in ADMINISTRATORS and from_day <= today and not _another_holds(appointment, today):
        raise ValidationError(f"没有其他{appointment.get_role_display()}，请先任命接替的人")
    appointment.term = DateRange(appointment.term.lower, max(from_day, appointment.term.lower))
    appointment.save(update_fields=["term"])
    _say(Action.APPOINTMENT_ENDED, by, appointment, address, f"自{from_day}不再担任")
    return appointment


def _another_holds(appointment: Appointment, day: date) -> bool:
    return Official.objects.holding(Role(appointment.role), on=day).exclude(pk=appointment.official_id).exists()


def _say(action: Action, by: Official | None, appointment: Appointment, address: str | None, when: str) -> None:
    detail = f"{appointment.get_role_display()}，{appointment.unit.name}，{when}"
    audit.note(action, by=by, of=appointment.official, address=address, detail=detail)


@transaction.atomic
def issue_certificate(
    *,
    by: Official | None,
    official: Official,
    kind: Certificate.Kind | str,
    number: str,
    valid_from: date,
    valid_to: date,
    address: str | None = None,
) -> Certificate:
    """Enter an enforcement certificate. A renewal is a new one with its own number and days; the old one stays."""
    require(may_configure(by))
    if valid_to < valid_from:
        raise ValidationError({"valid_to": "有效期的最后一天不能早于第一天"})
    certificate = Certificate(official=official, kind=kind, number=number, valid_from=valid_from, valid_to=valid_to)
    certificate.full_clean()
    certificate.save()
    audit.note(Action.CERTIFICATE_ISSUED, by=by, of=official, address=address, detail=str(certificate))
    return certificate


@transaction.atomic
def deactivate(*, by: Official | None, official: Official, address: str | None = None) -> Official:
    """Take an account out of use; all its sessions are over, for good."""
    require(may_secure(by, official))
    official = Official.objects.select_for_update().get(pk=official.pk)
    today = timezone.localdate()
    for appointment in official.appointments.filter(role__in=ADMINISTRATORS, term__contains=today):
        if not _another_holds(appointment, today):
            raise ValidationError(f"没有其他{appointment.get_role_display()}，请先任命接替的人")
    official.is_active = False
    official.session_generation += 1
    official.save(update_fields=["is_active", "session_generation"])
    audit.note(Action.DEACTIVATED, by=by, of=official, address=address)
    return official


@transaction.atomic
def reactivate(*, by: Official | None, official: Official, address: str | None = None) -> Official:
    """Put an account back into use. Earlier sessions stay over."""
    require(may_secure(by, official))
    official = Official.objects.select_for_update().get(pk=official.pk)
    official.is_active = True
    official.save(update_fields=["is_active"])
    audit.note(Action.REACTIVATED, by=by, of=official, address=address)
    return official


@transaction.atomic
def unlock(*, by: Official | None, official: Official, address: str | None = None) -> None:
    """Forget the account's failed sign-ins, so that it may be tried again at once."""
    require(may_secure(by, official))
    forget_failures(username=official.username)
    audit.note(Action.UNLOCKED, by=by, of=official, address=address)


@transaction.atomic
def reset_password(*, by: Official | None, official: Official, address: str | None = None) -> str:
    """Replace a forgotten password by a one-time one, which is returned once and shown nowhere again; sessions are over."""
    require(may_secure(by, official))
    official = Official.objects.select_for_update().get(pk=official.pk)
    password = passwords.one_time_password()
    _set_password(official, password, must_change=True)
    forget_failures(username=official.username)
    audit.note(Action.PASSWORD_RESET, by=by, of=official, address=address)
    return password


@transaction.atomic
def change_password(*, official: Official, password: str, address: str | None = None) -> Official:
    """Set the official's own new password; other sessions are over. Raises ValidationError when the rules refuse it."""
    official = Official.objects.select_for_update().get(pk=official.pk)
    validate_password(password, official)
    _set_password(official, password, must_change=False)
    audit.note(Action.PASSWORD_CHANGED, by=official, of=official, address=address)
    return official


def _set_password(official: Official, password: str, *, must_change: bool) -> None:
    now = timezone.now()
    if official.has_usable_password():
        PastPassword.objects.create(official=official, password=official.password, set_at=now)
        passwords.forget_oldest(official)
    official.set_password(password)
    official.must_change_password = must_change
    official.password_changed_at = now
    official.session_generation += 1
    official.save(update_fields=["password", "must_change_password", "password_changed_at", "session_generation"])
