"""The pages of the cases, as officials use them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Duty, FactRecord, LedgerEntry
from core.paging import PAGE
from enforcement.models import Case, CaseState, DecisionDraft, EvidenceAct
from enforcement.procedure import PENALTY
from enforcement.selectors import open_file
from enforcement.selectors.lists import filtered
from tests.alerts.conftest import owe
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh

# The limit of one page, whatever it shows.
MOST_STATEMENTS = 15
REGISTRATION = {
    "channel": "complaint",
    "received_at": "2026-01-04T09:30",
    "violation": "inspection-26-1",
    "summary": "拖欠工资",
    "complainant_name": "马投诉",
    "party_name": "某某示例电子有限公司",
    "category": "organisation",
    "credit_code": "91371000ma3temp00g",
    "address": "示例路100号",
}


def test_a_source_is_registered_on_the_page_and_its_file_opens(bureau: Bureau, client: Client) -> None:
    client.force_login(bureau.lead)
    answer = client.post("/desk/cases/register/", {**REGISTRATION, "unit": bureau.section.pk}, follow=True)
    case = Case.objects.get()
    assert answer.redirect_chain[-1][0] == case.get_absolute_url()
    assert case.source.number == "示人社监源〔2026〕1号"
    assert case.party.credit_code == "91371000MA3TEMP00G"
    assert "已登记案源" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"credit_code": "91371000MA3TEMP00H"}, "统一社会信用代码有误"),
        ({"credit_code": ""}, "法人及非法人组织须填写统一社会信用代码"),
        ({"complainant_name": ""}, "投诉须登记投诉人"),
        ({"summary": "  "}, "请填写反映的事实"),
        ({"violation": ""}, "请选择涉嫌违法行为"),
        ({"id_type": "identity_card"}, "证件类型和号码须一并填写"),
        ({"received_at": "2999-01-01T00:00"}, "发生时间不能晚于现在"),
    ],
)
def test_a_wrong_registration_is_answered_at_its_field_and_keeps_what_was_typed(
    bureau: Bureau, client: Client, changes: dict[str, str], message: str
) -> None:
    client.force_login(bureau.lead)
    answer = client.post("/desk/cases/register/", {**REGISTRATION, "unit": bureau.section.pk, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert "某某示例电子有限公司" in page
    assert not Case.objects.exists()


def test_a_registration_presumes_no_violation_and_does_not_offer_to_leave_what_most_must_give(
    bureau: Bureau, client: Client
) -> None:
    client.force_login(bureau.lead)
    page = client.get("/desk/cases/register/").content.decode()
    assert re.search(r'<select name="violation"[^>]*>\s*<option value="" selected>请选择</option>', page)
    labels = dict(re.findall(r'<label class="form-label" for="id_(\w+)">(.*?)</label>', page))
    assert [name for name in ("complainant_name", "credit_code", "phone") if "可不填" in labels[name]] == ["phone"]


def test_nobody_registers_for_another_section(bureau: Bureau, client: Client) -> None:
    client.force_login(bureau.lead)
    answer = client.post("/desk/cases/register/", {**REGISTRATION, "unit": bureau.other_section.pk})
    assert answer.status_code == 422
    client.force_login(bureau.leader)
    assert client.get("/desk/cases/register/").status_code == 302
    assert not Case.objects.exists()


def test_the_page_says_before_the_try_what_is_missing_and_with_which_articles(bureau: Bureau, client: Client) -> None:
    case = f.draft(bureau, f.answer(bureau, case_in("notified", bureau)))
    client.force_login(bureau.leader)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "未经法制审核，不得作出决定" in page
    for rule in ("CN-PENALTY-58", "WH-MEAS-13", "WH-PLAN-7b"):
        assert f"/desk/rules/{rule}/" in page
    assert "为什么是重大决定" in page


@pytest.mark.rule("CN-PENALTY-58", "WH-MEAS-13")
def test_a_refused_step_answers_422_with_every_demand_and_keeps_what_was_typed(bureau: Bureau, client: Client) -> None:
    case = f.draft(bureau, f.answer(bureau, case_in("notified", bureau)))
    client.force_login(bureau.leader)
    answer = client.post(case.step_url("decide"), {"happened_at": "2026-02-11T10:00", "sealed": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "现在还不能办，缺以下 1 项" in page
    assert "未经法制审核，不得作出决定" in page
    assert 'value="2026-02-11T10:00"' in page
    assert Case.objects.get(pk=case.pk).state == "notified"


def test_evidence_is_recorded_with_its_paper_by_the_form(bureau: Bureau, client: Client) -> None:
    case = case_in("investigating", bureau)
    client.force_login(bureau.lead)
    values: dict[str, Any] = {
        "kind": "interview",
        "place": "示例路100号",
        "started_at": "2026-01-14T09:00",
        "ended_at": "2026-01-14T10:00",
        "officers": [bureau.lead.pk, bureau.co.pk],
        "certificates_shown": "on",
        "summary": "询问行政主管",
        "note": SimpleUploadedFile("笔录.pdf", b"%PDF-1.4", content_type="application/pdf"),
    }
    assert client.post(case.step_url("record_evidence"), values).status_code == 302
    act = EvidenceAct.objects.get()
    assert act.note is not None
    assert {row.official_id for row in act.officers.all()} == {bureau.lead.pk, bureau.co.pk}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ended_at": "2026-01-14T08:00"}, "结束时间早于开始时间"),
        ({"started_at": "2026-01-05T08:00"}, "取证不能早于立案（2026年1月6日10:00）"),
        ({"certificates_shown": ""}, "应当主动出示执法证件"),
        ({"kind": "registered_preservation"}, "先行登记保存须先申请，经行政机关负责人批准"),
        ({"note": SimpleUploadedFile("脚本.svg", b"<svg/>")}, "只能上传"),
    ],
)
def test_wrong_evidence_is_refused_at_its_field(
    bureau: Bureau, client: Client, changes: dict[str, Any], message: str
) -> None:
    case = case_in("investigating", bureau)
    client.force_login(bureau.lead)
    values = {
        "kind": "interview",
        "place": "示例路100号",
        "started_at": "2026-01-14T09:00",
        "ended_at": "2026-01-14T10:00",
        "officers": [bureau.lead.pk, bureau.co.pk],
        "certificates_shown": "on",
        "summary": "询问",
    }
    answer = client.post(case.step_url("record_evidence"), values | changes)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not EvidenceAct.objects.exists()


@pytest.mark.rule("CN-INSPECTION-30")
@pytest.mark.parametrize("fine", ["1999.99", "20000.01"])
def test_cn_inspection_30_a_fine_outside_the_range_is_refused_at_its_field_naming_the_article(
    bureau: Bureau, client: Client, fine: str
) -> None:
    case = f.answer(bureau, case_in("notified", bureau))
    client.force_login(bureau.lead)
    initial = client.get(case.step_url("draft_decision")).context["form"]
    values = {name: value for name in initial.fields if (value := initial[name].value())}
    values |= {"happened_at": "2026-02-03T10:00", "discretion_tier": "从重", "fine": fine, "remedies": f.REMEDIES}
    values["violated"] = "《劳动保障监察条例》第六条"
    answer = client.post(case.step_url("draft_decision"), values)
    form = answer.context["form"]
    assert answer.status_code == 422
    assert list(form.errors) == ["fine"]
    assert "《劳动保障监察条例》第三十条第一款第（三）项规定2,000元以上20,000元以下" in form.errors["fine"][0]
    assert not DecisionDraft.objects.exists()
    assert client.post(case.step_url("draft_decision"), values | {"fine": "20000"}).status_code == 302


def test_what_the_file_knows_is_not_asked_again(bureau: Bureau, client: Client) -> None:
    case = f.answer(bureau, case_in("notified", bureau))
    client.force_login(bureau.lead)
    form = client.get(case.step_url("draft_decision")).context["form"]
    assert form["facts_found"].value() == "经责令改正拒不改正"
    assert form["fine"].value() == 20000
    assert "示例银行" in form["performance"].value()
    assert "示例市人民政府" in form["remedies"].value()
    assert "明确放弃" in form["statement_review"].value()


@pytest.mark.rule("CN-PENALTY-59")
def test_cn_penalty_59_the_terms_of_remedy_are_for_the_official_to_fill_in(bureau: Bureau, client: Client) -> None:
    case = f.answer(bureau, case_in("notified", bureau))
    client.force_login(bureau.lead)
    initial = client.get(case.step_url("draft_decision")).context["form"]
    values = {name: value for name in initial.fields if (value := initial[name].value())}
    answer = client.post(
        case.step_url("draft_decision"), values | {"happened_at": "2026-02-03T10:00", "discretion_tier": "从重"}
    )
    assert list(answer.context["form"].errors) == ["violated", "remedies"]


def test_an_official_who_may_not_take_a_step_reads_why(bureau: Bureau, client: Client) -> None:
    case = case_in("proposed", bureau)
    client.force_login(bureau.lead)
    page = client.get(case.step_url("accept")).content.decode()
    assert '立案由科室负责人批准 <span class="muted">本机关规定</span>' in page
    answer = client.post(case.step_url("accept"), {"happened_at": "2026-01-06T10:00"})
    assert answer.status_code == 422
    assert Case.objects.get(pk=case.pk).state == "proposed"


def test_whoever_comes_second_reads_who_was_faster_and_when(bureau: Bureau, client: Client) -> None:
    case = case_in("investigating", bureau)
    client.force_login(bureau.head)
    page = client.post(case.step_url("accept"), {"happened_at": "2026-01-06T10:00"}, follow=True).content.decode()
    assert "案卷现在处于“调查取证”，不能再办理“批准立案”" in page
    assert "吴样例已于" in page
    assert "办理“立案”" in page


def test_the_list_pages_by_its_last_step_and_every_case_is_met_once(bureau: Bureau, client: Client) -> None:
    for number in range(PAGE + 7):
        f.new_case(
            bureau, party_name=f"示例{number}公司", received_at=at("2026-01-04 09:00") + timedelta(hours=number // 3)
        )
    client.force_login(bureau.lead)
    met: list[int] = []
    address = "/desk/cases/"
    pages = 0
    while address:
        pager = client.get(address).context["pager"]
        met += [line.pk for line in pager.rows]
        address = f"/desk/cases/?cursor={pager.next}" if pager.next else ""
        pages += 1
    assert pages == 2
    assert len(met) == len(set(met)) == PAGE + 7
    last = client.get(f"/desk/cases/?cursor={client.get('/desk/cases/').context['pager'].next}").context["pager"]
    first_again = client.get(f"/desk/cases/?cursor={last.previous}").context["pager"]
    assert [line.pk for line in first_again.rows] == met[:PAGE]
    assert first_again.previous is None


def test_the_list_asks_the_database_as_often_for_fifty_cases_as_for_ten(bureau: Bureau, client: Client) -> None:
    client.force_login(bureau.lead)
    counts = []
    for more in (10, PAGE):
        for number in range(more):
            f.new_case(bureau, party_name=f"示例{more}{number}公司")
        client.get("/desk/cases/")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/desk/cases/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= MOST_STATEMENTS
    with CaptureQueriesContext(connection) as own:
        from enforcement.selectors import case_page

        case_page(filtered(fresh(bureau.lead)))
    assert len(own) <= 8


def test_the_list_is_filtered_by_state_words_officer_and_overdue(bureau: Bureau) -> None:
    ended = case_in("not_filed", bureau, party_name="已结示例公司")
    late = case_in("investigating", bureau, party_name="逾期示例公司")
    new = f.new_case(bureau, party_name="新登记示例公司")
    Duty.objects.filter(file_stream=late.stream).update(due_at=timezone.now() - timedelta(days=1))
    lead, clerk = fresh(bureau.lead), fresh(bureau.clerk)
    assert set(filtered(lead, state="under_way")) == {late, new}
    assert set(filtered(lead, state="all")) == {ended, late, new}
    assert set(filtered(lead, state="registered")) == {new}
    assert set(filtered(lead, state="all", overdue=True)) == {late}
    assert set(filtered(lead, state="all", mine=True)) == {late}
    assert set(filtered(clerk, state="all", mine=True)) == set()
    assert set(filtered(lead, state="all", query="新登记")) == {new}
    assert set(filtered(lead, state="all", query=late.number)) == {late}


def test_what_waits_is_told_to_whom_it_waits_for(bureau: Bureau) -> None:
    from enforcement.selectors import waiting_steps

    case_in("registered", bureau)
    proposed = case_in("proposed", bureau)
    ready = f.ready_to_decide(bureau, case_in("notified", bureau))
    f.draft(bureau, f.answer(bureau, case_in("notified", bureau)))  # not yet reviewed
    served = case_in("decided", bureau)
    head = [(step.label, step.url) for step in waiting_steps(fresh(bureau.head))]
    assert ("批准立案", proposed.step_url("accept")) in head
    leader = [(step.label, step.url) for step in waiting_steps(fresh(bureau.leader))]
    assert leader == [("作出处罚决定", ready.step_url("decide"))]
    lead = [(step.label, step.url) for step in waiting_steps(fresh(bureau.lead))]
    assert ("送达处罚决定书", served.step_url("serve")) in lead
    assert {label for label, _ in lead} == {"呈报立案", "送达处罚决定书"}
    assert [step.label for step in waiting_steps(fresh(bureau.stranger))] == []


@pytest.mark.parametrize("state", CaseState.values)
def test_the_file_opens_in_every_state_for_everybody_who_sees_it(bureau: Bureau, client: Client, state: str) -> None:
    case = case_in(state, bureau)
    for part in ("lead", "head", "leader"):
        client.force_login(bureau.all[part])
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(case.get_absolute_url())
        assert answer.status_code == 200
        # What a connection plans, it plans once, for the first page it serves.
        assert sum(not query["sql"].startswith("PREPARE ") for query in asked) <= MOST_STATEMENTS
        for next_step in answer.context["steps"]:
            if next_step.is_open:
                assert client.get(case.step_url(next_step.step.key)).status_code == 200


def test_the_file_explains_what_one_can_be_late_with_before_a_right_and_before_what_the_party_owes(
    bureau: Bureau, client: Client
) -> None:
    case = case_in("investigating", bureau)
    client.force_login(bureau.lead)
    own = Duty.objects.of_stream(case.stream).open().order_by("due_at").first()
    assert own is not None
    row = {"anchor": case.stream, "file_stream": case.stream}
    sooner = own.due_at - timedelta(days=9)
    party = owe(bureau.section, sooner, owed_by="party", **row)
    right = owe(bureau.section, sooner + timedelta(days=1), kind=Duty.Kind.RIGHT, **row)
    shown = []
    for ended in (
        [],
        [duty.pk for duty in Duty.objects.of_stream(case.stream) if duty.can_be_red],
        [right.pk],
        [party.pk],
    ):
        Duty.objects.filter(pk__in=ended).update(voided_at=timezone.now(), void_reason="示例")
        nearest = client.get(case.get_absolute_url()).context["nearest"]
        shown.append(nearest and nearest.pk)
    assert shown == [own.pk, right.pk, party.pk, None]


def test_the_file_asks_the_database_no_more_for_many_acts_than_for_one(bureau: Bureau, client: Client) -> None:
    case = f.evidence(bureau, case_in("investigating", bureau))
    client.force_login(bureau.lead)
    counts = []
    for _ in range(2):
        client.get(case.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            client.get(case.get_absolute_url())
        counts.append(len(asked))
        for hour in range(11, 17):
            moments = {"started_at": at(f"2026-01-14 {hour}:00"), "ended_at": at(f"2026-01-14 {hour}:30")}
            f.evidence(bureau, case, **moments)
    assert counts[0] == counts[1] <= MOST_STATEMENTS


def test_the_file_that_is_read_at_once_is_the_case_as_its_rows_tell_it(bureau: Bureau) -> None:
    case = f.ready_to_decide(bureau, case_in("notified", bureau))
    file = open_file(fresh(bureau.lead), case.pk)
    alone = Case.objects.get(pk=case.pk)
    for name in ("acts", "officers", "notices", "drafts", "discussions", "hearings", "corrections"):
        read, asked = list(getattr(file.case, name).all()), list(getattr(alone, name).all())
        for row, same in zip(read, asked, strict=True):
            assert all(
                getattr(row, field.attname) == getattr(same, field.attname) for field in row._meta.concrete_fields
            )
    for name in ("source", "party", "conclusion"):
        assert getattr(file.case, name) == getattr(alone, name)
    assert [record.pk for record in file.records] == list(
        FactRecord.objects.filter(stream=case.stream).order_by("pk").values_list("pk", flat=True)
    )
    assert {duty.pk for duty in file.duties} == {duty.pk for duty in Duty.objects.of_stream(case.stream)}
    assert file.ledger_lines == LedgerEntry.objects.filter(stream=case.stream).count()
    # What is narrowed further asks the database, of this case alone.
    f.evidence(bureau, case_in("investigating", bureau, party_name="另一家示例公司"))
    assert set(file.case.acts.relied_on()) == set(alone.acts.all())


def test_the_api_answers_409_with_every_demand_and_its_articles(bureau: Bureau, client: Client) -> None:
    case = f.draft(bureau, f.answer(bureau, case_in("notified", bureau)))
    client.force_login(bureau.leader)
    address = f"/api/v1/cases/{case.pk}/steps/decide/"
    answer = client.post(address, {"happened_at": "2026-02-11T10:00", "sealed": True}, content_type="application/json")
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    (demand,) = answer.json()["demands"]
    assert demand["text"] == "未经法制审核，不得作出决定"
    assert {article["rule"] for article in demand["articles"]} == {
        "CN-PENALTY-58",
        "SD-SUPERVISION-13",
        "WH-MEAS-13",
        "WH-PLAN-7b",
    }
    f.review(bureau, case)
    wrong = client.post(address, {"happened_at": "soon"}, content_type="application/json")
    assert wrong.status_code == 422
    assert set(wrong.json()["fields"]) == {"happened_at", "sealed"}
    done = client.post(address, {"happened_at": "2026-02-11T10:00", "sealed": True}, content_type="application/json")
    assert done.status_code == 201
    assert done.json()["state"] == "decided"
    again = client.post(address, {"happened_at": "2026-02-11T10:00", "sealed": True}, content_type="application/json")
    assert again.status_code == 409


@pytest.mark.parametrize("body", ["[]", "[1]", '"serve"', "1", "null", "true"])
def test_the_api_refuses_a_body_that_is_no_object(bureau: Bureau, client: Client, body: str) -> None:
    case = case_in("decided", bureau)
    client.force_login(bureau.lead)
    answer = client.post(f"/api/v1/cases/{case.pk}/steps/serve/", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"__all__": ["请求正文应为一个 JSON 对象"]}


@pytest.mark.parametrize("value", [5, True, [], {}, [[]], [{}], [None], ["2026-02-13T10:00", {}], None, ""])
def test_the_api_refuses_a_moment_that_is_none_at_its_field(bureau: Bureau, client: Client, value: object) -> None:
    case = case_in("decided", bureau)
    client.force_login(bureau.lead)
    address = f"/api/v1/cases/{case.pk}/steps/serve/"
    answer = client.post(address, {"happened_at": value}, content_type="application/json")
    assert answer.status_code == 422
    assert "happened_at" in answer.json()["fields"]


@pytest.mark.parametrize("state", ["registered", "investigating", "notified", "decided", "served"])
def test_the_api_names_the_same_next_steps_as_the_page(bureau: Bureau, client: Client, state: str) -> None:
    case = case_in(state, bureau)
    for person in (bureau.lead, bureau.head, bureau.leader):
        client.force_login(person)
        page = client.get(case.get_absolute_url()).context["steps"]
        api = client.get(f"/api/v1/cases/{case.pk}/").json()["next_steps"]
        assert [(each["key"], each["open"]) for each in api] == [(each.step.key, each.is_open) for each in page]
        assert len(api) == len({each["key"] for each in api})


def test_the_api_names_the_submission_to_legal_review_and_no_step_that_does_not_concern_the_case(
    bureau: Bureau, client: Client
) -> None:
    case = f.draft(bureau, f.answer(bureau, case_in("notified", bureau)))
    client.force_login(bureau.lead)
    steps = {step["label"]: step for step in client.get(f"/api/v1/cases/{case.pk}/").json()["next_steps"]}
    assert steps["送法制审核"]["open"]
    assert steps["送法制审核"]["url"] == f"/desk/reviews/cases/{case.pk}/submit/"
    assert "作出处罚决定" in steps
    raw = {step.step.label for step in PENALTY.next_steps(case, fresh(bureau.lead))}
    assert raw - set(steps), "nothing was left out: the case proves nothing"


@pytest.mark.rule("CN-INSPECTION-18")
def test_cn_inspection_18_an_investigated_case_ends_only_in_a_result_the_article_lists(
    bureau: Bureau, client: Client
) -> None:
    case = case_in("concluded", bureau)
    client.force_login(bureau.leader)
    values = {"happened_at": "2026-02-02T10:00", "ground": "forgotten", "reason": "不了了之"}
    answer = client.post(case.step_url("dismiss"), values)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["ground"]
    for state in ("performed", "closed", "not_filed"):
        with pytest.raises(IntegrityError, match="行政处罚普通程序不能从"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(state=state)
    assert client.post(case.step_url("dismiss"), values | {"ground": "transferred"}).status_code == 302
    assert Case.objects.get(pk=case.pk).state == "dismissed"
