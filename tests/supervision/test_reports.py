"""Reporting on the dated items of the plan: what must be stated, who may, what a second report does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from agency.models import Official
from core import duties, law, registry
from core.access import NotPermitted
from core.lifecycle import MomentRefused, StepRefused
from core.models import Duty, FactRecord, LedgerEntry, StoredFile
from supervision import selectors
from supervision.models import PlanReport
from supervision.plan import Owed, ReportNotDue, owed
from supervision.services import report_plan_item, unmet_demands
from tests.supervision.conftest import CONTENTS, YEAR, Bureau, attachment, moment

pytestmark = pytest.mark.django_db
IN_TIME = moment(f"{YEAR}-01-20T10:00")
LATE = moment(f"{YEAR}-02-10T10:00")
SignIn = Callable[[Official], Client]


def duty(bureau: Bureau, obligation: str) -> Duty:
    return Duty.objects.get(unit=bureau.section, obligation=obligation, period_key=str(YEAR))


@pytest.mark.rule("WH-PLAN-3a")
def test_wh_plan_3a_a_plan_with_its_six_elements_meets_the_yearly_duty(opened: Bureau) -> None:
    report = opened.report(3, IN_TIME)

    met = duty(opened, "report_inspection_plan")
    assert met.due_at == moment(f"{YEAR}-01-31T23:59:59")
    assert met.met_at == IN_TIME
    assert met.state == "met"
    assert [each["label"] for each in PlanReport.objects.get(pk=report.pk).contents] == [
        "检查任务",
        "依据",
        "对象",
        "时间",
        "频次",
        "方式",
    ]
    assert Duty.objects.get(unit=opened.other, obligation="report_inspection_plan").met_at is None
    assert duty(opened, "report_training_plan").met_at is None


@pytest.mark.rule("WH-PLAN-3a")
@pytest.mark.parametrize("key", sorted(CONTENTS[3]))
def test_wh_plan_3a_each_element_that_is_missing_is_refused_by_name_and_nothing_is_written(
    opened: Bureau, key: str
) -> None:
    label = next(item.label for item in law.rulebook().rule("WH-PLAN-3a").items if item.key == key)
    with pytest.raises(StepRefused) as refused:
        opened.report(3, IN_TIME, contents={**CONTENTS[3], key: "  "})

    (demand,) = refused.value.demands
    assert demand.text == f"没有写明“{label}”"
    assert [citation.rule_id for citation in demand.citations] == ["WH-PLAN-3a"]
    assert not PlanReport.objects.exists()
    assert not StoredFile.objects.exists()
    assert not FactRecord.objects.exists()


@pytest.mark.rule("WH-PLAN-5a")
def test_wh_plan_5a_the_training_plan_states_five_things_and_carries_its_attachment(opened: Bureau) -> None:
    with pytest.raises(StepRefused) as refused:
        opened.report(5, IN_TIME, contents={"subjects": "全体"}, attachment=None)
    assert [demand.text for demand in refused.value.demands] == [
        "没有写明“时间”",
        "没有写明“内容”",
        "没有写明“形式”",
        "没有写明“课时”",
        "没有上传附件",
    ]
    opened.report(5, IN_TIME)
    assert duty(opened, "report_training_plan").state == "met"


@pytest.mark.rule("WH-PLAN-9")
def test_wh_plan_9_the_analysis_is_due_on_30_january_and_late_after_it(opened: Bureau) -> None:
    assert duty(opened, "report_annual_cases").due_at == moment(f"{YEAR}-01-30T23:59:59")

    opened.report(9, LATE)

    assert duty(opened, "report_annual_cases").state == "met_late"


@pytest.mark.rule("WH-PLAN-9")
def test_wh_plan_9_the_last_year_is_not_analysed_before_it_ended(opened: Bureau) -> None:
    with pytest.raises(MomentRefused, match=f"{YEAR - 1}年还没有结束"):
        opened.report(9, moment(f"{YEAR - 1}-12-20T10:00"))


def test_a_second_report_replaces_the_first_and_both_stay(opened: Bureau) -> None:
    first = opened.report(3, IN_TIME)
    second = opened.report(3, LATE, by="head", contents={**CONTENTS[3], "frequency": "每月一次"})

    assert second.replaces == first
    assert list(PlanReport.objects.current()) == [second]
    assert {"key": "frequency", "label": "频次", "text": "每季度一次"} in PlanReport.objects.get(pk=first.pk).contents
    assert duty(opened, "report_inspection_plan").met_at == IN_TIME
    assert LedgerEntry.objects.filter(stream=first.stream).count() == 2


def test_a_replacement_is_not_older_than_what_it_replaces(opened: Bureau) -> None:
    opened.report(3, LATE)
    with pytest.raises(MomentRefused, match="不能早于所替换的报告"):
        opened.report(3, IN_TIME)


def test_a_report_is_never_changed_or_deleted(opened: Bureau) -> None:
    report = opened.report(3, IN_TIME)
    for statement in ("UPDATE supervision_planreport SET remarks = 'x'", "DELETE FROM supervision_planreport"):
        with (
            pytest.raises(DatabaseError, match="不得修改或者删除"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert PlanReport.objects.get(pk=report.pk).remarks == ""


def test_the_ledger_holds_digests_and_no_words(opened: Bureau) -> None:
    report = opened.report(3, IN_TIME)
    body = LedgerEntry.objects.get(stream=report.stream).body
    assert "工资支付" not in body
    assert "张示例" not in body
    assert report.text_digest() in body
    assert report.attachment is not None
    assert report.attachment.sha256 in body


def test_a_sweep_that_has_not_run_is_made_up_for(bureau: Bureau) -> None:
    now = timezone.now()
    year = timezone.localdate(now).year
    bureau.report(3, now, year=year)
    duties.open_periodic(now)
    assert (
        Duty.objects.get(unit=bureau.section, obligation="report_inspection_plan", period_key=str(year)).met_at == now
    )


@pytest.mark.parametrize("who", ["stranger", "supervisor", "leader", "legal_head", "administrator"])
def test_only_the_units_own_people_report_for_it(opened: Bureau, who: str) -> None:
    with pytest.raises(NotPermitted, match="由本科室、单位的承办人或者负责人报送"):
        opened.report(3, IN_TIME, by=who)
    assert not PlanReport.objects.exists()


def test_items_without_a_report_and_years_to_come_are_refused(opened: Bureau) -> None:
    with pytest.raises(ReportNotDue):
        owed(unit_id=opened.section.pk, period=str(YEAR), item="2")
    with pytest.raises(ReportNotDue):
        owed(unit_id=opened.legal.pk, period=str(YEAR), item="3")
    to_come = timezone.localdate().year + 2
    with pytest.raises(ReportNotDue, match=f"{to_come}年度的报告自{to_come - 1}年11月30日起报送"):
        opened.report(3, IN_TIME, year=to_come)
    assert not PlanReport.objects.exists()


# --- nil returns ------------------------------------------------------------------------------------------------


def nil_allowed(due: Owed) -> Owed:
    """The same, under a rule that allows a nil return; none of the plan's three does."""
    rules = tuple(dataclasses.replace(rule, nil_allowed=True) for rule in due.rules)
    return dataclasses.replace(due, item=dataclasses.replace(due.item, rules=rules))


