"""A decision signed on one day and entered on another; a wrong day put right by a fact of its own."""

from __future__ import annotations

from django.utils import timezone

from config.demo.bureau import TO_DECISION, TO_OPINION
from core.models import Duty
from rulebook import workdays
from tests.browser.walk.moments import back


def day(moment) -> str:
    return f"{timezone.localtime(moment):%-m月%-d日}"


def test_a_decision_entered_days_later_shows_both_days_and_counts_from_the_first(sign_in, told):
    case = told(TO_OPINION, age=5)
    signed = back(4, "16:00")
    zhou = sign_in("zhou")
    zhou.open(case.get_absolute_url())
    zhou.take("作出处罚决定", happened_at=signed, sealed=True)
    entry = zhou.panel("经过").locator("li.ev").filter(has_text="作出处罚决定").first
    told_late = entry.inner_text()
    assert "发生在" in told_late, told_late
    assert "录入" in told_late, told_late
    assert day(signed) in told_late
    assert day(timezone.now()) in told_late
    zhou.keep_picture("case-entered-late")

    zhang = sign_in("zhang")
    zhang.open(case.get_absolute_url())
    due = workdays.get().nth_working_day(timezone.localdate(signed), 7)
    zhang.follow_first(
        "公示行政执法决定" if zhang.panel("期限").get_by_text("公示行政执法决定").count() else "公示",
        within=zhang.panel("期限"),
    )
    zhang.sees(f"{due.month}月{due.day}日", day(signed), "当天不计入", f"{day(timezone.now())}")


def test_a_wrong_day_is_corrected_by_a_fact_of_its_own_and_the_old_line_stays(sign_in, told):
    case = told(TO_DECISION, age=3)
    entered = timezone.localtime(case.decided_at)
    truly = back(2, "15:30")
    before = Duty.objects.get(anchor=case.stream, obligation="publish_decision").due_at
    zhang = sign_in("zhang")
    zhang.open(case.get_absolute_url())
    zhang.follow("更正", within=zhang.panel("经过"))
    line = zhang.panel("经过").locator("li.ev").filter(has_text="作出处罚决定").first
    zhang.follow_first("更正时间", within=line)
    zhang.sees("原记录不改动")
    zhang.fill(happened_at=truly, reason="决定书落款日期登记有误。")
    zhang.keep_picture("case-correct")
    zhang.send("提出申请")
    zhang.sees("批准后移动的期限", "公示行政执法决定", "由科室负责人或者分管负责人批准")
    asked = zhang.path
    assert Duty.objects.get(anchor=case.stream, obligation="publish_decision").due_at == before

    wu = sign_in("wu")
    wu.follow_first("批准更正", within=wu.main)
    assert wu.path == asked
    promised = workdays.get().nth_working_day(truly.date(), 7)
    wu.sees("决定书落款日期登记有误。", "张示例", f"{promised.year}年{promised.month}月{promised.day}日")
    wu.keep_picture("case-correct-approve")
    wu.take("批准更正")
    wu.sees("已批准")

    zhang.open("/desk/messages/")
    zhang.sees("更正申请已批准")
    zhang.open(case.get_absolute_url())
    zhang.sees("决定书落款日期登记有误。", "批准人：吴样例")
    struck = zhang.panel("经过").locator("li.ev--replaced")
    assert struck.count() == 1
    assert f"{entered:%-m月%-d日}" in struck.inner_text()
    zhang.keep_picture("case-corrected")
    after = Duty.objects.get(anchor=case.stream, obligation="publish_decision").due_at
    assert timezone.localdate(after) == workdays.get().nth_working_day(truly.date(), 7)
    assert after > before
    zhang.sees(f"{timezone.localdate(after):%-m月%-d日}")
