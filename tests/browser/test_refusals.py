"""What the product refuses, it refuses on the page: 422, at the field, everything typed still there, nothing written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.demo.bureau import TO_FILING, TO_NOTICE
from core.models import FactRecord
from enforcement.models import Case
from tests.browser.walk import filing
from tests.browser.walk.moments import Moments


def at_the_field(person, name: str, message: str) -> None:
    """The message stands at this field, is tied to it for assistive technology, and the summary leads there."""
    field = person.main.locator(f'[name="{name}"]').first
    described = (field.get_attribute("aria-describedby") or "").split()
    if described:
        expect(person.main.locator(f"#id_{name}_error")).to_contain_text(message)
        assert f"id_{name}_error" in described
    assert person.main.locator(f'.errors a[href="#id_{name}"]').count() == 1


def test_an_incomplete_registration_keeps_what_was_typed_and_writes_nothing(sign_in):
    zhang = sign_in("zhang")
    zhang.open("/desk/cases/register/")
    zhang.fill(**filing.source(Moments(), complainant_name="", credit_code="91371000MA00000000"))
    zhang.send("登记", status=422)
    at_the_field(zhang, "complainant_name", "投诉须登记投诉人")
    at_the_field(zhang, "credit_code", "校验位")
    zhang.sees("有 2 处需要修改，已填内容都还在")
    assert zhang.main.locator("[name=party_name]").input_value() == filing.PARTY
    assert zhang.main.locator("[name=summary]").input_value() == filing.SUMMARY
    assert not Case.objects.exists()
    zhang.keep_picture("register-refused")
    zhang.fill(**filing.source(Moments()))
    zhang.send("登记")
    assert Case.objects.count() == 1


@pytest.mark.rule("CN-PENALTY-42")
def test_one_certified_officer_is_refused_by_name(sign_in, told, cast):
    cast.people["li"].certificates.all().delete()
    case = told(TO_FILING, age=1)
    zhang = sign_in("zhang")
    zhang.open(case.get_absolute_url())
    zhang.begin("登记取证行为")
    zhang.sees("李样本（没有有效的执法证件）")
    start = timezone.localtime().replace(second=0, microsecond=0)
    zhang.fill(
        kind="interview",
        started_at=start,
        ended_at=start,
        officers=["张示例", "李样本"],
        certificates_shown=True,
        summary="询问劳动者代表。",
    )
    facts = FactRecord.objects.count()
    zhang.send("登记取证行为", status=422)
    zhang.sees("持证执法人员少于2人", "李样本没有当日有效的执法证件", "第四十二条")
    assert zhang.main.locator("[name=summary]").input_value() == "询问劳动者代表。"
    assert FactRecord.objects.count() == facts
    zhang.keep_picture("evidence-refused")


def test_a_fine_beyond_the_article_and_a_day_to_come_are_refused_at_their_fields(sign_in, told):
    case = told(TO_NOTICE, age=1)
    zhang = sign_in("zhang")
    zhang.open(case.get_absolute_url())
    zhang.begin("拟制处罚决定")
    zhang.fill(
        happened_at=timezone.localtime() + timedelta(days=1),
        fine="20001",
        discretion_tier="一般",
        discretion_reason="没有从轻、减轻情节。",
        remedies="可以依法申请行政复议。",
    )
    zhang.send("拟制处罚决定", status=422)
    at_the_field(zhang, "fine", "20,000")
    at_the_field(zhang, "happened_at", "不能晚于现在")
    assert zhang.main.locator("[name=fine]").input_value() == "20001"
    assert not case.drafts.exists()


def test_the_file_of_another_section_answers_like_an_absent_one(sign_in, told):
    case = told(TO_FILING, age=1)
    he = sign_in("he")
    for path in (
        case.get_absolute_url(),
        f"{case.get_absolute_url()}steps/order_correction/",
        "/desk/cases/987654321/",
    ):
        he.open(path, status=404)
        he.sees("没有")
    he.keep_picture("not-found")
    he.open(f"/desk/search/?q={filing.PARTY}")
    he.sees("没有找到")


def test_a_wrong_password_says_so_and_opens_nothing(visit, cast):
    reader = visit()
    reader.open("/desk/cases/")
    assert reader.path.startswith("/desk/login/")
    reader.keep_picture("sign-in")
    reader.fill(username="zhang", password="wrong")
    reader.send("登录", status=422)
    reader.sees("用户名或密码不正确")
    reader.keep_picture("sign-in-refused")
