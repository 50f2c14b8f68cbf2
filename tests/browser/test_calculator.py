"""The public calculator in a browser: asked, answered, refused and passed on, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

QUESTION = "/calculator/?profile=weihai-hrss&rule=WH-MEAS-15b&at=2026-02-11"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_stranger_asks_and_passes_the_answer_on(cast, visit, scripts):
    reader = visit(scripts=scripts)
    reader.open("/calculator/")
    form = reader.main.get_by_role("form", name="期限计算")
    form.get_by_label("执法机关").select_option("weihai-hrss")
    form.get_by_label("规定", exact=True).select_option("WH-MEAS-15b")
    form.get_by_label("事实发生的日期").fill("2026-02-11")
    with reader.page.expect_navigation():
        form.get_by_role("button", name="计算").click()
    expect(reader.main.get_by_role("table", name="逐日计算").get_by_role("row")).to_have_count(18)
    expect(reader.main.get_by_text("2026年2月27日（周五）24:00前").first).to_be_visible()
    passed_on = visit(scripts=scripts)
    passed_on.open(reader.path)
    expect(passed_on.main.get_by_role("heading", name="公示行政执法决定")).to_be_visible()


@pytest.mark.parametrize(
    "address",
    [
        QUESTION,
        # folded into months, moved by a holiday
        "/calculator/?profile=weihai-hrss&rule=CN-PENALTY-60&at=2026-01-06",
        # years, without days
        "/calculator/?profile=weihai-hrss&rule=CN-PENALTY-36&at=2026-01-06",
        # backwards, with another reading
        "/calculator/?profile=weihai-hrss&rule=WH-PLAN-4a&at=2026-05-06",
        # paused and lengthened
        "/calculator/?profile=yangquan-hrss&rule=YQ-LR-14a&at=2026-03-02&pause_from_1=2026-03-03&pause_to_1=2026-03-06&extend_on=2026-03-10",
        # a date of a year that is still provisional
        "/calculator/?profile=weihai-hrss&rule=WH-PLAN-3a&at=2027-01-06",
    ],
    ids=["working-days", "folded", "years", "backwards", "paused", "provisional"],
)
def test_every_kind_of_answer_is_whole_at_both_widths(cast, visit, address):
    visit().open(address)


def test_a_refused_question_is_whole_too(cast, visit):
    reader = visit()
    reader.open(f"{QUESTION}&extend_on=2026-02-12&pause_from_1=2026-02-12", status=422)
    expect(reader.main.get_by_role("alert")).to_contain_text("处需要修改")
    expect(reader.main.get_by_label("第一次暂停：收到材料")).to_have_attribute("aria-invalid", "true")
