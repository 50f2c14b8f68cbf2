"""An invented sixth city (tests/architecture/city), entered as TOML only: its terms bind, its articles stand on every page, and no other locality's do."""

from __future__ import annotations

import re
import shutil
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agency.models import Official
from agency.roles import Role
from core import alerts, calendars, duties
from core.access import NotPermitted
from core.models import Duty
from disclosure import services as publishing
from disclosure.models import Notice
from legalreview import services as reviewing
from recording import services as recordings
from rulebook import deadlines, library, workdays
from rulebook.cli import parse_moment
from rulebook.library import Rulebook
from supervision.models import PlanReport
from supervision.plan import owed, plan_of
from supervision.services import report_plan_item
from tests.architecture.howto import ROOT
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, make_bureau, official
from tests.legalreview import steps
from tests.recording import acts

CITY = Path(__file__).parent / "city"
PROFILE = "jiangxin-hrss"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rulebook:
    for folder in ("instruments", "profiles"):
        shutil.copytree(ROOT / "rulebook" / folder, tmp_path / folder)
        shutil.copytree(CITY / folder, tmp_path / folder, dirs_exist_ok=True)
    book = library.load(tmp_path)
    monkeypatch.setattr(library, "get", lambda: book)
    return book


@pytest.fixture
def bureau(db: None, book: Rulebook, tmp_path: Path, settings: Any) -> Bureau:
    settings.STORE_DIR = tmp_path / "store"
    return make_bureau(profile=PROFILE)


@pytest.fixture
def chief(bureau: Bureau) -> Any:
    return official("郑示例", Role.CHIEF, bureau.root)


@pytest.mark.usefixtures("book")
def test_the_city_is_accepted_without_error_or_doubt() -> None:
    assert [str(each) for each in run_checks() if each.id and each.id.startswith("mingcha")] == []


@pytest.mark.parametrize(
    ("rule", "moment", "last"),
    [
        # counted by hand: off 15-23 February 2026 (Saturday 14 worked), 1-8 October 2026, 5 October 2024 Saturday
        ("JX-OLD-5", "2024-06-28", "2024-07-12T23:59:59"),  # ten working days from a Friday
        ("JX-5a", "2026-02-11", "2026-02-25T23:59:59"),  # 12① 13② 14③ 24④ 25⑤
        ("JX-5b", "2026-09-20", "2026-10-08T23:59:59"),  # nominal 5 October, off 1-7
        ("JX-7", "2026-02-01", "2026-02-24T23:59:59"),  # nominal 21 February, off to 23
        ("JX-REC-6", "2024-06-30T09:30", "2024-07-02T09:30:00"),  # still 48 hours
        ("JX-REC-6", "2024-07-01T09:30", "2024-07-02T09:30:00"),  # 24 hours
        ("JX-REC-10", "2026-02-11", "2029-02-11T23:59:59"),  # a Sunday: what is kept never rolls
        ("JX-LR-8a", "2026-03-02", "2026-03-11T23:59:59"),  # 3-6④ 9-11⑦
        ("JX-9a", "2025-11-05", "2026-01-10T23:59:59"),  # a Saturday: named days never roll
        ("JX-9b", "2026-06-01", "2026-01-15T23:59:59"),
        ("JX-11", "2026-02-27", "2026-02-13T23:59:59"),  # back: 26① 25② 24③ 14④ 13⑤
        ("JX-12", "2026-02-13", "2026-02-24T23:59:59"),  # nominal 16 February
    ],
)  # fmt: skip
def test_every_term_of_the_city_is_counted_to_the_day(book: Rulebook, rule: str, moment: str, last: str) -> None:
    answer = deadlines.due(rule, parse_moment(moment), calendar=workdays.get(), rulebook=book)
    assert (answer.due.replace(tzinfo=None).isoformat(), answer.in_force) == (last, True)


def test_the_city_extends_once_by_five_and_pauses_never(book: Rulebook) -> None:
    ask = {"calendar": workdays.get(), "rulebook": book}
    extended = deadlines.due("JX-LR-8a", date(2026, 3, 2), extend_on=date(2026, 3, 11), **ask)  # type: ignore[arg-type]
    assert extended.day == date(2026, 3, 18)
    assert book.pauses_of("JX-LR-8a", PROFILE) == ()
    assert book.cite("YQ-LR-11", PROFILE).adopted


def test_a_decision_is_published_in_the_citys_five_days_and_heard_in_the_laws(bureau: Bureau) -> None:
    case = f.case_in("served", bureau)
    publish = Duty.objects.get(obligation="publish_decision", file_stream=case.stream)
    assert (publish.rule_id, [basis["rule"] for basis in publish.bases]) == ("JX-5a", ["JX-5a"])
    served, due = timezone.localdate(case.served_at), timezone.localdate(publish.due_at)
    assert calendars.current().working_days_between(served, due) == 5
    # three calendar days of the city take nothing from the five working days of the law
    heard = Duty.objects.filter(obligation="request_hearing", file_stream=case.stream).first()
    if heard is not None:
        assert heard.rule_id == "CN-PENALTY-64a"


