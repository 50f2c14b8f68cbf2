"""Each fragment shows what it promises, escapes what it is given, and asks for nothing it does not name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import timezone

from core.access import Permit
from core.lifecycle import BindingRules, NextStep, Step, Unmet
from core.templatetags.explanation import calendar_words
from core.timeline import Entry, Stage, newest_first
from tests.look.conftest import ADOPTED, BASIS, CITATION, MEASURES
from tests.look.test_daystrip import answered, explained
from tests.look.test_words import duty

Render = Callable[..., str]
NOW = datetime.fromisoformat("2026-02-25T09:00:00+08:00")
DEMAND = Unmet(
    BindingRules((), (CITATION, ADOPTED)), "缺送达录像<", fix="/desk/recordings/upload/4/", fix_label="去上传"
)


def explanation(zero: date = date(2026, 2, 11), working_days: int = 7, **changed: Any) -> dict[str, Any]:
    counted = explained(zero, working_days)
    return {
        "rule": "WH-MEAS-15b",
        "profile": "weihai-hrss",
        "instrument": MEASURES.id,
        "article": "第十五条",
        "quote": "应当自执法决定作出之日起7个工作日内公开",
        "bases": [BASIS],
        "amount": working_days,
        "pauses": [],
        "extended_on": None,
        "nominal": counted["due"][:10],
        "alert_from": "2026-02-25",
        "calendar": {"id": "cn-2020-2026", "digest": "ab"},
        "provisional": False,
        "adopted": False,
        "in_force": True,
        "state": "open",
        "others": [],
        **counted,
        **changed,
    }


EXPLANATION = "{% load explanation %}{% explain explanation today=today %}"
TODAY = date(2026, 2, 25)


def test_an_explanation_gives_moment_words_article_and_every_day(render: Render) -> None:
    shown = render(EXPLANATION, today=TODAY, explanation=explanation())
    assert '2026年2月27日（周五）<span class="nowrap">24:00前</span>' in shown
    assert "“应当自执法决定作出之日起7个工作日内公开”" in shown
    assert "威海市行政执法监督办法" in shown
    assert shown.count('<li class="') == 17
    assert "计入，数字为第几日" in shown
    assert "2026年2月11日（周三），当天不计入" in shown


def test_an_explanation_says_the_same_to_a_screen_reader(render: Render) -> None:
    shown = render(EXPLANATION, today=TODAY, explanation=explanation())
    assert 'class="days" aria-hidden="true"' in shown
    table = shown[shown.index("<caption>逐日计算") :].partition("</table>")[0]
    assert table.count('<th scope="row">') == 17
    assert "<td>第7日，到期</td>" in table


def test_a_long_explanation_is_folded(render: Render) -> None:
    shown = render(EXPLANATION, today=TODAY, explanation=explanation(date(2026, 1, 6), 60))
    assert "2026年2月</th>" in shown
    assert "春节9日" in shown
    assert shown.count("<li") < 60


def test_a_long_explanation_lists_every_day_where_there_is_room_and_says_where_it_does_elsewhere(
    render: Render,
) -> None:
    asked = answered("CN-PENALTY-60", "2026-01-06")
    whole = render(
        "{% load explanation %}{% explain explanation today=today whole=True %}", today=TODAY, explanation=asked
    )
    table = whole.partition('<details class="every small">')[2].partition("</details>")[0]
    days = re.findall(r'<tr(?: class="passed")?><th scope="row">([^<]+)</th><td>([^<]*)</td>', table)
    # Day 0, ninety days, and the day to which the end moved past Qingming.
    assert "逐日列出全部92日" in table
    assert [words.partition("，")[0] for _, words in days] == ["起算日", *(f"第{n}日" for n in range(1, 91)), "到期"]
    assert days[90] == ("2026年4月6日（周一）", "第90日，名义到期日（清明节）")
    assert (
        whole.count("<caption") == 2
    )  # the months of the folded middle, and every day: no third table says the ends again

    short = render(
        "{% load explanation %}{% explain explanation today=today more='/d/7/' %}", today=TODAY, explanation=asked
    )
    assert '<a href="/d/7/">逐日列出每一天</a>' in short
    assert "<details" not in short


def test_every_skipped_day_of_a_long_explanation_says_why(render: Render) -> None:
    asked = explanation(date(2026, 1, 6), 60)
    whole = render(
        "{% load explanation %}{% explain explanation today=today whole=True %}", today=TODAY, explanation=asked
    )
    told = re.findall(r'<tr class="passed"><th scope="row">([^<]+)</th><td>跳过：([^<]+)</td>', whole)
    assert len(told) == len(asked["skipped"])
    assert [reason.partition("，")[0] for _, reason in told] == [entry["reason"] for entry in asked["skipped"]]


@pytest.mark.parametrize(("rule", "at"), [("CN-PENALTY-36", "2024-02-29"), ("WH-MEAS-15b", "2026-02-11")])
def test_years_that_count_no_days_and_a_short_strip_list_nothing_more(render: Render, rule: str, at: str) -> None:
    whole = render(
        "{% load explanation %}{% explain explanation today=today whole=True %}",
        today=TODAY,
        explanation=answered(rule, at),
    )
    assert "<details" not in whole


def test_an_explanation_tells_rolling_pauses_rivals_and_doubts(render: Render) -> None:
    shown = render(
        EXPLANATION,
        today=TODAY,
        explanation=explanation(
            nominal="2026-02-26",
            alert_from="2026-02-25",
            pauses=[["2026-02-12", "2026-02-14"]],
            extended_on="2026-02-20",
            provisional=True,
            adopted=True,
            in_force=False,
            state="deadline_precedes_rule",
            bases=[BASIS, {**BASIS, "rule": "WH-PLAN-2b", "article": "第二条", "due": "2026-03-02T23:59:59+08:00"}],
            others=[{**BASIS, "rule": "YQ-DISC-10a", "due": None, "window": None, "reason": "起算的事实不同"}],
        ),
    )
    for words in (
        "2026年2月26日（周四）不是工作日，顺延到2026年2月27日（周五）",
        "自2026年2月25日（周三）起提醒",
        "2026年2月12日（周四）至2026年2月14日（周六，班）暂停",
        "2026年2月20日（周五）批准延长",
        ">暂定<",
        ">参照<",
        "规定当时未生效",
        "不作逾期处理",
        "2026年3月2日（周一）24:00前",
        "起算的事实不同",
    ):
        assert words in shown


def test_a_backward_date_moves_earlier(render: Render) -> None:
    shown = render(
        EXPLANATION,
        today=TODAY,
        explanation=explanation(
            day_zero="2026-06-12",
            counted=["2026-06-11"],
            skipped=[],
            nominal="2026-06-07",
            due="2026-06-05T23:59:59+08:00",
        ),
    )
    assert "提前到2026年6月5日（周五）" in shown


def test_a_periodic_duty_starts_on_no_day(render: Render) -> None:
    asked = answered("WH-PLAN-9", "2026-01-10")
    assert "起算" not in render(EXPLANATION, today=TODAY, explanation=asked)


def test_an_explanation_names_the_rules_that_stopped_and_lengthened_it(render: Render) -> None:
    """Ten working days from 2 March 2026 with three left out and ten more approved."""
    asked = answered(
        "YQ-LR-14a",
        "2026-03-02",
        profile="yangquan-hrss",
        pauses=[("2026-03-03", "2026-03-06")],
        extend_on="2026-03-10",
    )
    shown = render(EXPLANATION, today=TODAY, explanation=asked)
    pause, extension = shown.split("2026年3月3日（周二）至2026年3月6日（周五）暂停")[1].split(
        "2026年3月10日（周二）批准延长"
    )
    assert 'href="/desk/rules/YQ-LR-' in pause
    assert 'href="/desk/rules/YQ-LR-14b/"' in extension
    assert "提出要求的当日计入期限" in shown


def test_an_explanation_says_our_own_reading_where_the_law_is_silent(render: Render) -> None:
    shown = render(EXPLANATION, today=TODAY, explanation=answered("WH-PLAN-4a", "2026-05-06"))
    assert "<dt>约定</dt>" in shown
    assert "向前计算的期限遇休息日提前到此前最近的工作日" in shown
    assert "2026年5月1日（周五）不是工作日（劳动节），提前到2026年4月30日（周四）" in shown
    assert "也可读作2026-05-01至2026-05-05之间" in shown


def test_a_rule_of_another_agency_is_not_said_to_be_out_of_force(render: Render) -> None:
    shown = render(EXPLANATION, today=TODAY, explanation=answered("WH-MEAS-15b", "2026-02-11", profile="national"))
    assert "规定不约束该机关" in shown
    assert "规定当时未生效" not in shown


def test_what_the_public_reads_leads_nowhere_behind_the_login_and_knows_no_today(render: Render) -> None:
    source = "{% load explanation %}{% explain explanation public=True %}"
    shown = render(source, explanation=answered("WH-MEAS-15b", "2026-02-11"))
    assert "/desk/" not in shown
    assert "is-today" not in shown
    assert shown.count('<li class="') == 17


def test_months_are_shown_by_the_days_on_which_they_were_full(render: Render) -> None:
    shown = render(EXPLANATION, today=TODAY, explanation=answered("CN-PENALTY-36", "2024-03-01"))
    assert '<th scope="row">满1年</th><td>2025年3月1日（周六）</td>' in shown
    assert "逐日计算（首尾各日）" in shown


def step(key: str, *, permit: Permit = Permit.yes, unmet: tuple[Unmet, ...] = ()) -> NextStep:
    return NextStep(Step(key, f"办{key}", "a", "b", lambda official, case: permit), permit, unmet, CITATION)


NEXT = '{% include "core/_next_steps.html" with steps=steps steps_url="/desk/cases/3/steps/" only %}'


def test_next_steps_show_what_is_open_and_what_is_missing(render: Render) -> None:
    steps = [
        step("serve"),
        step("close", unmet=(DEMAND,)),
        step("decide", permit=Permit.no("决定由分管负责人作出", CITATION)),
    ]
    can, cannot = render(NEXT, steps=steps).split("还不能办")
    assert 'href="/desk/cases/3/steps/serve/"' in can
    assert "办close" not in can
    assert "缺送达录像&lt;" in cannot
    assert 'href="/desk/recordings/upload/4/"' in cannot
    assert cannot.count('class="cite"') == 3
    assert "决定由分管负责人作出" in cannot
    assert "/steps/decide/" not in cannot


def test_a_clock_that_stands_still_never_says_that_nothing_paused_it(render: Render) -> None:
    still = render(
        "{% load explanation %}{% explain explanation today=today paused_from=today %}",
        today=TODAY,
        explanation=explanation(),
    )
    assert "2026年2月25日（周三）起正在暂停" in still
    assert "上面的日期没有算入这次暂停" in still
    assert "没有</dd>" not in still
    assert "<dt>暂停、延长</dt><dd>没有</dd>" in render(EXPLANATION, today=TODAY, explanation=explanation())


@pytest.mark.parametrize(
    ("first", "said"),
    [("2026-02-12", "首日计入"), ("2026-02-27", "在期限届满之后，不影响期限")],
    ids=["within", "after"],
)
def test_a_pause_after_the_end_is_not_said_to_count(render: Render, first: str, said: str) -> None:
    told = explanation(nominal="2026-02-27T23:59:59+08:00", pauses=[[first, "2026-03-20"]])
    assert said in render(EXPLANATION, today=TODAY, explanation=told)


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ("cn-2020-2026", "2020年至2026年放假安排"),
        ("cn-2020-2024+2026", "2020年至2024年、2026年放假安排"),
        ("cn-statutory", "法定节假日和周末"),
    ],
)
def test_a_calendar_is_said_in_words(calendar: str, words: str) -> None:
    assert calendar_words(calendar) == words


def test_stages_say_their_state_in_words(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 2, 20, 9, tzinfo=UTC))
    stages = [
        Stage(label="立案", state="done", on=date(2026, 1, 6), citation=CITATION),
        Stage(label="公示", state="now", due=date(2026, 2, 27), why="/desk/duties/7/"),
        Stage(label="决定", state="todo", due=date(2027, 1, 20)),
        Stage(label="结案", state="todo"),
    ]
    shown = render('{% include "core/_stages.html" with stages=stages only %}', stages=stages)
    for words in (
        "（已完成）",
        "1月6日",
        "（当前阶段）",
        '<a href="/desk/duties/7/">2月27日前<',
        "<small>2027年1月20日前</small>",
        "（未开始）",
        'aria-current="step"',
    ):
        assert words in shown


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_the_timeline_has_today_between_what_was_and_what_is_due(render: Render) -> None:
    entries = [
        Entry(at=at("2026-02-11T10:00"), title="作出决定", tone="key", icon="scale", citations=(CITATION,)),
        Entry.of_duty(duty()),
        Entry.of_duty(duty(state="overdue", workdays_left=-1, due_at=at("2026-02-24T23:59:59"), title="录像入库")),
    ]
    shown = render("{% timeline entries now=now %}", entries=entries, now=NOW)
    order = [shown.index(words) for words in ("公示行政处罚决定", "<b>今天</b>", "录像入库", "作出决定")]
    assert order == sorted(order)
    assert "ev--late" in shown
    assert "ev--duty" in shown


def test_a_late_entry_shows_both_days(render: Render) -> None:
    late = Entry(at=at("2026-02-09T10:00"), title="法制审核：同意", recorded_at=at("2026-02-13T09:00"))
    shown = render("{% timeline entries now=now %}", entries=[late], now=NOW)
    assert "发生在2026年2月9日（周一），2026年2月13日（周五）录入" in shown
    prompt = Entry(at=at("2026-02-09T10:00"), title="法制审核：同意", recorded_at=at("2026-02-09T18:00"))
    assert "录入" not in render("{% timeline entries now=now %}", entries=[prompt], now=NOW)


def test_a_corrected_line_stays_struck_through(render: Render) -> None:
    entry = Entry(at=at("2026-02-13T10:00"), title="送达", replaced="应为2月12日")
    shown = render("{% timeline entries now=now %}", entries=[entry], now=NOW)
    assert "<s>送达</s>" in shown
    assert "已更正：应为2月12日" in shown


def test_lines_of_one_moment_keep_the_order_of_writing() -> None:
    first, second = (Entry(at=NOW, title=title) for title in "甲乙")
    earlier = Entry(at=NOW - timedelta(days=1), title="丙")
    assert [entry.title for entry in newest_first([first, earlier, second])] == ["乙", "甲", "丙"]


class Complaint(forms.Form):
    kind = forms.ChoiceField(label="种类", choices=[("a", "警告"), ("b", "罚款")], widget=forms.RadioSelect)
    ground = forms.ChoiceField(label="案由", choices=[("", "请选择"), ("a", "拒不支付")])
    amount = forms.DecimalField(label="金额（元）", help_text="大于零")
    note = forms.CharField(label="说明", required=False)
    sure = forms.BooleanField(label="内容属实")
    secret = forms.CharField(widget=forms.HiddenInput, initial="x")


FORM = '{% include "core/_form.html" with form=form submit_label="送审" %}'


@pytest.mark.filterwarnings("ignore:A {% csrf_token %} was used")
class TestForm:
    def test_a_field_is_labelled_and_described(self, render: Render) -> None:
        shown = render(FORM, form=Complaint())
        assert '<label class="form-label" for="id_amount">金额（元）</label>' in shown
        assert 'aria-describedby="id_amount_help"' in shown
        assert '<p class="form-text" id="id_amount_help">大于零</p>' in shown
        assert "说明 <span" in shown
        assert "（可不填）" in shown
        assert "<legend" in shown
        assert "data-bound" not in shown

    def test_a_refused_form_names_every_field_and_keeps_what_was_typed(self, render: Render) -> None:
        shown = render(FORM, form=Complaint({"note": "已写<内容>", "secret": "x"}))
        assert "有 4 处需要修改" in shown
        assert '<a href="#id_amount">金额（元）：' in shown
        assert 'aria-describedby="id_amount_help id_amount_error"' in shown
        assert 'aria-invalid="true"' in shown
        assert 'id="id_amount_error"' in shown
        assert "已写&lt;内容&gt;" in shown
        assert "data-bound" in shown

    def test_every_link_of_the_summary_has_its_target(self, render: Render) -> None:
        shown = render(FORM, form=Complaint({"secret": "x"}))
        for name in ("kind", "ground", "amount", "sure"):
            assert f'href="#id_{name}"' in shown
            assert f'id="id_{name}"' in shown

    def test_a_statutory_refusal_lists_its_demands(self, render: Render) -> None:
        form = Complaint()
        form.demands = (DEMAND,)  # type: ignore[attr-defined]
        shown = render(FORM, form=form)
        assert "现在还不能办，缺以下 1 项" in shown
        assert "去上传" in shown

    def test_a_draft_key_is_handed_to_the_script(self, render: Render) -> None:
        shown = render(FORM, form=Complaint(), draft_key="case-3-decide", cancel_url="/desk/cases/3/")
        assert 'data-draft-key="case-3-decide"' in shown
        assert 'href="/desk/cases/3/"' in shown


def test_an_empty_place_says_what_will_appear(render: Render) -> None:
    empty = '{% include "core/_empty.html" with icon="inbox" title="没有消息" text="新的消息显示在这里。" only %}'
    assert "没有消息" in render(empty)
    assert "btn" not in render(empty)


def test_the_pager_keeps_the_rest_of_the_address(render: Render) -> None:
    pager = {"previous": None, "next": "abc=", "count_text": "超过1,000件"}
    request = RequestFactory().get("/desk/cases/", {"q": "示例", "cursor": "old"})
    shown = render('{% include "core/_pager.html" %}', pager=pager, request=request)
    assert "cursor=abc%3D" in shown
    assert "q=%E7%A4%BA%E4%BE%8B" in shown
    assert "old" not in shown
    assert 'rel="prev"' not in shown


@pytest.mark.parametrize("code", ["403", "403_csrf", "404", "500"])
def test_an_error_page_needs_nothing_and_keeps_drafts(code: str, render: Render) -> None:
    shown = get_template(f"{code}.html").render({})
    assert "<h1>" in shown
    assert "data-keep-drafts" in shown
    assert "/desk/" not in shown


def test_an_error_on_the_desk_leads_back_to_the_desk(render: Render) -> None:
    shown = render('{% include "404.html" %}', request=RequestFactory().get("/desk/cases/9/"))
    assert '<a class="btn btn-primary" href="/desk/">' in shown


def shell(**changed: Any) -> dict[str, Any]:
    """What core.context.shell gives."""
    return {
        "demo": True,
        "agency_name": "威海市示例局",
        "nav": [{"label": "案卷", "url": "/desk/cases/", "count": 4, "current": True}],
        "public_nav": [{"label": "执法决定", "url": "/", "current": True}],
        "unread": 3,
        "messages": [],
        "user": SimpleNamespace(is_authenticated=True, name="张示例", pk=3),
        **changed,
    }


@pytest.mark.filterwarnings("ignore:A {% csrf_token %} was used")
def test_the_desk_has_its_shell(render: Render) -> None:
    shown = get_template("desk/base.html").render(shell())
    for words in (
        "跳到正文",
        "演示数据",
        'aria-current="page"',
        "条未读消息",
        "张示例",
        'data-official="3"',
        "data-sign-out",
    ):
        assert words in shown


@pytest.mark.filterwarnings("ignore:A {% csrf_token %} was used")
def test_a_stranger_sees_no_navigation_and_gives_no_name(render: Render) -> None:
    shown = get_template("desk/base.html").render(shell(nav=[], unread=0, user=SimpleNamespace(is_authenticated=False)))
    assert "data-official" not in shown
    assert "退出登录" not in shown


def test_the_public_site_works_without_a_script(render: Render) -> None:
    shown = get_template("public/base.html").render(shell(demo=False))
    assert "<script" not in shown
    assert "威海市示例局" in shown
    assert "演示数据" not in shown
    assert 'href="/desk' not in shown


@pytest.mark.parametrize(
    ("tag", "look"), [("error", "red"), ("warning", "amber"), ("success", "green"), ("info", "plain")]
)
def test_a_message_has_its_tone(tag: str, look: str, render: Render) -> None:
    shown = render('{% include "core/_messages.html" %}', messages=[SimpleNamespace(level_tag=tag)])
    assert f"alert--{look}" in shown
