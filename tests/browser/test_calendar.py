"""Legal affairs enter next year's holidays in the browser: a slip is named by its line, the preview shows what moves, the owners hear of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from config.demo.bureau import TO_EVIDENCE
from core.sweeping import sweep
from rulebook import workdays
from tests.alerts.conftest import owe


@pytest.fixture
def words() -> str:
    """A notice for the first year without one, invented day by day: seven holidays, so that nothing is missing."""
    year = max(workdays.get().covers) + 1
    names = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
    days = ("1月1日至6日", "2月6日至9日", "4月5日", "5月1日", "6月9日", "9月15日", "10月1日至4日")
    numbered = zip("一二三四五六七", names, days, strict=True)
    lines = [f"{numeral}、{name}：{span}放假。" for numeral, name, span in numbered]
    return "\n".join([f"国务院办公厅关于{year}年部分节假日安排的通知", "示例〔2026〕1号", *lines])


def test_a_notice_is_pasted_previewed_entered_read_by_its_owner_and_undone(sign_in, told, cast, words: str) -> None:
    year = max(workdays.get().covers) + 1
    if timezone.localdate() + timedelta(days=1) >= timezone.localdate().replace(year=year, month=1, day=1):
        pytest.skip("the product's files end before this year: nothing can be undone any more")
    told(TO_EVIDENCE, age=1)
    assert sweep(timezone.now()).failures == []
    end_of_year = datetime(year - 1, 12, 30, 10, tzinfo=timezone.get_default_timezone())
    section = cast.units["inspection"]
    for days in range(3):
        opened = end_of_year - timedelta(days=days)
        owe(section, opened + timedelta(days=12), opened_at=opened, day_zero=opened.date())
    zhao = sign_in("zhao")
    zhao.follow("工作日历", within=zhao.page.locator(".topnav"))
    zhao.sees(f"{year}年放假安排尚未录入", "随程序提供")
    zhao.keep_picture("calendars")
    zhao.follow("录入放假安排")
    zhao.fill(text=words.replace("4月5日放假", "4月31日放假"))
    zhao.send("预览", status=422)
    zhao.sees(f"第5行：没有{year}年4月31日这一天")
    zhao.keep_picture("calendar-slip")
    assert "示例〔2026〕1号" in zhao.main.locator("textarea").input_value()
    zhao.fill(text=words)
    zhao.send("预览")
    zhao.sees("项未办结的期限将要改变", "最急的在前")
    zhao.keep_picture("calendar-preview")
    zhao.send("录入并重新计算期限")
    zhao.sees(f"已录入{year}年放假安排", "赵样本")
    zhao.keep_picture("calendar-entered")

    wu = sign_in("wu")
    wu.open("/desk/messages/")
    wu.sees(f"{year}年放假安排已录入，您这里有")
    wu.open(f"/desk/calendars/{year}/?mine=1")
    wu.sees("我这里改变的期限")
    wu.keep_picture("calendar-mine")

    zhao.fill(reason="示例：录错了通知")
    zhao.send("撤销录入")
    zhao.sees(f"已撤销{year}年放假安排的录入", "示例：录错了通知")
    zhao.keep_picture("calendar-undone")
