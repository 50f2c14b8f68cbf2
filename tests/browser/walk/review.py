"""Two rounds of legal review: returned with remarks, then accepted, answered and agreed."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.browser.people import Official


def submit(clerk: Official, case: str, *, complete: bool = True) -> str:
    """The officers send the package; returns the review's address."""
    clerk.open(case)
    clerk.follow("送审", within=clerk.panel("法制审核"))
    clerk.fill(explanation="拟对当事人处以罚款20000元，案件来源、调查经过和裁量理由见调查终结报告。")
    clerk.fill(has_basis_and_evidence=complete)
    clerk.keep_picture("review-submit")
    clerk.send("送审")
    clerk.sees("已送法制审核")
    return clerk.path


def return_package(reviewer: Official, clerk: Official, case: str) -> None:
    """An incomplete package cannot be accepted; it goes back with remarks, and the officer reads them."""
    submit(clerk, case, complete=False)
    reviewer.open("/desk/reviews/")
    reviewer.keep_picture("reviews")
    reviewer.follow_first(re.compile("拒不改正案"))
    assert "送审材料缺少" in reviewer.blocked("接收完备材料").inner_text()
    reviewer.take("退回补正", remarks="缺少工资支付的书证，请补充后重新送审。")
    reviewer.sees("已退回补正")
    clerk.open(case)
    clerk.sees("第1次送审：已退回补正")


def agree(reviewer: Official, clerk: Official, case: str, work_done: Callable[[], None]) -> str:
    """The second round: the complete package starts the clock of ten working days; seven points, then *agree*."""
    room = submit(clerk, case)
    work_done()
    reviewer.open(room)
    reviewer.begin("接收完备材料")
    reviewer.fill(no_conflict=True)
    reviewer.send("接收完备材料")
    reviewer.sees("10个工作日", "最迟完成")
    assert "个审核要点没有回答" in reviewer.blocked("出具审核意见").inner_text()
    reviewer.keep_picture("review-room")
    reviewer.begin("填写审核要点")
    points = reviewer.main.locator("ol.check > li")
    assert points.count() >= 7
    for point in points.all():
        point.locator('input[value="sound"]').check(force=True)
    reviewer.keep_picture("review-points")
    reviewer.send("保存要点")
    reviewer.begin("出具审核意见")
    reviewer.sees("同意")
    reviewer.send("出具审核意见")
    reviewer.sees("审核意见：同意")
    work_done()
    reviewer.refresh()
    assert reviewer.download("审核意见书").startswith(b"%PDF")
    reviewer.keep_picture("review-agreed")
    return room