def test_a_nil_return_is_refused_where_the_rule_does_not_allow_it(opened: Bureau) -> None:
    with pytest.raises(StepRefused, match="不能零报告"):
        opened.report(9, IN_TIME, is_nil=True, remarks="没有案件", attachment=None)


def test_a_nil_return_needs_no_attachment_but_its_explanation(opened: Bureau) -> None:
    due = nil_allowed(owed(unit_id=opened.section.pk, period=str(YEAR), item="3"))
    (demand,) = unmet_demands(due, contents={}, remarks=" ", is_nil=True, attached=False)
    assert demand.text == "零报告应当说明情况"

    report = report_plan_item(
        owed=due,
        by=opened.clerk,
        happened_at=IN_TIME,
        contents={},
        remarks="本年度不安排检查",
        is_nil=True,
        attachment=None,
    )
    assert report.is_nil
    assert report.contents == []
    assert duty(opened, "report_inspection_plan").met_at == IN_TIME
    assert FactRecord.objects.get().payload["is_nil"] is True


# --- pages ------------------------------------------------------------------------------------------------------


def address(bureau: Bureau, item: int = 3) -> str:
    return f"/desk/supervision/plan/{YEAR}/{item}/{bureau.section.pk}/"


def sent(**changes: object) -> dict[str, object]:
    return {
        **CONTENTS[3],
        "remarks": "",
        "happened_at": f"{YEAR}-01-20T10:00",
        "attachment": attachment(),
    } | changes


