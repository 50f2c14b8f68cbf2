"""Days, moments, money and what is left of a duty, in the house's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from core.templatetags import mc
from tests.look.conftest import ADOPTED, BASIS, CITATION

NOW = date(2026, 2, 25)


def test_a_day_has_its_weekday() -> None:
    assert mc.day(date(2026, 2, 27)) == "2026年2月27日（周五）"
    assert mc.short_day(date(2026, 2, 27), NOW) == "2月27日（周五）"
    assert mc.bare_day(date(2026, 2, 27)) == "2月27日"
    assert mc.near_day(date(2026, 2, 27), date(2026, 12, 31)) == "2月27日"
    assert mc.near_day(date(2027, 2, 27), date(2026, 12, 31)) == "2027年2月27日"


def test_a_worked_weekend_says_so() -> None:
    assert mc.short_day(date(2026, 2, 28), NOW) == "2月28日（周六，班）"
    assert mc.short_day(date(2026, 3, 7), NOW) == "3月7日（周六）"


def test_a_day_of_another_year_shows_its_year() -> None:
    assert mc.short_day(date(2025, 12, 24), NOW) == "2025年12月24日（周三）"


def test_a_moment_is_told_in_shanghai() -> None:
    assert mc.moment(datetime(2026, 2, 27, 9, 30, tzinfo=UTC)) == "2026年2月27日（周五）17:30"
    assert mc.day(datetime(2026, 2, 27, 16, 30, tzinfo=UTC)) == "2026年2月28日（周六，班）"


def test_the_last_second_of_a_day_is_its_end() -> None:
    assert mc.moment("2026-02-27T23:59:59+08:00") == "2026年2月27日（周五）24:00"
    assert mc.clock("2026-02-27T23:59:00+08:00") == "23:59"


@pytest.mark.parametrize("told", [mc.day, mc.short_day, mc.bare_day, mc.near_day, mc.clock, mc.moment, mc.iso, mc.yuan])
def test_nothing_is_told_of_nothing(told: Callable[[None], str]) -> None:
    assert told(None) == ""


def test_money_has_groups_and_cents() -> None:
    assert mc.yuan(Decimal("20000")) == "20,000.00 元"


def test_an_unknown_icon_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        mc.icon("clok")


def test_an_icon_is_hidden_unless_it_is_labelled() -> None:
    assert 'aria-hidden="true"' in mc.icon("clock")
    assert 'role="img" aria-label="逾&lt;期"' in mc.icon("warn", "逾<期")


def test_a_citation_links_to_its_rule() -> None:
    assert (
        mc.cite(CITATION)
        == '<a class="cite" href="/desk/rules/WH-MEAS-15b/"><span>监督办法</span> <span>第十五条</span></a>'
    )
    assert "威海市行政执法监督办法" in mc.cite(CITATION, full=True)
    assert "参照" not in mc.cite(CITATION)


def test_an_adopted_rule_is_marked() -> None:
    assert '<span class="tag tag--dash">参照</span>' in mc.cite(ADOPTED)


def test_the_public_gets_no_link_into_the_desk() -> None:
    assert "/desk/" not in mc.cite(CITATION, public=True)
    assert "第十五条" in mc.cite(CITATION, public=True)


def test_a_brief_citation_is_still_read_out_whole() -> None:
    assert '<span class="visually-hidden">监督办法</span> <span>第十五条</span>' in mc.cite(CITATION, brief=True)


def test_a_basis_kept_with_a_duty_is_a_citation_too() -> None:
    assert mc.cite(BASIS) == mc.cite(CITATION)
    assert mc.cite(None) == ""


def duty(**changed: Any) -> SimpleNamespace:
    held: dict[str, Any] = {
        "pk": 7,
        "title": "公示行政处罚决定",
        "due_at": datetime.fromisoformat("2026-02-27T23:59:59+08:00"),
        "kind": "deadline",
        "state": "soon",
        "void_word": "已撤销",
        "workdays_left": 2,
        "can_be_red": True,
        "provisional": False,
        "adopted": False,
        "driving_basis": BASIS,
        "get_absolute_url": lambda: "/desk/duties/7/",
        "subject_url": "/desk/cases/3/",
        "subject_title": "某某示例电子有限公司",
    }
    return SimpleNamespace(**{**held, **changed})


@pytest.mark.parametrize(
    ("state", "left", "words"),
    [
        ("overdue", -1, "逾期1个工作日"),
        ("overdue", 0, "刚刚逾期"),
        ("today", 0, "今天24:00前"),
        ("soon", 2, "剩余2个工作日"),
        ("open", 0, "剩余不足1个工作日"),
        ("met", 5, "按期"),
        ("met_late", -3, "逾期后办结"),
        ("lapsed", -3, "已届满"),
        ("paused", 3, "暂停计算"),
        ("voided", 3, "已撤销"),
    ],
)
def test_what_is_left_is_told_in_words(state: str, left: int, words: str) -> None:
    assert mc.remaining(duty(state=state, workdays_left=left)) == words


@pytest.mark.parametrize(
    ("state", "away", "words"),
    [
        ("soon", timedelta(hours=22, minutes=59, seconds=30), "剩余22小时"),
        ("open", timedelta(minutes=40, seconds=30), "剩余40分钟"),
        ("overdue", timedelta(hours=-3, seconds=-30), "逾期3小时"),
        ("overdue", timedelta(seconds=-10), "逾期1分钟"),
    ],
)
def test_what_is_counted_in_hours_is_told_in_hours(state: str, away: timedelta, words: str) -> None:
    due = timezone.now() + away
    if mc.clock(due) == "24:00":
        due -= timedelta(seconds=1)
    assert mc.remaining(duty(state=state, workdays_left=0, due_at=due)) == words


def test_the_last_day_has_its_minute_where_hours_are_counted() -> None:
    to_the_minute = datetime.fromisoformat("2026-02-21T22:15:00+08:00")
    now = datetime.fromisoformat("2026-02-20T22:20:00+08:00")
    assert ">2月21日（周六）22:15</time>" in mc.due_day(duty(due_at=to_the_minute), now)
    assert ">2月27日（周五）</time>" in mc.due_day(duty(), now)


def test_a_chip_has_colour_icon_and_words(render: Callable[..., str]) -> None:
    shown = render("{% duty_chip duty %}", duty=duty(state="overdue", workdays_left=-1))
    assert "chip--overdue" in shown
    assert "<svg" in shown
    assert "逾期1个工作日" in shown


def test_an_outside_body_is_never_red(render: Callable[..., str]) -> None:
    shown = render("{% duty_chip duty %}", duty=duty(state="overdue", workdays_left=-1, can_be_red=False))
    assert "chip--overdue" not in shown
    assert "逾期1个工作日" in shown


def test_provisional_and_adopted_are_marked_once(render: Callable[..., str]) -> None:
    marked = duty(provisional=True, adopted=True)
    assert "暂定" in render("{% duty_chip duty %}", duty=marked)
    assert "参照" in render("{% duty_chip duty %}", duty=marked)
    assert "参照" not in render("{% duty_chip duty cited=True %}", duty=marked)
    assert "暂定" not in render("{% duty_chip duty %}", duty=duty(provisional=True, state="met"))


def test_duties_stand_in_groups_of_urgency(render: Callable[..., str]) -> None:
    at = datetime.fromisoformat
    duties = [
        duty(state="overdue", workdays_left=-1, due_at=at("2026-02-24T23:59:59+08:00"), title="甲"),
        duty(state="today", workdays_left=0, due_at=at("2026-02-25T23:59:59+08:00"), title="乙"),
        duty(title="丙"),
        duty(state="open", workdays_left=9, due_at=at("2026-03-09T23:59:59+08:00"), title="丁"),
    ]
    shown = render("{% duty_list duties now=now %}", duties=duties, now=at("2026-02-25T09:00:00+08:00"))
    heads = [
        "已逾期 1 件",
        "<b>甲</b>",
        "今天到期 1 件",
        "<b>乙</b>",
        "本周到期 1 件",
        "<b>丙</b>",
        "以后到期 1 件",
        "<b>丁</b>",
    ]
    assert [shown.index(head) for head in heads] == sorted(shown.index(head) for head in heads)
    assert shown.count("btn-primary") == 2
    assert shown.count("is-overdue") == 1


def test_no_duties_is_a_sentence(render: Callable[..., str]) -> None:
    assert "没有未办的期限" in render("{% duty_list duties %}", duties=[])
