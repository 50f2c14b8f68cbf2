"""The public calculator: the same answer on the page, by the API and at the command line, and a clear word for whatever is no question."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client, override_settings
from redis.exceptions import ConnectionError as RedisIsAway

from core import calendars, law
from core.calculator import Question, QuestionRefused, can_be_counted
from core.models import CalendarVersion, CalendarYear
from disclosure import api
from disclosure.calculator import CalculatorForm
from rulebook import library
from tests.disclosure.flow import Bureau

PAGE = "/calculator/"
API = "/api/v1/deadline/"
ASKED = {"profile": "weihai-hrss", "rule": "WH-MEAS-15b", "at": "2026-02-11"}


@pytest.fixture(autouse=True)
def _each_test_has_its_own_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.PublicRate, "rate", "100000/min")
    calendars._cached = None


def command(*arguments: str) -> str:
    """What `manage.py deadline --json` prints."""
    out = StringIO()
    call_command("deadline", *arguments, "--json", stdout=out)
    return out.getvalue().strip()


def said(client: Client, **asked: Any) -> str:
    return json.dumps(client.get(API, asked).json(), ensure_ascii=False)


QUESTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"rule": "WH-MEAS-15b", "at": "2026-02-11"}, ["WH-MEAS-15b", "--at", "2026-02-11"]),
    ({"rule": "WH-MEAS-42b", "at": "2025-09-05T10:30"}, ["WH-MEAS-42b", "--at", "2025-09-05T10:30"]),
    (
        {"rule": "WH-MEAS-15b", "at": "2026-02-11", "profile": "yangquan-hrss"},
        ["WH-MEAS-15b", "--at", "2026-02-11", "--profile", "yangquan-hrss"],
    ),
    (
        {
            "rule": "YQ-LR-14a",
            "at": "2026-03-02",
            "pause": ["2026-03-03..2026-03-05", "2026-03-09..2026-03-10"],
            "extend_on": "2026-03-11",
        },
        ["YQ-LR-14a", "--at", "2026-03-02", "--pause", "2026-03-03..2026-03-05", "--pause",
         "2026-03-09..2026-03-10", "--extend-on", "2026-03-11"],
    ),
    ({"rule": "WH-PLAN-4a", "at": "2026-05-06"}, ["WH-PLAN-4a", "--at", "2026-05-06"]),
    ({"rule": "WH-PLAN-3a", "at": "2027-01-10"}, ["WH-PLAN-3a", "--at", "2027-01-10"]),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "arguments"), QUESTIONS, ids=[f"{a['rule']}-{a['at']}" for a, _ in QUESTIONS])
def test_the_api_says_what_the_command_says(client: Client, asked: dict[str, Any], arguments: list[str]) -> None:
    assert said(client, **asked) == command(*arguments)


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["2021-02-28", "2024-09-14", "2026-02-13", "2031-12-31"])
def test_every_rule_that_can_be_counted_has_one_answer_for_api_and_command(client: Client, at: str) -> None:
    for rule in filter(can_be_counted, library.get().rules):
        moment = f"{at}T09:00"
        assert said(client, rule=rule.id, at=moment) == command(rule.id, "--at", moment), rule.id


@pytest.mark.django_db
def test_the_api_needs_no_login_and_may_be_kept_by_caches(client: Client) -> None:
    answer = client.get(API, ASKED)
    assert answer.status_code == 200
    assert answer.json()["due"] == "2026-02-27T23:59:59+08:00"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer
    assert client.post(API, ASKED).status_code == 405


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"rule": "WH-MEAS-15b"}, "at", "必须给出"),
    ({"at": "2026-02-11"}, "rule", "必须给出"),
    ({"rule": "NO-SUCH-1", "at": "2026-02-11"}, "rule", "没有规则 NO-SUCH-1"),
    ({"rule": "YQ-LR-10", "at": "2026-02-11"}, "rule", "没有可以计算的期限"),
    ({"rule": "WH-MEAS-15", "at": "2026-02-11"}, "rule", "没有规则 WH-MEAS-15，有 WH-MEAS-15b、WH-MEAS-15c"),
    ({"rule": "CN-INSPECTION-17", "at": "tomorrow"}, "at", "不是日期或者时刻"),
    ({"rule": "WH-MEAS-15b\x00", "at": "2026-02-11"}, "rule", "没有规则"),
    ({"rule": "WH-MEAS-15b", "at": "tomorrow"}, "at", "不是日期或者时刻"),
    ({"rule": "WH-MEAS-15b", "at": "2026-02-30"}, "at", "不是日期或者时刻"),
    ({"rule": "WH-MEAS-15b", "at": "9999-12-31"}, "at", "超出工作日历范围"),
    ({"rule": "WH-MEAS-15b", "at": "0001-01-01T00:00+14:00"}, "at", "不是日期或者时刻"),
    ({"rule": "WH-MEAS-15b", "at": "2099-12-31"}, "at", "超出工作日历范围"),
    ({"rule": "WH-MEAS-15b", "at": "2026-02-11", "profile": "nowhere"}, "profile", "没有规则档案 nowhere"),
    ({"rule": "WH-MEAS-15b", "at": "2026-02-11", "pause": "2026-02-12"}, "pause", "FROM..TO"),
    ({"rule": "WH-MEAS-15b", "at": "2026-02-11", "pause": "x..y"}, "pause", "不是日期或者时刻"),
    (
        {"rule": "WH-MEAS-15b", "at": "2026-02-11", "pause": "2026-02-12..2026-02-13"},
        "pause",
        "没有规则允许暂停",
    ),
    (
        {"rule": "YQ-LR-14a", "at": "2026-03-02", "pause": "2026-03-05..2026-03-03"},
        "pause",
        "止日2026-03-03早于起日2026-03-05",
    ),
    (
        {"rule": "YQ-LR-14a", "at": "2026-03-02", "pause": "2026-03-05..2096-03-03"},
        "pause",
        "一次暂停超过三年，请核对日期",
    ),
    (
        {"rule": "YQ-LR-14a", "at": "2026-03-02", "pause": ["2026-03-05..2026-03-06"] * 21},
        "pause",
        "暂停最多填20次",
    ),
    ({"rule": "WH-MEAS-15b", "at": "2026-02-11", "extend_on": "2026-02-12"}, "extend_on", "没有规则允许延长"),
    ({"rule": "YQ-LR-14a", "at": "2026-03-02", "extend_on": "2026-06-01"}, "extend_on", "其后批准的延长无效"),
    ({"rule": "YQ-LR-14a", "at": "2026-03-02", "extend_on": "soon"}, "extend_on", "不是日期或者时刻"),
    ({"rule": "WH-MEAS-15b", "at": "2026-02-11", "extend-on": "2026-02-12"}, "extend-on", "没有这个参数"),
    ({"rule": ["WH-MEAS-15b", "WH-MEAS-17a"], "at": "2026-02-11"}, "rule", "只能给出一次"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "field", "words"), REFUSED, ids=[f"{n}-{f}" for n, (_, f, _) in enumerate(REFUSED)])
def test_what_is_no_question_is_refused_at_its_field(
    client: Client, asked: dict[str, Any], field: str, words: str
) -> None:
    answer = client.get(API, asked)
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    [told] = answer.json()["fields"].items()
    assert told[0] == field
    assert words in told[1][0]


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_ask_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.cache import cache

    cache.delete("public-rate:127.0.0.1")
    monkeypatch.setattr(api.PublicRate, "rate", "2/min")
    assert [client.get(API, ASKED).status_code for _ in range(3)] == [200, 200, 429]
    assert 0 < int(client.get(API, ASKED)["Retry-After"]) <= 60
    cache.delete("public-rate:127.0.0.1")


@pytest.mark.django_db
def test_without_redis_nobody_is_turned_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def get(self, key: str, default: Any = None) -> Any:
            raise RedisIsAway("no such socket")

    monkeypatch.setattr(api.PublicRate, "rate", "1/min")
    monkeypatch.setattr(api.PublicRate, "cache", Away())
    assert [client.get(API, ASKED).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.django_db
@pytest.mark.parametrize(("serve", "on_page", "in_api"), [("public", 200, 200), ("desk", 404, 200), ("both", 200, 200)])
def test_each_face_answers_machines_and_the_public_face_has_the_page(
    bureau: Bureau, client: Client, serve: str, on_page: int, in_api: int
) -> None:
    with override_settings(SERVE=serve):
        assert client.get(PAGE).status_code == on_page
        assert client.get(API, ASKED).status_code == in_api
        # The rest of the API stays behind its face and its login.
        assert client.get("/api/v1/duties/").status_code == (404 if serve == "public" else 401)


# --- the page ---------------------------------------------------------------------------------------------------


def shown(client: Client, status: int = 200, **asked: Any) -> str:
    answer = client.get(PAGE, asked)
    assert answer.status_code == status
    return answer.content.decode()


def errors(page: str) -> dict[str, str]:
    """Field -> what stands at it."""
    found = re.findall(r'<div id="id_(\w+)_error">(.*?)</div>', page, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", text).strip() for name, text in found}


@pytest.mark.django_db
def test_the_page_asks_first_and_offers_every_rule_that_can_be_counted(bureau: Bureau, client: Client) -> None:
    page = shown(client)
    offered = re.findall(r'<option value="([A-Z][^"]+)"', page)
    assert sorted(offered) == sorted(rule.id for rule in library.get().rules if can_be_counted(rule))
    assert '<optgroup label="威海市行政执法监督办法">' in page
    assert '<option value="weihai-hrss" selected>威海市人力资源和社会保障局</option>' in page
    assert "<script" not in page
    assert errors(page) == {}


@pytest.mark.django_db
def test_the_page_answers_with_day_and_explanation_and_an_address_that_asks_the_same(
    bureau: Bureau, client: Client
) -> None:
    answer = client.get(PAGE, ASKED)
    page = answer.content.decode()
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "<title>公示行政执法决定：2026年2月27日（周五）" in page
    assert "春节2月15日至23日，共9天" in page
    assert "2月14日（周六）调休上班，计入" in page
    assert law.rulebook().rule("WH-MEAS-15b").quote in page
    [canonical] = re.findall(r'<link rel="canonical" href="([^"]+)"', page)
    again = urlsplit(unescape(canonical))
    assert again.path == PAGE
    assert client.get(f"{again.path}?{again.query}").content == answer.content
    [machines] = re.findall(r'href="(/api/v1/deadline/[^"]+)"', page)
    assert json.dumps(client.get(unescape(machines)).json(), ensure_ascii=False) == command(
        "WH-MEAS-15b", "--at", "2026-02-11", "--profile", "weihai-hrss"
    )


@pytest.mark.django_db
def test_the_page_of_a_long_period_lists_each_day_counted_and_each_skipped_with_its_reason(
    bureau: Bureau, client: Client
) -> None:
    asked = {"profile": "weihai-hrss", "rule": "CN-INSPECTION-17a", "at": "2026-01-06"}
    page = client.get("/calculator/", asked).content.decode()
    said = client.get(API, asked).json()
    listed = page.partition('<details class="every small">')[2].partition("</details>")[0]
    assert listed.count("<td>第") == len(said["counted"]) == 60
    reasons = re.findall(r'<tr class="passed">.*?<td>跳过：([^，<]+)', listed)
    assert reasons == [entry["reason"] for entry in said["skipped"]]


@pytest.mark.django_db
def test_pauses_and_extension_reach_the_answer(bureau: Bureau, client: Client) -> None:
    """Ten working days from 2 March 2026: 4-6 March left out, then ten more."""
    asked = {
        "profile": "yangquan-hrss",
        "rule": "YQ-LR-14a",
        "at": "2026-03-02",
        "pause_from_1": "2026-03-03",
        "pause_to_1": "2026-03-06",
        "extend_on": "2026-03-10",
    }
    page = shown(client, **asked)
    expected = json.loads(
        command("YQ-LR-14a", "--at", "2026-03-02", "--pause", "2026-03-03..2026-03-06", "--extend-on", "2026-03-10")
    )
    day = date.fromisoformat(expected["due"][:10])
    assert day == date(2026, 4, 2)
    assert f"2026年{day.month}月{day.day}日" in page.split("</title>")[0]
    assert "2026年3月10日（周二）批准延长" in page
    assert '<details class="calc__more" open>' in page


@pytest.mark.django_db
def test_the_empty_fields_of_a_form_do_not_stand_in_the_address_that_is_passed_on(
    bureau: Bureau, client: Client
) -> None:
    answer = client.get(PAGE, {**ASKED, "time": "", "pause_from_1": "", "pause_to_1": "", "extend_on": ""})
    assert answer.status_code == 302
    assert answer["Location"] == f"{PAGE}?profile=weihai-hrss&rule=WH-MEAS-15b&at=2026-02-11"


PAGE_REFUSED: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"at": ""}, {"at": "请填写事实发生的日期"}),
    ({"rule": ""}, {"rule": "请选择规定"}),
    ({"profile": ""}, {"profile": "请选择执法机关"}),
    ({"rule": "<script>alert(1)</script>"}, {"rule": "没有这条规定，或者它没有可以计算的期限"}),
    ({"rule": "YQ-LR-10"}, {"rule": "没有这条规定，或者它没有可以计算的期限"}),
    ({"profile": "nowhere"}, {"profile": "没有这个机关"}),
    ({"at": "11.2.2026"}, {"at": "日期应写作2026-02-11这样的年、月、日"}),
    ({"at": "2026-02-31"}, {"at": "没有2026-02-31这一天"}),
    ({"at": "昨天"}, {"at": "日期应写作2026-02-11这样的年、月、日"}),
    ({"at": "1026-02-11"}, {"at": "1026-02-11 超出工作日历范围（2000-01-01至2099-12-31）"}),
    ({"time": "noon"}, {"time": "时刻应写作09:30这样的时、分"}),
    ({"pause_from_1": "2026-02-12"}, {"pause_to_1": "暂停须填写提出要求和收到材料两个日期"}),
    ({"pause_to_2": "2026-02-12"}, {"pause_from_2": "暂停须填写提出要求和收到材料两个日期"}),
    (
        {"pause_from_2": "2026-02-12", "pause_to_2": "2026-02-13"},
        {"pause_from_2": "威海市人力资源和社会保障局没有规则允许暂停"},
    ),
    ({"extend_on": "2026-02-12"}, {"extend_on": "威海市人力资源和社会保障局没有规则允许延长"}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("changed", "told"), PAGE_REFUSED, ids=[f"{n}" for n in range(len(PAGE_REFUSED))])
def test_the_page_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(
    bureau: Bureau, client: Client, changed: dict[str, str], told: dict[str, str]
) -> None:
    page = shown(client, 422, **ASKED | changed)
    assert errors(page) == told
    assert "why__head" not in page
    assert "<script" not in page
    for name, value in changed.items():
        if name not in ("rule", "profile") and value:
            # A browser empties a field of days or times that holds anything else.
            kind = "text" if value in ("11.2.2026", "2026-02-31", "昨天", "noon") else "date"
            assert f'<input type="{kind}" name="{name}" value="{value}"' in page


@pytest.mark.django_db
def test_a_rule_may_be_chosen_beforehand_without_asking_yet(bureau: Bureau, client: Client) -> None:
    page = shown(client, rule="WH-MEAS-17a")
    assert re.search(r'<option value="WH-MEAS-17a" selected>', page)
    assert errors(page) == {}
    assert "selected" not in re.findall(r'<select name="rule".*?</select>', shown(client, rule="<x>"), re.DOTALL)[
        0
    ].replace('<option value="" selected>', "")


@pytest.mark.django_db
def test_a_year_without_a_notice_is_marked(bureau: Bureau, client: Client) -> None:
    assert "暂定：涉及的年度还没有公布放假安排" in shown(client, **ASKED | {"at": "2027-02-11"})
    assert "暂定：" not in shown(client, **ASKED)


@pytest.mark.django_db
def test_a_rule_that_binds_another_agency_is_answered_with_a_warning(bureau: Bureau, client: Client) -> None:
    page = shown(client, **ASKED | {"profile": "national"})
    assert "这条规定不约束所选机关（仅适用国家法律、行政法规）" in page
    assert "2026年2月27日（周五）" in page


@pytest.mark.django_db
def test_a_day_before_the_rule_is_answered_with_a_warning(bureau: Bureau, client: Client) -> None:
    page = shown(client, **ASKED | {"at": "2015-02-11"})
    assert "还没有施行或者已经失效，日期只供对照" in page


@pytest.mark.django_db
def test_a_notice_entered_here_counts_at_once(bureau: Bureau, client: Client) -> None:
    """With 2027's notice the fifth of January is off and Saturday the ninth is worked; without it the fifth counts."""
    asked = {"rule": "CN-PENALTY-48", "at": "2027-01-01", "profile": "national"}
    before = client.get(API, asked).json()
    assert before["provisional"] is True
    CalendarYear.objects.create(year=2027, notice="示例通知", text=NOTICE, entered_by=bureau.officer)
    CalendarVersion.objects.create(number=1)
    after = client.get(API, asked).json()
    assert after["provisional"] is False
    assert (before["due"][:10], after["due"][:10]) == ("2027-01-06", "2027-01-08")
    assert "2020年至2027年" in shown(client)