def test_a_right_named_by_law_and_city_lapses_with_the_longer_term(bureau: Bureau) -> None:
    case = f.conclude(bureau, f.investigated(bureau, f.case_in("investigating", bureau)))
    f.notify(bureau, case, hearing_offered=True)
    right = Duty.objects.get(obligation="request_hearing", file_stream=case.stream)
    assert (right.rule_id, {basis["rule"] for basis in right.bases}) == ("CN-PENALTY-64a", {"CN-PENALTY-64a", "JX-12"})


def drafted(bureau: Bureau) -> Any:
    return f.draft(bureau, f.answer(bureau, f.case_in("notified", bureau)))


def test_the_chief_alone_extends_the_review_and_the_refusal_cites_the_city(bureau: Bureau, chief: Any) -> None:
    review = steps.accept(bureau, steps.submit(bureau, drafted(bureau)), happened_at=at("2026-03-02 09:00"))
    clock = Duty.objects.get(obligation="legal_review")
    assert (clock.rule_id, clock.due_at, clock.adopted) == ("JX-LR-8a", at("2026-03-11 23:59:59"), False)
    with pytest.raises(NotPermitted, match="由主要负责人批准") as refused:
        reviewing.extend_review(review=review, by=bureau.leader, happened_at=at("2026-03-10 09:00"), reason="复杂")
    assert refused.value.permit.citation is not None
    assert refused.value.permit.citation.rule_id == "JX-LR-8b"
    reviewing.extend_review(review=review, by=chief, happened_at=at("2026-03-10 09:00"), reason="复杂")
    assert Duty.objects.get(pk=clock.pk).due_at == at("2026-03-18 23:59:59")


def test_the_chief_alone_lets_a_recording_be_seen(bureau: Bureau, chief: Any) -> None:
    act = f.case_in("concluded", bureau).acts.first()
    assert act is not None
    request = recordings.request_access(
        recording=acts.register(bureau, act), by=bureau.clerk, purpose="核对工资台账", until=date(2099, 1, 1)
    )
    with pytest.raises(NotPermitted) as refused:
        recordings.approve_access(request=request, by=bureau.leader, remarks="同意")
    assert refused.value.permit.reason == "调阅音像记录由主要负责人审批"
    assert refused.value.permit.citation is not None
    assert refused.value.permit.citation.rule_id == "JX-REC-8"
    assert recordings.approve_access(request=request, by=chief, remarks="同意").state == "approved"


def test_the_legal_office_reports_once_a_year_on_the_plans_page(bureau: Bureau) -> None:
    assert plan_of(PROFILE, 2023) is None
    assert plan_of(PROFILE, 2026) is not None
    duties.open_periodic(at("2026-01-05 09:00"))
    duty = Duty.objects.get(obligation="report_annual_enforcement", period_key="2026")
    assert (duty.owner_unit, duty.due_at) == (bureau.legal, at("2026-01-15 23:59:59"))
    what = owed(unit_id=bureau.legal.pk, period="2026", item="1")
    report_plan_item(
        owed=what, by=bureau.reviewer, happened_at=at("2026-01-14 09:00"), remarks="", is_nil=False,
        contents={"figures": "12件", "problems": "无"}, attachment=SimpleUploadedFile("报告.pdf", b"%PDF-1.4 x"),
    )  # fmt: skip
    assert Duty.objects.get(pk=duty.pk).state == "met"
    assert PlanReport.objects.get().rule_id == "JX-9b"


def test_the_citys_own_plan_of_alerts_holds(bureau: Bureau) -> None:
    plan = alerts.plan_of(bureau.section.pk)
    assert (plan.before, plan.overdue, plan.told_from("leader")) == ((1, 3), (1, 2, 4), 4)
    assert plan.digest_at.isoformat() == "08:40:00"


# --- the pages ------------------------------------------------------------------------------------------------------

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]*)', re.S)
OTHERS = re.compile(r"威海|阳泉|石嘴山|辽源|山东|\b(?:WH|YQ|SZS|LY|SD)-[A-Z0-9]|_weihai_")
# Adopted by reference (参照), and shown as what they are.
ADOPTED = re.compile(r"阳泉市人力资源和社会保障局(?:重大行政执法决定)?法制审核制度|阳泉[^<]{0,40}审核制度|YQ-LR-1[12]")
# Where the rulebook of every locality is there to be read and compared.
LIBRARY = re.compile(r"^/desk/rules/|^/desk/instruments?/|^/law|^/calculator|^/rules")
# The readings not used, which an explanation lists from every locality, each said not to bind here.
COMPARED = re.compile(r"<dt>没有采用</dt><dd>.*?</dd>", re.S)
TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>", re.S)


