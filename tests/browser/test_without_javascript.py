"""The same forms, with scripts switched off: nothing the law needs hangs on them."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from config.demo.bureau import TO_REVIEW
from core import ledger
from tests.browser.walk import filing, investigation, penalty, publication
from tests.browser.walk.moments import Moments


def test_a_source_is_registered_filed_and_investigated(sign_in, tmp_path: Path, work_done):
    moments = Moments()
    zhang, wu = sign_in("zhang", scripts=False), sign_in("wu", scripts=False)
    case = filing.register(zhang, moments)
    filing.file(zhang, wu, moments)
    investigation.gather(zhang, case, moments)
    investigation.hand_in(zhang, case, tmp_path, work_done)
    zhang.page.locator("header details summary").filter(has_text="张示例").click()
    with zhang.page.expect_navigation():
        zhang.page.get_by_role("button", name="退出登录").click()
    zhang.open("/desk/cases/")
    assert zhang.path.startswith("/desk/login/")


def test_a_decision_is_reviewed_decided_and_published(sign_in, told, visit, work_done):
    case = told(TO_REVIEW)
    zhao, zhou = sign_in("zhao", scripts=False), sign_in("zhou", scripts=False)
    zhao.open("/desk/reviews/")
    zhao.follow_first(case.title)
    zhao.begin("填写审核要点")
    for point in zhao.main.locator("ol.check > li").all():
        point.locator('input[value="sound"]').check(force=True)
    zhao.send("保存要点")
    zhao.take("出具审核意见")
    number = penalty.decide(zhou, case.get_absolute_url(), work_done)
    zhang, sun, reader = sign_in("zhang", scripts=False), sign_in("sun", scripts=False), visit(scripts=False)
    address = publication.publish(sun, publication.prepare(zhang, number))
    publication.is_found(reader, number, address)
    ledger.seal(timezone.now())
    reader.open(address)
    reader.sees("用普通命令核对", "封存日志第")
