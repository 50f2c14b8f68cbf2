"""The supervision plan of 2022, still in force: nine items, three with live figures, three met by a report, three without figures yet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone

from config.demo.bureau import TO_EVIDENCE, TO_PUBLICATION
from core.sweeping import sweep
from recording.services import register_recording

NINE = ("一", "二", "三", "四", "五", "六", "七", "八", "九")


@pytest.mark.rule("WH-PLAN-3a", "WH-PLAN-5a", "WH-PLAN-9")
def test_the_plan_shows_its_nine_items_and_is_reported_on(sign_in, told, cast, tmp_path: Path) -> None:
    told(TO_PUBLICATION, age=1)
    act = told(TO_EVIDENCE, age=1, party="示例水产加工有限公司").acts.get(kind="interview")
    register_recording(act=act, by=cast.people["zhang"], started_at=act.started_at, made_at=act.ended_at, device=None)
    assert sweep(timezone.now()).failures == []
    wang = sign_in("wang")
    wang.open("/desk/supervision/plan/")
    wang.sees("沿用")
    for number, numeral in enumerate(NINE, start=1):
        head = wang.main.locator(f"#item-{number}")
        assert f"（{numeral}）" in head.get_by_role("heading").first.inner_text()
    for live in (2, 6, 7):
        assert re.search(
            r"[1-9]", "".join(wang.main.locator(f"#item-{live} tbody td[data-l='本年产生']").all_inner_texts())
        ), live
    for without in (1, 4, 8):
        item = wang.main.locator(f"#item-{without}")
        assert "没有数字可以显示" in item.inner_text()
        assert item.locator("details li").count() >= 1
    wang.keep_picture("plan")

    paper = tmp_path / "分析报告.pdf"
    paper.write_bytes(b"%PDF-1.4\n%%EOF\n")
    wu = sign_in("wu")
    for dated in (3, 5, 9):
        wu.open("/desk/supervision/plan/")
        wu.follow_first(re.compile("报告并上传附件|补报|补录"), within=wu.main.locator(f"#item-{dated}"))
        title = wu.main.get_by_role("heading", level=1).inner_text()
        wu.keep_picture(f"plan-report-{dated}")
        for field in wu.main.locator("textarea").all():
            field.fill("按计划办理，见附件。")
        wu.fill(attachment=paper)
        wu.send(wu.main.locator("button[type=submit]").first.inner_text())
        wu.sees("已报送", "分析报告.pdf", title)
        assert wu.page.locator(".page-head .chip--met, .page-head .chip--met_late, .page-head .chip").count()
    wu.keep_picture("plan-reported")
