"""The two lists, duties, messages, the law and the ledger: what stands there, who sees it, at what cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency import telling
from agency.models import Official, Unit
from core import access, alerts, facts, law, registry
from core.desk.selectors import owed
from core.facts import Fact, Subject
from core.models import Alert, Duty, InstrumentText
from core.registry import WaitingStep
from enforcement.models import Case
from enforcement.services import register_source
from tests.alerts.conftest import owe
from tests.enforcement.factories import SOURCE

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]


def end_of_day(days: int) -> datetime:
    return timezone.localtime(timezone.now() + timedelta(days=days)).replace(
        hour=23, minute=59, second=59, microsecond=0
    )


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, always_at_work: None) -> None:
    """No app above fills the desk; whoever is to be told is told, whatever the hour."""
    monkeypatch.setattr(registry, "_waiting", [])
    monkeypatch.setattr(registry, "_search", [])
    monkeypatch.setattr(registry, "handlers_of", lambda name: ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Fact):
    name = "enforcement.decision_made"
    label = "作出决定"
    act_kind: str = "penalty"
    has_fine: bool = True


def decide(section: Unit, by: Official, *, days_ago: int = 1, number: int = 1) -> Duty:
    file = Subject(stream=f"case:{number}", title="某某示例公司案", url=f"/desk/cases/{number}/")
    happened = timezone.now() - timedelta(days=days_ago)
    facts.record(Decision(subject=file, unit=section.pk), happened_at=happened, by=by)
    return Duty.objects.get(obligation="publish_decision", anchor=f"case:{number}")


# --- the first screen -----------------------------------------------------------------------------------------


def test_the_first_screen_says_what_it_will_show_while_there_is_nothing(
    bare: None, signed_in: SignIn, clerk: Official
) -> None:
    page = signed_in(clerk).get("/desk/").content.decode()
    assert "没有等您办理的事项" in page
    assert "没有未办的期限" in page
    assert "还没有消息" in page


def test_each_row_is_one_click_from_the_act(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = WaitingStep(label="审批立案", title="某某示例公司", url="/desk/cases/9/steps/accept/", since=timezone.now())
    monkeypatch.setattr(registry, "_waiting", [lambda official: [step]])
    late, today = owe(section, end_of_day(-3), title="送达"), owe(section, end_of_day(0), title="公示")
    later = owe(section, end_of_day(40), title="结案")
    page = signed_in(clerk).get("/desk/").content.decode()
    assert 'href="/desk/cases/9/steps/accept/"' in page
    for duty in (late, today, later):
        assert f'href="{duty.subject_url}"' in page
        assert f'href="/desk/duties/{duty.pk}/"' in page
    assert page.index("已逾期 1 件") < page.index("今天到期 1 件") < page.index("以后到期 1 件")
    counts = re.findall(r"(全部|逾期|今天|参照) (\d+)", page)
    assert counts[:4] == [("全部", "3"), ("逾期", "1"), ("今天", "1"), ("参照", "0")]


def test_a_filter_shows_only_what_it_names(bare: None, signed_in: SignIn, clerk: Official, section: Unit) -> None:
    owe(section, end_of_day(-3), title="迟了的")
    owe(section, end_of_day(0), title="今天的")
    page = signed_in(clerk).get("/desk/?urgency=overdue").content.decode()
    page = page.partition('id="owed-h"')[2].partition("</section>")[0]
    assert "迟了的" in page
    assert "今天的" not in page


def test_rights_and_duties_of_others_are_not_on_my_list(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit, other: Unit
) -> None:
    owe(section, end_of_day(3), title="当事人的权利", kind=Duty.Kind.RIGHT)
    owe(section, end_of_day(3), title="外部监督机构的", owed_by="outside")
    owe(other, end_of_day(3), title="别科的")
    page = signed_in(clerk).get("/desk/").content.decode()
    assert not [title for title in ("当事人的权利", "外部监督机构的", "别科的") if title in page]


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/desk/", "/desk/duties/", "/desk/messages/", "/api/v1/duties/"])
def test_a_page_of_fifty_costs_as_many_statements_as_one_of_ten(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit, path: str
) -> None:
    client = signed_in(clerk)
    for days in range(10):
        owe(section, end_of_day(days - 5))
    alerts.raise_due(timezone.now())
    client.get(path)
    few = statements(client, path)
    for days in range(40):
        owe(section, end_of_day(days - 20))
    alerts.raise_due(timezone.now())
    assert statements(client, path) == few
    assert few <= 15


def test_paging_by_end_visits_every_duty_once_in_order(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit
) -> None:
    made = [owe(section, end_of_day(days // 3)) for days in range(130)]
    client, path, seen = signed_in(clerk), "/desk/duties/", []
    while path:
        page = client.get(path).content.decode()
        seen += [int(pk) for pk in re.findall(r'href="/desk/duties/(\d+)/"', page)]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = "/desk/duties/" + found[1].replace("&amp;", "&") if found else ""
    assert seen == [duty.pk for duty in made]


@pytest.mark.parametrize(
    "cursor", ["x", "after_", "after_1e999_1", "after_nan_1", "before_1_2_3", "after_1_99999999999999999999999"]
)
def test_a_mistyped_cursor_shows_the_first_page(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit, cursor: str
) -> None:
    owe(section, end_of_day(1), title="第一页的")
    answer = signed_in(clerk).get("/desk/duties/", {"cursor": cursor, "day": "x", "month": "2026-99", "state": "?"})
    assert answer.status_code == 200


# --- one duty -------------------------------------------------------------------------------------------------


def test_a_duty_explains_itself_on_the_page_and_in_the_api(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit
) -> None:
    duty = decide(section, clerk, days_ago=3)
    client = signed_in(clerk)
    page = client.get(f"/desk/duties/{duty.pk}/").content.decode()
    assert "应当自执法决定作出之日起7个工作日内公开" in page
    assert "由此产生这一期限" in page
    assert "录入" in page, "entered later than it happened"
    assert "同时适用的规定" in page
    answer = client.get(f"/api/v1/duties/{duty.pk}/").json()
    assert answer["explanation"] == duty.explanation
    assert [basis["rule"] for basis in answer["bases"]] == ["WH-MEAS-15b", "WH-PLAN-2b"]


@pytest.mark.parametrize(
    ("kind", "owed_by", "says", "raised"),
    [
        ("deadline", "unit", "到期前、到期当天和逾期后会提醒", {"before", "day", "after"}),
        ("limit", "unit", "到期前和到期当天会提醒承担单位的人员；届满以后不再提醒", {"before", "day"}),
        ("right", "unit", "到期前和到期当天会提醒承担单位的人员；届满以后不再提醒", {"before", "day"}),
        ("right", "party", "不发提醒", set()),
        ("deadline", "outside", "不发提醒", set()),
    ],
)
def test_the_page_says_who_will_be_told_as_the_sweep_tells(
    bare: None,
    signed_in: SignIn,
    clerk: Official,
    section: Unit,
    kind: str,
    owed_by: str,
    says: str,
    raised: set[str],
) -> None:
    duty = owe(section, end_of_day(3), kind=kind, owed_by=owed_by)
    client = signed_in(clerk)
    assert says in client.get(f"/desk/duties/{duty.pk}/").content.decode()
    for late in (timedelta(hours=-1), timedelta(days=15)):
        alerts.raise_due(duty.due_at + late)
    told = Alert.objects.filter(duty=duty).values_list("threshold", flat=True)
    assert {threshold.partition("-")[0] for threshold in told} == raised


def test_what_is_settled_and_was_never_told_of_says_so(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit
) -> None:
    duty = owe(section, end_of_day(3), voided_at=timezone.now(), void_reason="已经不需要")
    assert "这一期限已经了结，不再提醒" in signed_in(clerk).get(f"/desk/duties/{duty.pk}/").content.decode()


def test_a_duty_of_another_section_answers_like_an_absent_one(
    bare: None, signed_in: SignIn, clerk: Official, stranger: Official, section: Unit
) -> None:
    duty = decide(section, clerk)
    client = signed_in(stranger)
    for path in ("/desk/duties/{}/", "/api/v1/duties/{}/"):
        hidden, absent = client.get(path.format(duty.pk)), client.get(path.format(10**9))
        assert (hidden.status_code, absent.status_code) == (404, 404)
    assert client.get("/api/v1/duties/").json()["results"] == []
    assert "某某示例公司案" not in client.get("/desk/duties/?scope=all").content.decode()


def test_a_grant_opens_the_duty_on_page_list_and_api(
    bare: None, signed_in: SignIn, clerk: Official, stranger: Official, section: Unit
) -> None:
    duty = decide(section, clerk)
    access.grant(stream="case:1", act="review", from_at=timezone.now() - timedelta(minutes=1), official=stranger)
    client = signed_in(stranger)
    assert client.get(f"/desk/duties/{duty.pk}/").status_code == 200
    assert duty.pk in [row["id"] for row in client.get("/api/v1/duties/").json()["results"]]
    assert f"/desk/duties/{duty.pk}/" in client.get("/desk/duties/?scope=all").content.decode()


# --- messages -------------------------------------------------------------------------------------------------


def test_opening_a_message_reads_all_that_was_said_of_the_duty_and_goes_to_the_act(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit
) -> None:
    duty = owe(section, end_of_day(-3))
    alerts.raise_due(timezone.now())
    client = signed_in(clerk)
    assert Alert.objects.of(clerk).unread().count() > 1
    shown = client.get("/desk/messages/").content.decode()
    assert Alert.objects.of(clerk).unread().exists(), "reading a page marks nothing"
    assert shown.count('<li id="alert-') == 1
    latest = Alert.objects.of(clerk).current().get()
    answer = client.post(f"/desk/messages/{latest.pk}/")
    assert answer.headers["Location"] == duty.subject_url
    assert not Alert.objects.of(clerk).unread().exists()


def test_all_are_marked_read_and_nobody_elses(
    bare: None, signed_in: SignIn, clerk: Official, stranger: Official
) -> None:
    for official in (clerk, stranger):
        alerts.warn("notice", to=[official], title="通知")
    signed_in(clerk).post("/desk/messages/read/")
    assert not Alert.objects.of(clerk).unread().exists()
    assert Alert.objects.of(stranger).unread().exists()


def test_taking_note_says_who_and_when_and_leaves_the_duty_owed(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit
) -> None:
    duty = decide(section, clerk, days_ago=40)
    alerts.raise_due(timezone.now())
    client = signed_in(clerk)
    latest = Alert.objects.of(clerk).current().get(duty=duty)
    client.post("/desk/messages/note/", {"alert": latest.pk})
    noted = Alert.objects.of(clerk).get(pk=latest.pk).noted_at
    assert noted is not None
    assert not Alert.objects.of(clerk).filter(duty=duty, noted_at=None).exists(), (
        "what was said earlier of the same duty too"
    )
    client.post("/desk/messages/note/", {"alert": latest.pk})
    assert Alert.objects.of(clerk).get(pk=latest.pk).noted_at == noted, "the first moment stands"
    assert Duty.objects.get(pk=duty.pk).is_open
    page = client.get("/desk/messages/").content.decode()
    assert f'name="alert" value="{latest.pk}"' not in page, "noted, it has no such button any more"
    assert "知悉" in page
    assert "知悉" in client.get(f"/desk/duties/{duty.pk}/").content.decode()
    head = Official.objects.get(username="吴样例")
    assert Alert.objects.of(head).exists()
    assert not Alert.objects.of(head).filter(noted_at__isnull=False).exists()


def test_a_deputy_reads_what_is_owed_and_is_led_to_no_file(
    bare: None, signed_in: SignIn, clerk: Official, stranger: Official, section: Unit
) -> None:
    today = timezone.localdate()
    telling.name_deputy(by=clerk, official=clerk, deputy=stranger, first_day=today, last_day=today)
    duty = decide(section, clerk, days_ago=40)
    alerts.raise_due(timezone.now())
    client = signed_in(stranger)
    page = client.get("/desk/messages/").content.decode()
    assert duty.title in page
    assert "代张示例" in page
    assert "由示例监察科办理" in page
    assert duty.subject_title not in page
    assert duty.subject_url not in page
    assert duty.get_absolute_url() not in page
    assert duty.subject_title not in client.get("/desk/").content.decode()
    told = Alert.objects.of(stranger).current().get(duty=duty)
    assert client.post(f"/desk/messages/{told.pk}/").headers["Location"] == "/desk/messages/"
    assert client.get(duty.get_absolute_url()).status_code == 404
    shown = signed_in(clerk).get(duty.get_absolute_url()).content.decode()
    assert "李样本（代张示例）" in shown


def test_anothers_message_answers_like_an_absent_one(
    bare: None, signed_in: SignIn, clerk: Official, stranger: Official
) -> None:
    alerts.warn("notice", to=[stranger], title="通知")
    alert = Alert.objects.get()
    client = signed_in(clerk)
    assert client.post(f"/desk/messages/{alert.pk}/").status_code == 404
    assert client.post("/desk/messages/read/", {"alert": alert.pk}).status_code == 404
    assert client.post("/desk/messages/read/", {"alert": "1 OR 1"}).status_code == 404
    assert client.post("/desk/messages/note/", {"alert": alert.pk}).status_code == 404
    assert client.post("/desk/messages/note/").status_code == 404
    assert client.get(f"/desk/messages/{alert.pk}/").status_code == 405
    assert Alert.objects.unread().count() == 1


# --- the law --------------------------------------------------------------------------------------------------


def test_a_rule_shows_its_words_its_enforcement_and_this_years_figures(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit
) -> None:
    decide(section, clerk, days_ago=0)
    page = signed_in(clerk).get("/desk/rules/WH-MEAS-15b/").content.decode()
    assert "应当自执法决定作出之日起7个工作日内公开" in page
    assert "未与官方文本比对" in page
    assert re.search(r"本年产生</th><td class=\"num\">1件", page)
    assert "WH-PLAN-2b" in page
    # Every basis counts, not only the driving one.
    assert "本年产生</th>" in signed_in(clerk).get("/desk/rules/WH-PLAN-2b/").content.decode()


def test_the_official_text_is_shown_with_the_quote_marked_and_escaped(
    bare: None, signed_in: SignIn, clerk: Official
) -> None:
    InstrumentText.objects.create(
        instrument="weihai-2020-supervision-measures",
        articles={"第十五条": "<b>前</b>应当自执法决定作出之日起7个工作日内公开；后"},
        sha256="0" * 64,
        checked_by="核对甲",
    )
    page = signed_in(clerk).get("/desk/rules/WH-MEAS-15b/").content.decode()
    assert "<mark>应当自执法决定作出之日起7个工作日内公开</mark>" in page
    assert "&lt;b&gt;前" in page
    assert "核对甲" in page
    assert "引文与官方文本不符" not in page
    InstrumentText.objects.update(articles={"第十五条": "前；后", "第三条": "应当自执法决定作出之日起7个工作日内公开"})
    page = signed_in(clerk).get("/desk/rules/WH-MEAS-15b/").content.decode()
    assert "引文与官方文本不符：不在所引条款中，见第三条。" in page


def test_an_instrument_without_text_and_a_rule_not_yet_enforced_say_so(
    bare: None, signed_in: SignIn, clerk: Official
) -> None:
    client = signed_in(clerk)
    assert "尚未录入正文" in client.get("/desk/instruments/cn-enforcement-supervision-2026/").content.decode()
    assert "尚未纳入执行" in client.get("/desk/rules/WH-PLAN-1a/").content.decode()
    for path in ("/desk/rules/NO-SUCH/", "/desk/instruments/no-such/"):
        assert client.get(path).status_code == 404


def test_every_rule_stands_in_the_coverage_table_with_this_years_figures(
    bare: None, signed_in: SignIn, clerk: Official, section: Unit, django_assert_max_num_queries: Any
) -> None:
    decide(section, clerk, days_ago=0)
    client = signed_in(clerk)
    client.get("/desk/rules/coverage/")
    with django_assert_max_num_queries(12):
        page = client.get("/desk/rules/coverage/").content.decode()
    rows = {
        found[1]: re.sub(r"<[^>]+>", " ", found[0]).split()
        for found in re.finditer(r"<tr><td[^>]*><a href=\"/desk/rules/([^/]+)/\">.*?</tr>", page, re.DOTALL)
    }
    assert set(rows) == {rule.id for rule in law.rulebook().rules}
    # Every basis counts, not only the driving one: opened, in time, late, open.
    assert rows["WH-MEAS-15b"][-4:] == rows["WH-PLAN-2b"][-4:] == ["1", "0", "0", "1"]
    assert rows["CN-INSPECTION-17a"][-4:] == ["0", "0", "0", "0"]
    assert rows["WH-MEAS-13"][-1] == "不产生期限"
    assert "core.duties.follow" in rows["WH-MEAS-15b"]
    assert "只能计算" in rows["WH-PLAN-1a"]
    assert "尚未纳入执行" in rows["WH-PLAN-3c"]


def test_rules_are_found_by_their_words(bare: None, signed_in: SignIn, clerk: Official) -> None:
    page = signed_in(clerk).get("/desk/rules/", {"q": "7个工作日内公开"}).content.decode()
    assert "WH-MEAS-15b" in page
    assert "CN-PENALTY-61" not in page


# --- the ledger, search ---------------------------------------------------------------------------------------


@pytest.fixture
def source(section: Unit, clerk: Official) -> Case:
    """A file with one line: its source was registered."""
    return register_source(unit=section, by=clerk, **SOURCE)


def test_a_files_ledger_is_shown_recomputed_to_those_who_see_the_file(
    bare: None, signed_in: SignIn, clerk: Official, stranger: Official, source: Case
) -> None:
    page = signed_in(clerk).get(f"/desk/ledger/{source.stream}/").content.decode()
    assert "1行逐行核对相符" in page
    assert "1行将于今日封存后可验证" in page
    assert signed_in(stranger).get(f"/desk/ledger/{source.stream}/").status_code == 404
    for none in ("case:99", "case:", "case:0x1", "case:１", f"nothing:{source.pk}", "plan:2026-1", "x"):
        assert signed_in(clerk).get(f"/desk/ledger/{none}/").status_code == 404, none


def test_the_auditor_reads_every_line_and_no_name(
    bare: None, signed_in: SignIn, clerk: Official, auditor: Official, source: Case
) -> None:
    duty = owe(source.unit, end_of_day(3))
    client = signed_in(auditor)
    page = client.get(f"/desk/ledger/{source.stream}/").content.decode()
    assert "1行逐行核对相符" in page
    assert source.party.name not in page
    assert "张示例" not in page
    assert client.get(f"/desk/duties/{duty.pk}/").status_code == 404


def test_an_altered_line_is_named(bare: None, signed_in: SignIn, clerk: Official, source: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("ALTER TABLE core_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE core_ledgerentry SET body = replace(body, 'registered', 'refused') WHERE stream = %s",
            [source.stream],
        )
        cursor.execute("ALTER TABLE core_ledgerentry ENABLE TRIGGER USER")
    page = signed_in(clerk).get(f"/desk/ledger/{source.stream}/").content.decode()
    assert "第1行不相符" in page


def test_search_asks_every_source_and_says_when_nothing_is_found(
    bare: None, signed_in: SignIn, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit = registry.SearchHit(title="某某示例公司", url="/desk/cases/3/", kind="案卷")
    monkeypatch.setattr(registry, "_search", [lambda official, query: [hit] if query in hit.title else []])
    client = signed_in(clerk)
    assert 'href="/desk/cases/3/"' in client.get("/desk/search/", {"q": "示例"}).content.decode()
    assert "没有找到" in client.get("/desk/search/", {"q": "<script>\x00"}).content.decode()


@pytest.mark.parametrize("cut", [slice(0, 13), slice(0, 1000)])
def test_the_list_of_what_is_owed_is_read_from_its_own_index(clerk: Official, cut: slice) -> None:
    """Rights that lapsed stay open for ever: after a few years tens of thousands of them would lie before what is still to be done."""
    asked = owed(clerk).order_by("due_at", "pk")[cut]
    with connection.cursor() as cursor:
        # Of a table so small PostgreSQL would read all.
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off"
        )
        sql, given = asked.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", given)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "owed_duties_by_" in plan
