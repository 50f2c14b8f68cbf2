"""Pages of deputies, robots and deliveries: who opens them, what they never show, what they do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agency import telling
from agency.leave import Leave
from agency.models import AuditEvent, Official, Role
from core import alerts, deliveries, jobs
from core.models import Alert, Delivery, Job, Robot
from tests.agency.conftest import Bureau, person, signed_in

TOKEN = "00000000-aaaa-bbbb-cccc-000000000000"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}"


def text(client: Client, address: str, **query: object) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, address
    return answer.content.decode()


# --- leave ------------------------------------------------------------------------------------------------------


def test_an_official_names_a_deputy_and_ends_it(bureau: Bureau) -> None:
    clerk, today = signed_in(bureau.clerk), timezone.localdate()
    address = f"/desk/agency/officials/{bureau.clerk.pk}/leave/"
    assert address in text(clerk, "/desk/me/")
    form = text(clerk, address)
    assert "钱示范（监察科）" in form
    assert "张示例" not in form, "an administrator is nobody's deputy"
    answer = clerk.post(
        address, {"deputy": bureau.head.pk, "first_day": today, "last_day": today + timedelta(days=4), "alone": "on"}
    )
    assert answer["Location"] == "/desk/me/"
    leave = Leave.objects.get()
    assert (leave.official, leave.deputy, leave.alone) == (bureau.clerk, bureau.head, True)
    assert (leave.first_day, leave.last_day) == (today, today + timedelta(days=4))
    mine = text(clerk, "/desk/me/")
    assert "钱示范代理" in mine
    assert f"/desk/agency/leaves/{leave.pk}/end/" in mine
    theirs = text(signed_in(bureau.head), "/desk/me/")
    assert "代理赵样例" in theirs
    assert f"/desk/agency/leaves/{leave.pk}/end/" not in theirs
    assert clerk.post(f"/desk/agency/leaves/{leave.pk}/end/")["Location"] == "/desk/me/"
    assert Leave.objects.get().is_over
    assert [each.action for each in AuditEvent.objects.filter(official=bureau.clerk, action__startswith="deputy")] == [
        "deputy_named",
        "deputy_ended",
    ]


def test_a_refused_leave_says_why_at_its_field_and_keeps_what_was_typed(bureau: Bureau) -> None:
    clerk, today = signed_in(bureau.clerk), timezone.localdate()
    answer = clerk.post(
        f"/desk/agency/officials/{bureau.clerk.pk}/leave/",
        {"deputy": bureau.head.pk, "first_day": today, "last_day": today - timedelta(days=1)},
    )
    assert answer.status_code == 422
    assert "休假的最后一天不能早于第一天" in answer.content.decode()
    assert f'value="{today}"' in answer.content.decode()
    empty = clerk.post(f"/desk/agency/officials/{bureau.clerk.pk}/leave/", {"deputy": ""}).content.decode()
    assert all(words in empty for words in ("请选择代理人", "请填写休假第一天", "请填写休假最后一天"))
    assert not Leave.objects.exists()


def test_the_head_names_it_for_somebody_who_cannot_and_a_stranger_does_not(bureau: Bureau) -> None:
    today = timezone.localdate()
    stranger = person("stranger", "孙样张", bureau.other, (Role.SECTION_STAFF, bureau.other))
    address = f"/desk/agency/officials/{bureau.clerk.pk}/leave/"
    given = {"deputy": bureau.head.pk, "first_day": today, "last_day": today}
    for other in (stranger, bureau.system, bureau.auditor):
        assert signed_in(other).get(address).status_code == 403
        assert signed_in(other).post(address, given).status_code == 403
        assert address not in text(signed_in(other), f"/desk/agency/officials/{bureau.clerk.pk}/")
    assert not Leave.objects.exists()
    answer = signed_in(bureau.head).post(address, given)
    assert answer["Location"] == f"/desk/agency/officials/{bureau.clerk.pk}/"
    assert Leave.objects.get().named_by == bureau.head
    leave = Leave.objects.get()
    assert signed_in(stranger).post(f"/desk/agency/leaves/{leave.pk}/end/").status_code == 403
    assert not Leave.objects.get().is_over


# --- robots -----------------------------------------------------------------------------------------------------


def test_the_system_administrator_enters_a_robot_and_its_token_is_shown_nowhere(bureau: Bureau) -> None:
    system = signed_in(bureau.system)
    given = {"unit": bureau.section.pk, "kind": "wecom", "name": "监察科群", "web_address": WECOM}
    refused = system.post("/desk/agency/robots/new/", {**given, "web_address": "http://10.0.0.1/x?key=" + TOKEN})
    assert refused.status_code == 422
    assert "不允许向http://10.0.0.1发送" in refused.content.decode()
    assert TOKEN not in refused.content.decode(), "what was typed as a secret is not repeated"
    assert system.post("/desk/agency/robots/new/", given)["Location"] == "/desk/agency/robots/"
    robot = Robot.objects.get()
    pages = text(system, "/desk/agency/robots/") + text(system, f"/desk/agency/robots/{robot.pk}/address/")
    assert "监察科群" in pages
    assert "https://qyapi.weixin.qq.com" in pages
    assert TOKEN not in pages
    again = system.post("/desk/agency/robots/new/", given)
    assert again.status_code == 422
    assert "这个机器人已经登记过" in again.content.decode()


def test_nobody_else_opens_the_robots(bureau: Bureau) -> None:
    robot = telling.register_robot(by=None, unit=bureau.section, kind="wecom", name="群", web_address=WECOM)
    for other in (bureau.clerk, bureau.head, bureau.security, bureau.auditor):
        client = signed_in(other)
        for address in ("", "new/", f"{robot.pk}/address/"):
            assert client.get(f"/desk/agency/robots/{address}").status_code == 403
        for act in ("test", "on", "off"):
            assert client.post(f"/desk/agency/robots/{robot.pk}/{act}/").status_code == 403
    assert Robot.objects.get().is_active
    assert not Delivery.objects.exists()


def test_a_robot_is_tried_switched_off_and_on(bureau: Bureau) -> None:
    system = signed_in(bureau.system)
    robot = telling.register_robot(by=None, unit=bureau.section, kind="wecom", name="监察科群", web_address=WECOM)
    base = f"/desk/agency/robots/{robot.pk}/"
    system.post(f"{base}test/")
    assert Delivery.objects.get().kind == Delivery.Kind.TEST
    system.post(f"{base}off/")
    assert "机器人已停用" in system.post(f"{base}test/", follow=True).content.decode()
    assert Delivery.objects.count() == 1
    system.post(f"{base}on/")
    assert Robot.objects.get().is_active
    assert system.post(f"{base}explode/").status_code == 404
    assert system.get(f"{base}on/").status_code == 405


# --- deliveries -------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(bureau: Bureau) -> Official:
    """A supervisor; a mail to the clerk that failed, and a robot's message that waits."""
    Official.objects.filter(pk=bureau.clerk.pk).update(email="clerk@example.invalid")
    alerts.warn("matter", to=[bureau.clerk], title="某某示例公司案的通知")
    Alert.objects.update(at_once=True)
    deliveries.compose(timezone.now())
    Official.objects.filter(pk=bureau.clerk.pk).update(email="")
    jobs.drain()
    robot = telling.register_robot(by=None, unit=bureau.section, kind="wecom", name="监察科群", web_address=WECOM)
    telling.try_robot(by=None, robot=robot)
    return person("wang", "王范例", bureau.legal, (Role.SUPERVISOR, bureau.root))


