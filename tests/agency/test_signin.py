"""The door: who comes in, who is kept out, and whose session ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from django.utils import timezone

from agency import services
from agency.addresses import client_address
from agency.models import AuditEvent, Official, Role
from tests.agency.conftest import NEW_PASSWORD, PASSWORD, Bureau, signed_in

WRONG = "not-the-password-1A"


def knock(client: Client, username: str, password: str = WRONG, **extra: str):  # type: ignore[no-untyped-def]
    return client.post("/desk/login/", {"username": username, "password": password}, **extra)


def test_the_right_password_opens_the_desk_and_leaves_a_line(bureau: Bureau) -> None:
    answer = knock(Client(), "clerk", PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    line = AuditEvent.objects.get(action="signed_in")
    assert (line.actor, line.address) == (bureau.clerk, "127.0.0.1")


def test_capitals_and_full_width_letters_are_the_same_name(bureau: Bureau) -> None:
    assert knock(Client(), " ＣLERK ", PASSWORD).status_code == 302


def test_the_door_leads_on_to_the_page_asked_for_but_never_to_another_site(bureau: Bureau) -> None:
    for wanted, reached in (
        ("/desk/me/", "/desk/me/"),
        ("https://evil.example/", "/desk/"),
        ("//evil.example/", "/desk/"),
        ("/desk/logout/", "/desk/"),
    ):
        data = {"username": "clerk", "password": PASSWORD, "next": wanted}
        assert Client().post("/desk/login/", data)["Location"] == reached


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(bureau: Bureau) -> None:
    known, unknown = knock(Client(REMOTE_ADDR="10.1.0.1"), "clerk"), knock(Client(REMOTE_ADDR="10.1.0.2"), "nobody")
    assert known.status_code == unknown.status_code == 422
    for answer in (known, unknown):
        assert "用户名或密码不正确，还可以再试4次" in answer.content.decode()


def test_s8_five_failures_lock_the_account_whatever_worker_and_address_they_came_by(bureau: Bureau) -> None:
    first, second = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    for n in range(4):
        assert knock((first, second)[n % 2], "clerk").status_code == 422
    assert knock(first, "clerk").status_code == 429
    elsewhere = knock(Client(REMOTE_ADDR="10.0.0.3"), "clerk", PASSWORD)
    assert elsewhere.status_code == 429
    assert "暂停登录 15 分钟" in elsewhere.content.decode()
    assert elsewhere["Retry-After"] == "900"
    # Somebody else is not kept out.
    assert knock(Client(REMOTE_ADDR="10.0.0.3"), "head", PASSWORD).status_code == 302


def test_s8_five_failures_lock_the_address_whatever_account_they_were_for(bureau: Bureau) -> None:
    for name in ("clerk", "head", "system", "security", "nobody"):
        knock(Client(REMOTE_ADDR="10.0.0.9"), name)
    assert knock(Client(REMOTE_ADDR="10.0.0.9"), "auditor", PASSWORD).status_code == 429
    assert knock(Client(REMOTE_ADDR="10.0.0.8"), "auditor", PASSWORD).status_code == 302


def test_s8_an_invented_forwarding_header_does_not_make_a_new_address(bureau: Bureau) -> None:
    client = Client(REMOTE_ADDR="10.0.0.9")
    for n, name in enumerate(("clerk", "head", "system", "security", "nobody")):
        knock(client, name, HTTP_X_FORWARDED_FOR=f"192.0.2.{n}", HTTP_X_REAL_IP=f"192.0.2.{n}")
    assert knock(client, "auditor", PASSWORD, HTTP_X_FORWARDED_FOR="192.0.2.77").status_code == 429


def test_s8_behind_our_proxy_only_the_entry_it_added_counts(settings: pytest.FixtureRequest) -> None:
    settings.BEHIND_PROXY = True  # type: ignore[attr-defined]
    make = RequestFactory(REMOTE_ADDR="10.0.0.1").get
    assert client_address(make("/", HTTP_X_FORWARDED_FOR="198.51.100.66, 203.0.113.5")) == "203.0.113.5"
    assert client_address(make("/")) == "10.0.0.1"
    assert client_address(make("/", HTTP_X_FORWARDED_FOR="<script>")) == "127.0.0.1"


def test_s8_signing_in_to_the_own_account_does_not_buy_new_guesses_at_anothers(bureau: Bureau) -> None:
    for _ in range(3):
        knock(Client(REMOTE_ADDR="10.0.0.7"), "head")
    assert knock(Client(REMOTE_ADDR="10.0.0.7"), "clerk", PASSWORD).status_code == 302
    assert sum(AccessAttempt.objects.filter(username="head").values_list("failures_since_start", flat=True)) == 3
    assert knock(Client(REMOTE_ADDR="10.0.0.7"), "head").status_code == 422
    assert knock(Client(REMOTE_ADDR="10.0.0.7"), "head").status_code == 429


def test_the_door_opens_again_after_a_quarter_of_an_hour(bureau: Bureau) -> None:
    for _ in range(5):
        knock(Client(), "clerk")
    assert knock(Client(), "clerk", PASSWORD).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert knock(Client(), "clerk", PASSWORD).status_code == 302


def test_the_right_password_forgives_the_wrong_ones_before_it(bureau: Bureau) -> None:
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(4):
            assert knock(Client(REMOTE_ADDR=address), "clerk").status_code == 422
        assert knock(Client(REMOTE_ADDR=address), "clerk", PASSWORD).status_code == 302


def test_after_the_door_is_closed_knocking_on_adds_nothing_to_the_audit(bureau: Bureau) -> None:
    for _ in range(12):
        knock(Client(), "clerk")
    assert AuditEvent.objects.filter(action="sign_in_failed").count() == 5
    assert AuditEvent.objects.filter(action="locked_out").count() == 1


def test_the_typed_password_is_kept_nowhere(bureau: Bureau) -> None:
    knock(Client(), "clerk", "Secret-Typed-99")
    kept = [str(value) for row in AccessAttempt.objects.values() for value in row.values()]
    kept += [str(value) for row in AuditEvent.objects.values() for value in row.values()]
    assert not any("Secret-Typed-99" in each for each in kept)


@pytest.mark.parametrize("username", ["a\x00b", "x" * 200, ""])
def test_odd_names_are_refused_at_the_field(bureau: Bureau, username: str) -> None:
    answer = knock(Client(), username)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()


def test_signing_in_gives_the_session_a_new_key(bureau: Bureau) -> None:
    client = Client()
    client.session["x"] = "y"
    session = client.session
    session["x"] = "y"
    session.save()
    client.cookies["sessionid"] = session.session_key
    knock(client, "clerk", PASSWORD)
    assert client.cookies["sessionid"].value != session.session_key


def test_signing_out_needs_a_post_and_ends_the_session(bureau: Bureau) -> None:
    client = signed_in(bureau.clerk)
    assert client.get("/desk/logout/").status_code == 405
    assert client.post("/desk/logout/")["Location"] == "/desk/login/"
    assert client.get("/desk/me/").status_code == 302
    assert AuditEvent.objects.filter(action="signed_out", actor=bureau.clerk).count() == 1


def test_s9_a_role_that_ended_is_felt_by_the_next_request(bureau: Bureau) -> None:
    client = signed_in(bureau.auditor)
    services.create_official(by=None, username="second", name="孙样张", unit=bureau.root, password=PASSWORD)
    second = Official.objects.get(username="second")
    services.appoint(by=None, official=second, role=Role.AUDITOR, unit=bureau.root, first_day=timezone.localdate())
    assert client.get("/desk/agency/audit/").status_code == 200
    services.end_appointment(by=bureau.security, appointment=bureau.auditor.appointments.get())
    assert client.get("/desk/agency/audit/").status_code == 403


def test_s9_an_account_taken_out_of_use_is_out_at_once_and_its_session_stays_over(bureau: Bureau) -> None:
    client = signed_in(bureau.clerk)
    assert client.get("/desk/me/").status_code == 200
    services.deactivate(by=bureau.security, official=bureau.clerk)
    assert client.get("/desk/me/").status_code == 302
    assert knock(Client(), "clerk", PASSWORD).status_code == 422
    services.reactivate(by=bureau.security, official=bureau.clerk)
    assert client.get("/desk/me/").status_code == 302
    assert knock(Client(), "clerk", PASSWORD).status_code == 302


def test_s9_the_end_of_service_ends_the_session(bureau: Bureau) -> None:
    client = signed_in(bureau.clerk)
    Official.objects.filter(pk=bureau.clerk.pk).update(served_to=timezone.localdate() - timedelta(days=1))
    assert client.get("/desk/me/").status_code == 302


def test_s9_a_changed_password_ends_the_other_sessions_but_not_this_one(bureau: Bureau) -> None:
    here, there = signed_in(bureau.clerk), signed_in(bureau.clerk)
    data = {"current": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert here.post("/desk/password/", data).status_code == 302
    assert here.get("/desk/me/").status_code == 200
    assert there.get("/desk/me/").status_code == 302