def test_the_form_takes_the_step_and_shows_the_report(opened: Bureau, signed_in: SignIn) -> None:
    clerk = signed_in(opened.clerk)
    answer = clerk.post(address(opened), sent(), follow=True)

    report = PlanReport.objects.get()
    assert answer.redirect_chain == [(report.get_absolute_url(), 302)]
    page = answer.content.decode()
    assert "每季度一次" in page
    assert "按期" in page
    got = clerk.get(f"/desk/supervision/reports/{report.pk}/attachment/")
    assert b"".join(got.streaming_content) == b"%PDF-1.7 example"  # type: ignore[attr-defined]


def test_an_empty_element_is_refused_at_its_field_naming_the_article(opened: Bureau, signed_in: SignIn) -> None:
    answer = signed_in(opened.clerk).post(address(opened), sent(frequency=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请写明“频次”（《威海市人力资源和社会保障局2022年度行政执法监督计划》（三））" in page
    assert "工资支付检查" in page
    assert not PlanReport.objects.exists()


def test_a_program_is_no_attachment(opened: Bureau, signed_in: SignIn) -> None:
    answer = signed_in(opened.clerk).post(address(opened), sent(attachment=attachment("计划.exe")))
    assert answer.status_code == 422
    assert "不接受这种文件" in answer.content.decode()


def test_a_report_in_the_future_is_refused_at_its_field(opened: Bureau, signed_in: SignIn) -> None:
    tomorrow = timezone.localtime() + timedelta(days=1)
    answer = signed_in(opened.clerk).post(address(opened), sent(happened_at=f"{tomorrow:%Y-%m-%dT%H:%M}"))
    assert answer.status_code == 422
    assert "发生时间不能晚于现在" in answer.content.decode()


def test_a_stranger_finds_neither_form_nor_report_nor_attachment(opened: Bureau, signed_in: SignIn) -> None:
    report = opened.report(3, IN_TIME)
    stranger = signed_in(opened.stranger)
    assert stranger.get(address(opened)).status_code == 404
    assert stranger.post(address(opened), sent()).status_code == 404
    assert stranger.get(report.get_absolute_url()).status_code == 404
    assert stranger.get(f"/desk/supervision/reports/{report.pk}/attachment/").status_code == 404
    assert stranger.get("/desk/supervision/reports/999999/").status_code == 404


def test_lists_and_single_reports_agree_for_everybody(opened: Bureau, signed_in: SignIn) -> None:
    report = opened.report(3, IN_TIME)
    for name, person in opened.people.items():
        listed = selectors.visible_reports(person).filter(pk=report.pk).exists()
        status = signed_in(person).get(report.get_absolute_url()).status_code
        assert (status == 200) == listed, name


def test_the_supervisor_reads_the_form_page_and_is_told_who_reports(opened: Bureau, signed_in: SignIn) -> None:
    page = signed_in(opened.supervisor).get(address(opened)).content.decode()
    assert "由本科室、单位的承办人或者负责人报送" in page
    answer = signed_in(opened.supervisor).post(address(opened), sent())
    assert answer.status_code == 422
    assert not PlanReport.objects.exists()


# --- what waits -------------------------------------------------------------------------------------------------


def test_unreported_items_wait_for_the_sections_people_until_they_are_reported(opened: Bureau) -> None:
    def waiting(person: Official) -> set[str]:
        return {
            step.url for step in selectors.waiting_steps(Official.objects.get(pk=person.pk)) if str(YEAR) in step.url
        }

    urls = {address(opened, item) for item in (3, 5, 9)}
    assert waiting(opened.clerk) == urls
    assert waiting(opened.supervisor) == set()
    opened.report(3, IN_TIME)
    assert waiting(opened.clerk) == urls - {address(opened, 3)}
    assert selectors.waiting_steps in registry._waiting


def test_the_form_is_accepted_as_a_browser_sends_it(opened: Bureau) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(opened.clerk, backend="agency.backends.OfficialBackend")
    page = browser.get(address(opened)).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[-1].split('"')[0]
    assert browser.post(address(opened), sent()).status_code == 403
    assert browser.post(address(opened), sent(csrfmiddlewaretoken=token)).status_code == 302
    assert PlanReport.objects.count() == 1