def test_the_supervisor_and_the_system_administrator_read_what_was_sent_and_not_what_it_said(
    bureau: Bureau, sent: Official
) -> None:
    for reader in (sent, bureau.system):
        page = text(signed_in(reader), "/desk/agency/deliveries/")
        assert "赵样例（监察科）" in page
        assert "收件人没有邮箱或者已停用" in page
        assert "监察科群" in page
        assert "某某示例公司案" not in page
        assert TOKEN not in page
        assert ("重新发送" in page) == (reader == bureau.system)
    for other in (bureau.clerk, bureau.head, bureau.security, bureau.auditor):
        assert signed_in(other).get("/desk/agency/deliveries/").status_code == 403


def test_deliveries_are_filtered(bureau: Bureau, sent: Official) -> None:
    client = signed_in(sent)

    def listed(**query: object) -> set[str]:
        return {each.channel for each in client.get("/desk/agency/deliveries/", query).context["pager"].rows}

    assert listed() == {"email", "wecom"}
    assert listed(channel="email") == listed(standing="failed") == {"email"}
    assert listed(standing="waiting") == {"wecom"}
    assert listed(tried="on") == set()
    Job.objects.filter(payload__delivery=Delivery.objects.get(channel="wecom").pk).update(attempts=2)
    assert listed(tried="on") == listed(standing="retried") == {"wecom"}
    assert listed(day=timezone.localdate()) == {"email", "wecom"}
    assert listed(day=timezone.localdate() - timedelta(days=1)) == set()
    assert listed(channel="pigeon", day="yesterday") == {"email", "wecom"}


def test_only_the_system_administrator_has_a_failed_one_sent_again(bureau: Bureau, sent: Official) -> None:
    failed = Delivery.objects.get(channel="email")
    address = f"/desk/agency/deliveries/{failed.pk}/again/"
    assert signed_in(sent).post(address).status_code == 403
    system = signed_in(bureau.system)
    Official.objects.filter(pk=bureau.clerk.pk).update(email="clerk@example.invalid")
    system.post(address)
    jobs.drain()
    assert Delivery.objects.get(pk=failed.pk).sent_at is not None
    assert "只有发送失败或者等待重试的才能重新发送" in system.post(address, follow=True).content.decode()


def test_a_page_of_deliveries_takes_as_many_queries_for_fifty_as_for_ten(
    bureau: Bureau,
    sent: Official,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    for n in range(60):
        Delivery.objects.create(recipient=bureau.clerk, key=f"digest.many.{n}", composed_at=timezone.now())
    client = signed_in(sent)
    with django_assert_max_num_queries(14):
        answer = client.get("/desk/agency/deliveries/")
    assert len(answer.context["pager"].rows) == 50