NOTICE = """
year = 2027
title = "示例通知"
[[holiday]]
name = "元旦"
from = 2027-01-01
to = 2027-01-05
worked = [2027-01-09]
"""


@pytest.mark.django_db
def test_hours_ask_for_the_minute(bureau: Bureau, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A rule of the shape of "within 24 hours": the day alone is refused at the time, with the minute it is answered."""
    from dataclasses import replace

    from rulebook.library import Rulebook
    from rulebook.model import Period

    book = library.get()
    hours = replace(book.rule("WH-MEAS-17a"), within=Period(24, "hour"))
    versions = {rule.id: (hours,) if rule.id == hours.id else (rule,) for rule in book.rules}
    changed = Rulebook({i.id: i for i in book.instruments}, versions, {p.id: p for p in book.profiles})
    monkeypatch.setattr(law, "rulebook", lambda: changed)
    asked = QueryDict(f"profile=weihai-hrss&rule={hours.id}&at=2026-02-11")
    refused = CalculatorForm.read(asked, profile="weihai-hrss")
    assert refused.errors == {"time": ["这一期限按小时计算，请填写时刻"]}
    answered = CalculatorForm.read(QueryDict(f"{asked.urlencode()}&time=10:30"), profile="weihai-hrss")
    assert answered.is_valid(), answered.errors
    assert answered.due is not None
    assert answered.due.due.isoformat() == "2026-02-12T10:30:00+08:00"


@pytest.mark.django_db
def test_a_question_names_the_field_that_is_wrong_first() -> None:
    with pytest.raises(QuestionRefused) as refused:
        Question(rule="NO", at="never", profile="nowhere", extend_on="x").answer()
    assert (refused.value.field, str(refused.value)) == ("rule", "没有规则 NO")