def pages(client: Client, start: str, most: int = 90) -> Iterator[tuple[str, str]]:
    queue, seen, shapes = deque([start]), {start}, dict[str, int]()
    while queue and most:
        address = queue.popleft()
        shape = re.sub(r"\d+", "#", address.partition("?")[0])
        shapes[shape] = shapes.get(shape, 0) + 1
        if shapes[shape] > 3:
            continue
        most -= 1
        answer = client.get(address)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            if answer.streaming:
                # The test client closes it at its end, without ending the surrounding transaction.
                b"".join(answer.streaming_content)  # type: ignore[arg-type, attr-defined, unused-ignore]
            continue
        html = answer.content.decode()
        yield address, html
        for found in map(unescape, LINK.findall(html)):
            if found.startswith("/") and "logout" not in found and found not in seen and not LIBRARY.match(found):
                seen.add(found)
                queue.append(found)


def foreign(html: str) -> list[str]:
    text = ADOPTED.sub("", TAG.sub(" ", COMPARED.sub("", html)))
    return [text[max(0, found.start() - 30) : found.end() + 20] for found in OTHERS.finditer(text)]


@pytest.fixture
def at_work(bureau: Bureau, chief: Any, tmp_path: Path) -> Bureau:
    """Cases in every state, a review, a recording, the year's duties."""
    for state in ("registered", "proposed", "investigating", "concluded", "notified", "decided", "served", "closed"):
        f.case_in(state, bureau, legal_representative="钱虚构")
    steps.accept(bureau, steps.submit(bureau, drafted(bureau)))
    act = f.case_in("concluded", bureau).acts.first()
    assert act is not None
    acts.register(bureau, act)
    notice = Notice.objects.filter(state="draft").first()
    assert notice is not None
    texts = {"facts_found": notice.facts, "basis": notice.basis, "content": notice.content}
    notice = publishing.submit_for_publication(notice=notice, by=bureau.lead, happened_at=timezone.now(), **texts)
    reviewer = official("何样本", Role.DISCLOSURE_REVIEWER, bureau.legal)
    publishing.approve_and_publish(notice=notice, by=reviewer, happened_at=timezone.now())
    duties.open_periodic(timezone.now() - timedelta(days=1))
    return bureau


@pytest.mark.parametrize("who", ["lead", "head", "leader", "reviewer", "auditor"])
def test_no_page_of_the_desk_names_another_locality(at_work: Bureau, who: str) -> None:
    client = Client()
    client.force_login(Official.objects.get(pk=getattr(at_work, who).pk), backend="agency.backends.OfficialBackend")
    walked = dict(pages(client, "/desk/"))
    assert len(walked) > 10
    assert {address: words for address, html in walked.items() if (words := foreign(html))} == {}


def test_the_public_pages_name_the_city_and_what_it_adopts_alone(at_work: Bureau) -> None:
    client = Client()
    walked = dict(pages(client, "/"))
    walked["/law/"] = client.get("/law/").content.decode()
    assert {address: words for address, html in walked.items() if (words := foreign(html))} == {}
    assert "《江心" in walked["/law/"] or "江心市人力资源和社会保障局行政执法公示办法" in walked["/law/"]
    assert '至<time datetime="2024-06-30">2024年6月30日</time>，已经失效' in walked["/law/"]


def test_the_public_calculator_offers_the_city_first_and_names_the_quarter(bureau: Bureau) -> None:
    page = Client().get("/calculator/").content.decode()
    assert page.index(f'value="{PROFILE}" selected') < page.index('value="weihai-hrss"')
    answer = Client().get(f"/calculator/?profile={PROFILE}&rule=JX-9a&at=2025-11-05").content.decode()
    assert "2025年第4季度" in answer
    assert "2026年1月10日" in answer
    assert "每季度后次月10日前" in answer


def test_the_plans_page_is_the_citys(at_work: Bureau) -> None:
    client = Client()
    client.force_login(Official.objects.get(pk=at_work.reviewer.pk), backend="agency.backends.OfficialBackend")
    page = client.get("/desk/supervision/plan/?year=2026").content.decode()
    assert "第九条年度执法报告" in page
    assert "第五条执法信息公示" in page
    assert "组织实施" not in page
    address = f"/desk/supervision/plan/2026/1/{at_work.legal.pk}/"
    assert address in page
    form = client.get(address).content.decode()
    assert "执法数据" in form
    assert "江心公示办法" in form
    client.force_login(Official.objects.get(pk=at_work.lead.pk), backend="agency.backends.OfficialBackend")
    assert client.get(address).status_code == 404
