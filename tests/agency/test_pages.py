"""The agency's pages: who reads what, nothing of cases, nothing written by reading, certificates and their warnings."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agency import services
from agency.certificates import certificate_warnings, standing
from agency.models import AgencyProfile, AuditEvent, Certificate, Official, Role, Unit
from core.models import Alert
from core.views import reading_only
from tests.agency.conftest import PASSWORD, Bureau, person, signed_in

EVERY_ROLE = list(Role)


def issue(official: Official, number: str, days_left: int) -> Certificate:
    today = timezone.localdate()
    return services.issue_certificate(
        by=None,
        official=official,
        kind=Certificate.Kind.ENFORCEMENT,
        number=number,
        valid_from=today - timedelta(days=700),
        valid_to=today + timedelta(days=days_left),
    )


def pages(bureau: Bureau) -> list[str]:
    return [
        "/desk/me/",
        "/desk/password/",
        "/desk/agency/",
        "/desk/agency/officials/",
        f"/desk/agency/officials/{bureau.clerk.pk}/",
    ]


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_everybody_reads_the_directory_and_reading_writes_nothing(bureau: Bureau, role: Role) -> None:
    issue(bureau.clerk, "示例证001", 20)
    official = person("reader", "陈样册", bureau.section, (role, bureau.section))
    client = signed_in(official)
    before = AuditEvent.objects.count()
    for address in pages(bureau):
        with reading_only():
            assert client.get(address).status_code == 200, address
    assert AuditEvent.objects.count() == before


def test_without_signing_in_every_page_leads_to_the_door(bureau: Bureau) -> None:
    for address in pages(bureau):
        assert Client().get(address)["Location"] == f"/desk/login/?next={address}"


def test_contacts_and_user_names_are_for_the_person_and_the_administrators(bureau: Bureau) -> None:
    Official.objects.filter(pk=bureau.head.pk).update(mobile="00000000001", email="head@example.invalid")
    address = f"/desk/agency/officials/{bureau.head.pk}/"
    for reader, sees in ((bureau.clerk, False), (bureau.system, True), (bureau.head, True)):
        text = signed_in(reader).get(address).content.decode()
        assert ("00000000001" in text, "head@example.invalid" in text) == (sees, sees)


def test_the_directory_finds_by_name_and_certificate_and_hides_who_left(bureau: Bureau) -> None:
    issue(bureau.clerk, "示例证002", 300)
    services.deactivate(by=None, official=bureau.head)
    client = signed_in(bureau.system)

    def found(**query: object) -> set[str]:
        answer = client.get("/desk/agency/officials/", query)
        return {official.username for official, _ in answer.context["people"]}

    assert found(q="赵样") == found(q="示例证002") == {"clerk"}
    assert found(unit=bureau.section.pk) == {"clerk"}
    assert found(unit=bureau.section.pk, all="on") == {"clerk", "head"}
    assert found(q="没有这个人") == set()
    # An unknown unit narrows nothing and breaks nothing.
    assert client.get("/desk/agency/officials/", {"unit": "99999"}).status_code == 200


def test_the_directory_takes_as_many_queries_for_fifty_as_for_ten(
    bureau: Bureau,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    for n in range(60):
        person(f"many{n}", f"样人{n}", bureau.other, (Role.SECTION_STAFF, bureau.other))
    client = signed_in(bureau.clerk)
    with django_assert_max_num_queries(15):
        answer = client.get("/desk/agency/officials/")
    assert len(answer.context["people"]) == 50
    assert answer.context["pager"].next


def test_an_absent_person_is_not_found(bureau: Bureau) -> None:
    client = signed_in(bureau.security)
    for address in (
        "officials/999999/",
        "officials/999999/appoint/",
        "appointments/999999/end/",
        "officials/1/explode/",
    ):
        assert client.get(f"/desk/agency/{address}").status_code == 404


def test_an_account_is_opened_with_a_one_time_password_and_no_role(bureau: Bureau) -> None:
    data = {"name": "褚样板", "username": "New.One", "unit": bureau.section.pk, "served_from": "2026-01-01"}
    answer = signed_in(bureau.system).post("/desk/agency/officials/new/", data)
    assert answer.status_code == 200
    created = Official.objects.get(username="new.one")
    assert created.must_change_password
    assert created.roles == frozenset()
    assert created.check_password(answer.context["password"])
    again = signed_in(bureau.system).post("/desk/agency/officials/new/", data)
    assert again.status_code == 422
    assert "用户名" in again.content.decode()


def test_a_unit_is_entered_on_the_page(bureau: Bureau) -> None:
    data = {"name": "示例调解科", "short_name": "调解科", "kind": "office", "parent": bureau.root.pk}
    assert signed_in(bureau.system).post("/desk/agency/units/new/", data)["Location"] == "/desk/agency/"
    assert Unit.objects.get(name="示例调解科").parent == bureau.root


def test_a_locked_account_is_unlocked_by_the_security_administrator(bureau: Bureau) -> None:
    for n in range(5):
        Client(REMOTE_ADDR=f"10.0.1.{n}").post("/desk/login/", {"username": "clerk", "password": "Wrong-1234567"})
    client = signed_in(bureau.security)
    address = f"/desk/agency/officials/{bureau.clerk.pk}/"
    assert "暂停登录" in client.get(address).content.decode()
    client.get(f"{address}unlock/")
    assert "暂停登录" in client.get(address).content.decode()
    assert client.post(f"{address}unlock/").status_code == 302
    assert "暂停登录" not in client.get(address).content.decode()
    signed_in(bureau.clerk)


# --- Django's admin -----------------------------------------------------------------------------------------


def test_the_admin_knows_four_tables_of_configuration_and_no_other() -> None:
    assert set(admin.site._registry) == {Unit, AgencyProfile, Official, Certificate}


@pytest.mark.parametrize("who", ["security", "auditor", "clerk", "head"])
def test_the_admin_is_closed_to_everybody_but_the_system_administrator(bureau: Bureau, who: str) -> None:
    client = signed_in(Official.objects.get(username=who))
    assert client.get("/desk/admin/").status_code == 302
    assert client.get("/desk/admin/agency/official/").status_code == 302
    assert client.get("/desk/admin/login/")["Location"] == "/desk/"


def test_the_admin_has_no_sign_in_of_its_own(bureau: Bureau) -> None:
    answer = Client().post("/desk/admin/login/", {"username": "system", "password": PASSWORD})
    assert answer["Location"].startswith("/desk/login/")


def test_the_admin_changes_no_password_role_or_lock_and_deletes_nothing(bureau: Bureau) -> None:
    client = signed_in(bureau.system)
    page = client.get(f"/desk/admin/agency/official/{bureau.clerk.pk}/change/")
    assert page.status_code == 200
    fields = set(page.context["adminform"].form.fields)
    assert fields == {"name", "unit", "email", "mobile", "served_from", "served_to"}
    assert client.get(f"/desk/admin/agency/official/{bureau.clerk.pk}/delete/").status_code == 403
    assert client.get("/desk/admin/agency/official/add/").status_code == 403
    assert client.get("/desk/admin/agency/agencyprofile/add/").status_code == 403


def test_what_is_changed_in_the_admin_is_in_the_audit(bureau: Bureau) -> None:
    client = signed_in(bureau.system)
    data = {
        "name": "赵样例",
        "unit": bureau.other.pk,
        "email": "",
        "mobile": "",
        "served_from": "2024-01-02",
        "served_to": "",
    }
    assert client.post(f"/desk/admin/agency/official/{bureau.clerk.pk}/change/", data).status_code == 302
    line = AuditEvent.objects.get(action="configured")
    assert (line.actor, line.official) == (bureau.system, bureau.clerk)
    assert "所在单位" in line.detail


# --- certificates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "words", "look"),
    [
        (61, "有效", "met"),
        (60, "还有60天到期", "soon"),
        (30, "还有30天到期", "today"),
        (0, "今天到期", "today"),
        (-1, "已过期", "overdue"),
    ],
)
def test_a_certificate_says_how_it_stands(bureau: Bureau, days: int, words: str, look: str) -> None:
    stands = standing([issue(bureau.clerk, "示例证003", days)], timezone.localdate())
    assert stands is not None
    assert (stands.words, stands.look) == (words, look)


def test_a_certificate_ends_on_its_last_day_and_not_before(bureau: Bureau) -> None:
    certificate = issue(bureau.clerk, "示例证004", 5)
    assert certificate.is_valid_on(certificate.valid_to)
    assert not certificate.is_valid_on(certificate.valid_to + timedelta(days=1))
    with pytest.raises(ValidationError, match="不能早于第一天"):
        services.issue_certificate(
            by=None,
            official=bureau.clerk,
            kind=Certificate.Kind.ENFORCEMENT,
            number="示例证005",
            valid_from=certificate.valid_to,
            valid_to=certificate.valid_from,
        )


def warned(now: datetime) -> list[tuple[str, str]]:
    certificate_warnings(now)
    return sorted(Alert.objects.values_list("recipient__username", "title"))


def test_holder_and_head_are_warned_at_60_30_and_0_days_each_once(bureau: Bureau, always_at_work: None) -> None:
    certificate = issue(bureau.clerk, "示例证006", 100)
    end = timezone.make_aware(datetime.combine(certificate.valid_to, datetime.min.time()))
    assert warned(end - timedelta(days=61)) == []
    assert [who for who, _ in warned(end - timedelta(days=60))] == ["clerk", "head"]
    assert len(warned(end - timedelta(days=45))) == 2
    assert len(warned(end - timedelta(days=30))) == 4
    assert len(warned(end)) == 6
    assert len(warned(end + timedelta(days=20))) == 6
    assert ("clerk", "赵样例的行政执法证今天到期") in warned(end)


def test_a_certificate_warns_in_working_hours(bureau: Bureau) -> None:
    Certificate.objects.filter(pk=issue(bureau.clerk, "示例证010", 100).pk).update(valid_to=date(2026, 3, 2))
    # An hour before the morning, a Sunday, a day of the Spring Festival; then the Saturday that is worked for it.
    for quiet in ("2026-02-27T07:30+08:00", "2026-03-01T10:00+08:00", "2026-02-17T10:00+08:00"):
        assert warned(datetime.fromisoformat(quiet)) == []
    assert [who for who, _ in warned(datetime.fromisoformat("2026-02-28T08:30+08:00"))] == ["clerk", "head"]


def test_after_an_outage_only_the_nearest_threshold_warns(bureau: Bureau, always_at_work: None) -> None:
    certificate = issue(bureau.clerk, "示例证007", 100)
    end = timezone.make_aware(datetime.combine(certificate.valid_to, datetime.min.time()))
    assert len(warned(end - timedelta(days=10))) == 2


def test_a_renewed_certificate_warns_nobody(bureau: Bureau) -> None:
    issue(bureau.clerk, "示例证008", 10)
    issue(bureau.clerk, "示例证009", 700)
    assert warned(timezone.now()) == []


# --- the first start ----------------------------------------------------------------------------------------

ANSWERS = {
    "--name": "示例县人力资源和社会保障局",
    "--short-name": "示例县局",
    "--profile": "weihai-hrss",
    "--document-prefix": "示县人社",
    "--system-admin": "张示例",
    "--system-admin-username": "sys",
    "--security-admin": "李样本",
    "--security-admin-username": "sec",
}


def create_agency(**changes: str) -> str:
    out = StringIO()
    answers = {**ANSWERS, **{f"--{key.replace('_', '-')}": value for key, value in changes.items()}}
    call_command("create_agency", *[f"{key}={value}" for key, value in answers.items() if value], stdout=out)
    return out.getvalue()


def test_a_first_start_makes_the_agency_and_two_administrators_who_can_sign_in(db: None) -> None:
    printed = create_agency()
    assert AgencyProfile.current() is not None
    for username, role in (("sys", Role.SYSTEM_ADMIN), ("sec", Role.SECURITY_ADMIN)):
        official = Official.objects.get(username=username)
        assert official.roles == {role}
        password = next(
            line.split()[-1] for line in printed.splitlines() if f"用户名 {username} " in line.replace("　", " ")
        )
        client = Client()
        assert client.post("/desk/login/", {"username": username, "password": password}).status_code == 302
        assert client.get("/desk/me/")["Location"] == "/desk/password/"


def test_a_first_start_that_fails_leaves_nothing(db: None) -> None:
    with pytest.raises(CommandError, match="没有规则档案“nowhere”"):
        create_agency(profile="nowhere")
    with pytest.raises(CommandError):
        create_agency(security_admin_username="sys")
    assert not Unit.objects.exists()
    assert not Official.objects.exists()


def test_a_first_start_begins_today_or_on_the_day_it_is_told(db: None) -> None:
    create_agency()
    assert AgencyProfile.objects.get().unit.in_use_from == timezone.localdate()


def test_a_first_start_may_name_its_first_day(db: None) -> None:
    create_agency(in_use_from="2026-01-01")
    assert AgencyProfile.objects.get().unit.in_use_from == date(2026, 1, 1)


def test_a_second_start_is_refused(bureau: Bureau) -> None:
    with pytest.raises(CommandError, match="已经设立机关"):
        create_agency()


def test_without_a_terminal_what_is_missing_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="--profile（规则档案）"):
        create_agency(profile="")
