"""Password rules, one-time passwords, rotation."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agency import passwords, services
from agency.models import AuditEvent, Official, PastPassword
from tests.agency.conftest import NEW_PASSWORD, PASSWORD, Bureau, signed_in


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("Ab1-Ab1-x", "密码至少10位"),
        ("onlysmallletters", "至少3类"),
        ("smalland12345digits", "至少3类"),
        ("Password123", "密码"),
        ("Clerk-Clerk-1", "用户名"),
    ],
)
def test_dengbao3_refuses(bureau: Bureau, password: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, bureau.clerk)
    assert message in "；".join(refused.value.messages)


def test_asvs_asks_for_length_only_but_still_knows_the_common_ones(bureau: Bureau, settings) -> None:  # type: ignore[no-untyped-def]
    settings.PASSWORD_PROFILE = "asvs"
    validate_password("four plain words here", bureau.clerk)
    with pytest.raises(ValidationError, match="至少12位"):
        validate_password("short-one", bureau.clerk)
    with pytest.raises(ValidationError):
        validate_password("password123456", bureau.clerk)
    Official.objects.update(password_changed_at=timezone.now() - timedelta(days=4000))
    bureau.clerk.refresh_from_db()
    assert passwords.expires_at(bureau.clerk) is None


def test_the_last_five_passwords_do_not_come_back_and_the_sixth_may(bureau: Bureau) -> None:
    used = [PASSWORD, *(f"Harbour-{n}{n}{n}{n}-Kestrel" for n in range(1, 6))]
    for password in used[1:]:
        services.change_password(official=bureau.clerk, password=password)
    bureau.clerk.refresh_from_db()
    for password in used[1:]:
        with pytest.raises(ValidationError, match="最近5次"):
            services.change_password(official=bureau.clerk, password=password)
    services.change_password(official=bureau.clerk, password=PASSWORD)
    assert PastPassword.objects.filter(official=bureau.clerk).count() <= 5


def test_a_refused_password_changes_nothing(bureau: Bureau) -> None:
    before = Official.objects.values().get(pk=bureau.clerk.pk)
    with pytest.raises(ValidationError):
        services.change_password(official=bureau.clerk, password="short")
    assert Official.objects.values().get(pk=bureau.clerk.pk) == before


def test_ninety_days_later_only_the_password_page_is_open(bureau: Bureau) -> None:
    client = signed_in(bureau.clerk)
    Official.objects.filter(pk=bureau.clerk.pk).update(
        password_changed_at=timezone.now() - timedelta(days=90, minutes=1)
    )
    assert client.get("/desk/me/")["Location"] == "/desk/password/"
    page = client.get("/desk/password/")
    assert page.status_code == 200
    assert "密码已经到期" in page.content.decode()
    data = {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert client.post("/desk/password/", data)["Location"] == "/desk/"
    assert client.get("/desk/me/").status_code == 200


def test_a_fortnight_before_the_end_signing_in_warns(bureau: Bureau) -> None:
    Official.objects.filter(pk=bureau.clerk.pk).update(password_changed_at=timezone.now() - timedelta(days=80))
    assert "密码还有9天到期" in signed_in(bureau.clerk).get("/desk/me/").content.decode()


def test_the_form_answers_at_its_fields(bureau: Bureau) -> None:
    client = signed_in(bureau.clerk)
    answer = client.post("/desk/password/", {"current": "wrong", "password": "short", "again": "other"})
    assert answer.status_code == 422
    for message in ("现在的密码不正确", "密码至少10位"):
        assert message in answer.content.decode()
    answer = client.post(
        "/desk/password/", {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD + "x"}
    )
    assert "两次输入的新密码不一样" in answer.content.decode()


def test_one_time_passwords_satisfy_every_profile_and_differ(bureau: Bureau, settings) -> None:  # type: ignore[no-untyped-def]
    made = {passwords.one_time_password() for _ in range(50)}
    assert len(made) == 50
    for name in passwords.PROFILES:
        settings.PASSWORD_PROFILE = name
        for password in made:
            validate_password(password, bureau.clerk)


def test_a_reset_password_is_shown_once_opens_the_password_page_only_and_is_audited(bureau: Bureau) -> None:
    victim, admin = signed_in(bureau.clerk), signed_in(bureau.security)
    answer = admin.post(f"/desk/agency/officials/{bureau.clerk.pk}/reset-password/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    password = answer.context["password"]
    assert password in answer.content.decode()
    assert victim.get("/desk/me/").status_code == 302
    client = Client()
    client.post("/desk/login/", {"username": "clerk", "password": password})
    assert client.get("/desk/me/")["Location"] == "/desk/password/"
    line = AuditEvent.objects.get(action="password_reset")
    assert (line.actor, line.official) == (bureau.security, bureau.clerk)
    assert password not in line.detail


def test_the_api_is_closed_too_until_the_password_is_changed(bureau: Bureau, rf) -> None:  # type: ignore[no-untyped-def]
    from agency.middleware import PasswordFirst

    bureau.clerk.must_change_password = True
    request = rf.get("/api/v1/cases/")
    request.user = bureau.clerk
    answer = PasswordFirst(lambda r: None).process_view(request, None, (), {})  # type: ignore[arg-type,return-value]
    assert answer is not None
    assert answer.status_code == 403


def test_nobody_resets_the_own_password_and_the_system_administrator_resets_nobodys(bureau: Bureau) -> None:
    for who, whom in ((bureau.security, bureau.security), (bureau.system, bureau.clerk), (bureau.clerk, bureau.head)):
        before = Official.objects.get(pk=whom.pk).password
        assert signed_in(who).post(f"/desk/agency/officials/{whom.pk}/reset-password/").status_code == 403
        assert Official.objects.get(pk=whom.pk).password == before


def test_the_command_line_resets_the_security_administrators_password(bureau: Bureau) -> None:
    out = StringIO()
    call_command("reset_password", "SECURITY", stdout=out)
    password = out.getvalue().split()[-1]
    bureau.security.refresh_from_db()
    assert bureau.security.check_password(password)
    assert bureau.security.must_change_password
    assert AuditEvent.objects.get(action="password_reset").actor is None


def test_the_command_line_names_an_unknown_account(db: None) -> None:
    with pytest.raises(CommandError, match="没有用户名为“nobody”的账号"):
        call_command("reset_password", "nobody")


def test_an_unknown_profile_stops_the_start(settings) -> None:  # type: ignore[no-untyped-def]
    from agency.checks import password_profile_is_known

    assert password_profile_is_known(None) == []
    settings.PASSWORD_PROFILE = "none"
    (error,) = password_profile_is_known(None)
    assert "可选：dengbao3、asvs" in error.msg
