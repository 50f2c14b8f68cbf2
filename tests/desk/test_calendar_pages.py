"""The calendar's pages: which year stands on which notice; pasting one, previewing, entering it once, undoing it; what each official sees moved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from agency.models import Official, Role, Unit
from core import calendars, jobs, noticing, registry
from core.models import CalendarChange, CalendarYear, Duty
from core.models.duties import DutyQuerySet
from core.recounting import Recount
from tests.alerts.conftest import appoint, last_second, moment
from tests.core.notice import NOTICE, publish_duty, reading

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]
ENTER = "/desk/calendars/enter/"
# Invented, in the words in which such notices are published; 2027's real one is not.
WORDS = """国务院办公厅关于2027年部分节假日安排的通知
示例〔2026〕1号
　　一、元旦：1月1日（周五）至5日（周二）放假调休，共5天。1月9日（周六）上班。
　　二、春节：2月6日（周六）至12日（周五）放假调休，共7天。2月14日（周日）上班。
　　三、清明节：4月5日（周一）放假，共1天。
　　四、劳动节：5月1日（周六）至3日（周一）放假，共3天。
　　五、端午节：6月9日（周三）放假，共1天。
　　六、中秋节：9月15日（周三）放假，共1天。
　　七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。
"""


@pytest.fixture(autouse=True)
def _in_december(monkeypatch: pytest.MonkeyPatch) -> None:
    calendars._cached = None
    Recount._remembered.clear()
    monkeypatch.setattr(registry, "handlers_of", lambda name: ())
    monkeypatch.setattr(jobs._nudger, "nudge", lambda: None)
    monkeypatch.setattr(timezone, "now", lambda: moment("2026-12-30T12:00"))


@pytest.fixture
def zhao(section: Unit) -> Official:
    return Official.objects.get(username="赵样本")


@pytest.fixture
def duty(section: Unit, clerk: Official) -> Duty:
    return publish_duty(section, clerk, moment("2026-12-30T10:00"))


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(seen|previewed)" value="([^"]*)">', page))


def preview(client: Client, text: str = WORDS, **more: object) -> HttpResponse:
    return client.post(ENTER, {"text": text, "year": "2027", **more})


def entered(client: Client, text: str = WORDS, **more: object) -> HttpResponse:
    return client.post(
        ENTER, {"text": text, "year": "2027", **hidden(text_of(preview(client, text))), "apply": "1", **more}
    )


# --- the list ---------------------------------------------------------------------------------------------------


def test_every_year_names_its_notice_and_who_entered_it(signed_in: SignIn, zhao: Official, duty: Duty) -> None:
    client = signed_in(zhao)
    page = text_of(client.get("/desk/calendars/"))
    assert "2027年放假安排尚未录入" in page
    assert "国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）" in page
    assert "随程序提供" in page
    assert ENTER in page
    assert entered(client).status_code == 302
    page = text_of(client.get("/desk/calendars/"))
    assert "国务院办公厅关于2027年部分节假日安排的通知（示例〔2026〕1号）" in page
    assert "赵样本，2026年12月30日（周三）12:00" in page
    assert "尚未录入" not in page


def test_the_calendar_is_reached_from_the_rules_and_by_legal_affairs_from_everywhere(
    signed_in: SignIn, zhao: Official, clerk: Official
) -> None:
    rules = text_of(signed_in(clerk).get("/desk/rules/"))
    assert rules.count('href="/desk/calendars/"') == 1
    home = text_of(signed_in(zhao).get("/desk/"))
    assert 'href="/desk/calendars/"' in home


def test_others_read_the_calendar_and_enter_nothing(signed_in: SignIn, clerk: Official, duty: Duty) -> None:
    client = signed_in(clerk)
    assert ENTER not in text_of(client.get("/desk/calendars/"))
    page = client.get(ENTER)
    assert "放假安排由法制科室的人员录入和撤销" in text_of(page)
    assert "<textarea" not in text_of(page)
    answer = client.post(ENTER, {"text": WORDS, "year": "2027", "seen": "0", "previewed": "x", "apply": "1"})
    assert answer.status_code == 403
    assert client.post("/desk/calendars/2027/", {"reason": "示例"}).status_code == 403
    assert not CalendarYear.objects.exists()


# --- entering ---------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_was_read_and_every_duty_that_would_move(
    signed_in: SignIn, zhao: Official, duty: Duty
) -> None:
    answer = preview(signed_in(zhao))
    page = text_of(answer)
    assert answer.status_code == 200
    total = noticing.foresee(reading(WORDS), size=50).preview.total
    assert f"{total}项未办结的期限将要改变" in page
    assert page.index("2027年1月11日（周一）") < page.index("2027年1月12日（周二）")
    assert "2027年2月6日（周六） 至 2月12日（周五）" in page
    assert "1月9日（周六）、2月14日（周日）" in page
    assert "监察科" in page
    assert "一、元旦：1月1日（周五）至5日（周二）放假调休，共5天。" in page
    assert not CalendarYear.objects.exists()
    assert Duty.objects.get(pk=duty.pk).due_at == last_second("2027-01-11")


def test_who_keeps_the_calendar_sees_that_a_duty_moves_and_not_whose_file_it_is(
    signed_in: SignIn, zhao: Official, duty: Duty
) -> None:
    page = text_of(preview(signed_in(zhao)))
    assert duty.title in page
    assert "某某示例公司" not in page
    assert duty.get_absolute_url() not in page


def test_what_was_previewed_is_entered_and_its_moves_are_listed(signed_in: SignIn, zhao: Official, duty: Duty) -> None:
    client = signed_in(zhao)
    answer = entered(client)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/calendars/2027/")
    assert Duty.objects.get(pk=duty.pk).due_at == last_second("2027-01-12")
    page = text_of(client.get("/desk/calendars/2027/"))
    change = CalendarChange.objects.get()
    assert f"已录入2027年放假安排，{change.moved}项期限改变" in page
    assert "2027年1月11日（周一）" in page
    assert CalendarYear.objects.get().digest[:16] in page
    assert client.get("/desk/ledger/calendar:2027/").status_code == 200


def test_many_moves_are_paged_with_their_true_total(
    signed_in: SignIn, zhao: Official, section: Unit, clerk: Official
) -> None:
    for _ in range(30):
        publish_duty(section, clerk, moment("2026-12-30T10:00"))
    client = signed_in(zhao)
    total = noticing.foresee(reading(WORDS), size=1).preview.total
    assert 50 < total <= 100
    first, second = text_of(preview(client)), text_of(preview(client, page="2"))
    assert f"{total}项未办结" in first
    assert f"{total}项未办结" in second
    assert first.count('<th scope="row">') - second.count('<th scope="row">') == 50 - (total - 50)
    entered(client)
    page = text_of(client.get("/desk/calendars/2027/"))
    assert f"共{total}项" in page
    assert 'rel="next"' in page


def table_of(answer: object) -> list[list[str]]:
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_move_is_offered_as_a_table_however_many_there_are(
    signed_in: SignIn, zhao: Official, section: Unit, clerk: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in ("28", "29", "30"):
        for _ in range(9):
            publish_duty(section, clerk, moment(f"2026-12-{day}T10:00"))
    # The page ends where its pages end, the table does not.
    monkeypatch.setattr("core.desk.calendar_views.LAST_PAGE", 1)
    preview_of = noticing.foresee(reading(WORDS), size=1000).preview
    assert preview_of.total > 50
    page = text_of(preview(signed_in(zhao)))
    assert 'name="download" value="csv"' in page
    answer = preview(signed_in(zhao), download="csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "2027%E5%B9%B4%E6%94%BE%E5%81%87%E5%AE%89%E6%8E%92" in answer["Content-Disposition"]
    head, *rows = table_of(answer)
    assert head == ["期限", "依据", "规则", "承担单位", "案卷", "原来到期", "改为", "变化"]
    expected = [(each.duty.title, localdate(each.old), localdate(each.new)) for each in preview_of.rows]
    assert [(row[0], row[5], row[6]) for row in rows] == expected
    assert len(rows) == preview_of.total
    published = next(row for row in rows if row[2] == "CN-PENALTY-61" or row[2] == "WH-MEAS-15b")
    assert published[1].startswith("《")
    assert published[3] == "监察科"
    assert {row[7] for row in rows} <= {"提前", "推后"}
    assert not CalendarYear.objects.exists()


def localdate(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d}" if local.hour == 23 else f"{local:%Y-%m-%d %H:%M}"


def test_the_table_names_files_only_to_who_may_see_them_and_holds_no_formula(
    signed_in: SignIn, zhao: Official, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    Duty.objects.filter(pk=duty.pk).update(subject_title="=HYPERLINK(1)")
    assert {row[4] for row in table_of(preview(signed_in(zhao), download="csv"))[1:]} == {""}
    monkeypatch.setattr(DutyQuerySet, "visible_to", lambda self, official: self.all())
    assert "'=HYPERLINK(1)" in {row[4] for row in table_of(preview(signed_in(zhao), download="csv"))[1:]}


def test_the_table_is_for_those_who_enter_the_notice_and_of_what_can_be_entered(
    signed_in: SignIn, zhao: Official, clerk: Official, duty: Duty
) -> None:
    assert preview(signed_in(clerk), download="csv").status_code == 403
    assert preview(signed_in(zhao), WORDS.replace("5日（周二）", "5日（周三）"), download="csv").status_code == 422
    noticing.enter(reading(WORDS), by=zhao)
    again = preview(signed_in(zhao), download="csv")
    assert again.status_code == 422
    assert "现行的放假安排与此相同" in text_of(again)


def test_a_change_of_the_notice_in_force_is_pasted_as_it_is_published(
    signed_in: SignIn, zhao: Official, duty: Duty
) -> None:
    change = "国务院办公厅关于延长2027年元旦假期的通知\n延长2027年元旦假期至1月6日（周三），1月7日（周四）起正常上班。"
    client = signed_in(zhao)
    first = preview(client, change)
    assert first.status_code == 422
    assert "2027年的放假安排还没有录入：请先录入原来的通知" in text_of(first)
    noticing.enter(reading(WORDS), by=zhao)
    assert entered(client, change).status_code == 302
    # 31 Dec ①, 7 ② 8 ③ 9 (worked) ④ 11 ⑤ 12 ⑥ 13 ⑦
    assert Duty.objects.get(pk=duty.pk).due_at == last_second("2027-01-13")
    assert "经国务院办公厅关于延长2027年元旦假期的通知调整" in CalendarYear.objects.in_force().get().notice


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WORDS.replace("5日（周二）", "5日（周三）"), "第3行：2027年1月5日是周二，这里写的是周三"),
        (WORDS + "3月8日妇女放假半天。", "第10行：“3月8日妇女放假半天”是半天，不是整日"),
        (WORDS.replace("共7天。2月14日", "共8天。2月14日"), "第4行：起止日期共7天，这里写的是8天"),
        ("year = 2027\ntitle = ", "第2行：不是有效的TOML"),
        ("", "请粘贴通知的内容，或者选择文件"),
        (" \n ", "没有内容"),
    ],
)
def test_bad_input_is_named_by_its_line_at_its_field_and_nothing_is_lost(
    signed_in: SignIn, zhao: Official, text: str, said: str
) -> None:
    answer = preview(signed_in(zhao), text)
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'<a href="#id_text">通知的内容：{said}' in page
    assert re.search(r'id="id_text_error">.*?' + re.escape(said), page, re.S)
    assert text.strip() in page
    assert not CalendarYear.objects.exists()


def test_the_wrong_year_is_named_at_the_year(signed_in: SignIn, zhao: Official) -> None:
    answer = preview(signed_in(zhao), WORDS, year="2028")
    assert answer.status_code == 422
    assert '<a href="#id_year">年份：内容是2027年的放假安排，与所填的2028年不一致' in text_of(answer)


@pytest.mark.parametrize(
    ("coding", "name"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")]
)
def test_a_file_is_read_and_its_words_stand_in_the_form(
    signed_in: SignIn, zhao: Official, coding: str, name: str
) -> None:
    answer = preview(signed_in(zhao), "", file=SimpleUploadedFile("通知.txt", WORDS.encode(coding)))
    assert answer.status_code == 200
    assert "一、元旦：1月1日（周五）至5日（周二）放假调休，共5天。" in text_of(answer)
    assert "读到的2027年安排" in text_of(answer)
    assert f"文件按 {name} 读取" in text_of(answer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\x00\x00", "文件不是文本，读不出来；Word、PDF 文件请打开后复制"),
        (b"1" * 100_001, "文件超过100KB"),
        (b"", "文件是空的"),
    ],
)
def test_a_file_that_is_no_notice_is_refused_at_the_file(
    signed_in: SignIn, zhao: Official, content: bytes, said: str
) -> None:
    answer = preview(signed_in(zhao), "", file=SimpleUploadedFile("通知.txt", content))
    assert answer.status_code == 422
    assert re.search(f'<a href="#id_file">或者选择文件：.*?({said})', text_of(answer))


def test_a_toml_file_is_taken_as_load_calendar_takes_it(signed_in: SignIn, zhao: Official, duty: Duty) -> None:
    assert entered(signed_in(zhao), NOTICE, incomplete="on").status_code == 302
    assert CalendarYear.objects.get().text.strip() == NOTICE.strip()


def test_a_notice_that_leaves_holidays_out_must_be_confirmed(signed_in: SignIn, zhao: Official, duty: Duty) -> None:
    client = signed_in(zhao)
    assert "没有读到春节、清明、劳动、端午、中秋、国庆" in text_of(preview(client, NOTICE))
    answer = entered(client, NOTICE)
    assert answer.status_code == 422
    assert "没有列出春节、清明、劳动、端午、中秋、国庆" in text_of(answer)
    assert not CalendarYear.objects.exists()


def test_what_was_changed_after_the_preview_is_previewed_again(signed_in: SignIn, zhao: Official, duty: Duty) -> None:
    client = signed_in(zhao)
    shown = hidden(text_of(preview(client)))
    other = WORDS.replace("共1天", "共一天").replace("1号", "2号")
    answer = client.post(ENTER, {"text": other, "year": "2027", **shown, "apply": "1"})
    assert answer.status_code == 422
    assert "内容在预览之后改过" in text_of(answer)
    assert hidden(text_of(answer))["previewed"] != shown["previewed"]
    assert not CalendarYear.objects.exists()


def test_the_slower_of_two_is_told_who_was_faster_and_loses_nothing(
    signed_in: SignIn, zhao: Official, section: Unit, duty: Duty
) -> None:
    slower = appoint("钱示范", Role.LEGAL_REVIEWER, zhao.unit)
    other = WORDS.replace("1号", "2号")
    shown = hidden(text_of(preview(signed_in(slower), other)))
    noticing.enter(reading(WORDS), by=zhao)
    answer = signed_in(slower).post(ENTER, {"text": other, "year": "2027", **shown, "apply": "1"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "赵样本已于2026年12月30日（周三）12:00录入2027年放假安排" in page
    assert "示例〔2026〕2号" in page
    assert CalendarYear.objects.get().entered_by == zhao


def test_sending_twice_enters_once(signed_in: SignIn, zhao: Official, duty: Duty) -> None:
    client = signed_in(zhao)
    data = {"text": WORDS, "year": "2027", **hidden(text_of(preview(client))), "apply": "1"}
    assert [client.post(ENTER, data).status_code for _ in range(2)] == [302, 409]
    assert CalendarChange.objects.count() == 1


# --- afterwards -------------------------------------------------------------------------------------------------


def test_an_owner_reads_what_moved_and_why_in_their_own_files(
    signed_in: SignIn, zhao: Official, clerk: Official, stranger: Official, duty: Duty
) -> None:
    change = noticing.enter(reading(WORDS), by=zhao)
    address = f"/desk/calendars/2027/?change={change.pk}&mine=1"
    mine = text_of(signed_in(clerk).get(address))
    assert duty.subject_title in mine
    assert duty.get_absolute_url() in mine
    assert "国务院办公厅关于2027年部分节假日安排的通知（示例〔2026〕1号）" in mine
    assert "撤销录入" not in mine
    elsewhere = text_of(signed_in(stranger).get("/desk/calendars/2027/"))
    assert "某某示例公司" not in elsewhere
    assert duty.get_absolute_url() not in elsewhere


def test_undoing_on_the_page_needs_a_reason_and_brings_the_dates_back(
    signed_in: SignIn, zhao: Official, duty: Duty
) -> None:
    client = signed_in(zhao)
    noticing.enter(reading(WORDS), by=zhao)
    assert client.post("/desk/calendars/2027/", {"reason": " "}).status_code == 422
    assert client.post("/desk/calendars/2027/", {"reason": "示例：录错了通知"}).status_code == 302
    assert Duty.objects.get(pk=duty.pk).due_at == last_second("2027-01-11")
    page = text_of(client.get("/desk/calendars/2027/"))
    assert "理由：示例：录错了通知" in page
    assert "暂定" in page
    assert "可以撤销" not in page


def test_after_the_first_effect_the_page_says_why_it_is_not_undone(
    signed_in: SignIn, zhao: Official, duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    noticing.enter(reading(WORDS), by=zhao)
    monkeypatch.setattr(timezone, "now", lambda: moment("2027-01-01T09:00"))
    client = signed_in(zhao)
    sentence = "1月1日（周五）起已经按这份安排计算，不能再撤销；安排有误的，请录入正确的安排代替"
    page = text_of(client.get("/desk/calendars/2027/"))
    assert sentence in page
    assert 'name="reason"' not in page
    answer = client.post("/desk/calendars/2027/", {"reason": "示例"})
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert CalendarYear.objects.in_force().exists()


@pytest.mark.parametrize(
    ("year", "status"), [(2026, 200), (2020, 200), (2027, 200), (2031, 404), (1999, 404), (2100, 404)]
)
def test_a_year_that_the_calendar_knows_has_its_page(
    signed_in: SignIn, clerk: Official, year: int, status: int
) -> None:
    assert signed_in(clerk).get(f"/desk/calendars/{year}/").status_code == status
