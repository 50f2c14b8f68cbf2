"""A quarter or year that is over and was not reported: it is opened though nobody swept, entered late, and late for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agency.models import AgencyProfile, Official
from core import duties, periodic
from core.models import Duty
from supervision import selectors
from supervision.models import PlanReport
from supervision.plan import ReportNotDue, owed
from tests.supervision.conftest import Bureau, moment

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]
ACT = "publish_major_violation"
# Of a year that is over, so that the day a test runs does not matter.
FEBRUARY, AUGUST = moment("2025-02-10T09:00"), moment("2025-08-20T09:00")


@pytest.fixture
def quarterly(bureau: Bureau) -> Bureau:
    """Yangquan's documents: the bureau publishes once a quarter; entered on 1 January 2025."""
    AgencyProfile.objects.update(profile="yangquan-hrss")
    for unit in (bureau.root, bureau.section, bureau.other, bureau.legal):
        unit.in_use_from = date(2025, 1, 1)
        unit.save()
    return bureau


def periods(act: str = ACT) -> dict[str, str]:
    return {duty.period_key: duty.state for duty in Duty.objects.filter(obligation=act).order_by("period_key")}


def enter(bureau: Bureau, period: str, at: str) -> PlanReport:
    return bureau.report(ACT, moment(at), by="leader", unit=bureau.root, year=period)


# --- the sweep --------------------------------------------------------------------------------------------------


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_quarters_in_which_no_sweep_ran_are_opened_by_the_next(quarterly: Bureau) -> None:
    duties.open_periodic(FEBRUARY)
    assert set(periods()) == {"2025Q1"}
    duties.open_periodic(AUGUST)
    assert set(periods()) == {"2025Q1", "2025Q2", "2025Q3"}
    (missed,) = Duty.objects.filter(period_key="2025Q2")
    assert (missed.opened_at, missed.due_at) == (moment("2025-04-01T00:00"), moment("2025-06-30T23:59:59"))
    assert duties.open_periodic(AUGUST) == 0


def test_a_first_sweep_in_august_opens_this_years_quarters_since_the_units_first_day(quarterly: Bureau) -> None:
    quarterly.root.in_use_from = date(2025, 5, 6)
    quarterly.root.save()
    duties.open_periodic(AUGUST)
    assert set(periods()) == {"2025Q2", "2025Q3"}


def test_a_sweep_that_slept_over_new_year_opens_what_it_missed_of_both_years(opened: Bureau) -> None:
    duties.open_periodic(moment("2027-03-01T09:00"))
    assert set(periods("report_inspection_plan")) == {"2025", "2026", "2027"}


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_a_rule_that_came_in_mid_quarter_is_owed_from_that_quarter_on(quarterly: Bureau) -> None:
    """Yangquan's document is in force from 3 June 2021."""
    assert [each.period for each in periodic.of_year(2021)] == ["2021Q2", "2021Q3", "2021Q4"]
    (second, *_) = periodic.of_year(2021)
    assert second.opens == date(2021, 6, 3)
    with pytest.raises(ReportNotDue):
        owed(unit_id=quarterly.root.pk, period="2021Q1", item=ACT)


# --- entering it late -------------------------------------------------------------------------------------------


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_a_missed_quarter_is_entered_late_and_meets_that_quarter_only(quarterly: Bureau) -> None:
    duties.open_periodic(AUGUST)
    enter(quarterly, "2025Q1", "2025-08-19T10:00")
    assert periods() == {"2025Q1": "met_late", "2025Q2": "overdue", "2025Q3": "overdue"}
    # A correction replaces the report and leaves the lateness: nothing is met anew.
    enter(quarterly, "2025Q1", "2025-08-20T10:00")
    assert Duty.objects.get(period_key="2025Q1").met_at == moment("2025-08-19T10:00")
    assert [(row.part, row.replaces is not None) for row in PlanReport.objects.order_by("pk")] == [
        ("Q1", False),
        ("Q1", True),
    ]


def test_a_quarter_that_was_never_opened_can_be_entered_and_is_as_late(quarterly: Bureau) -> None:
    quarterly.root.in_use_from = date(2025, 7, 1)
    quarterly.root.save()
    duties.open_periodic(AUGUST)
    enter(quarterly, "2024Q3", "2025-08-19T10:00")
    enter(quarterly, "2025Q1", "2025-03-28T10:00")
    assert periods() == {"2024Q3": "met_late", "2025Q1": "met", "2025Q3": "overdue"}
    duties.open_periodic(AUGUST)
    assert len(periods()) == 3


def test_a_period_not_begun_cannot_be_entered(quarterly: Bureau) -> None:
    year = timezone.localdate().year + 1
    with pytest.raises(ReportNotDue, match=f"{year}年第1季度的报告自{year}年1月1日起报送"):
        quarterly.report(ACT, timezone.now(), by="leader", unit=quarterly.root, year=f"{year}Q1")
    assert not Duty.objects.exists()


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_page_form_and_api_name_the_quarters_that_are_missing(quarterly: Bureau, signed_in: SignIn) -> None:
    duties.open_periodic(AUGUST)
    leader = signed_in(quarterly.leader)
    page = leader.get("/desk/supervision/plan/").content.decode()
    panel = page[page.index("已经到期还没有报送") :]
    assert panel.index("2025年第1季度") < panel.index("2025年第2季度") < panel.index("2025年第3季度")
    address = f"/desk/supervision/plan/2025Q2/{ACT}/{quarterly.root.pk}/"
    assert f'href="{address}"' in panel
    form = leader.get(address).content.decode()
    assert "2025年第2季度已经逾期" in form
    chooser = form[form.index("选择期间") :]
    assert chooser.count("逾期未报") >= 3
    assert "应于2025年3月31日前报送，逾期未报" in chooser
    told = leader.get("/api/v1/plan/").json()["missing"]
    assert [each["period"] for each in told] == ["2025Q1", "2025Q2", "2025Q3"]
    assert {each["may_report"] for each in told} == {True}
    watching = signed_in(quarterly.supervisor).get("/api/v1/plan/").json()["missing"]
    assert {each["may_report"] for each in watching} == {False}

    sent = {"remarks": "没有应公布的重大违法行为", "happened_at": "2025-08-19T10:00", "is_nil": "on"}
    answer = leader.post(address, sent, follow=True).content.decode()
    assert "最迟应于2025年6月30日报送，记为逾期" in answer
    assert [each["period"] for each in leader.get("/api/v1/plan/").json()["missing"]] == ["2025Q1", "2025Q3"]
    after = leader.get(address).content.decode()
    assert "2025年8月19日已报送，逾期（最迟2025年6月30日）" in after


@pytest.mark.rule("WH-MEAS-19a")
def test_wh_meas_19a_what_looks_back_on_a_year_waits_for_nobody_before_it_has_ended(bureau: Bureau) -> None:
    """20 January comes into sight in November; the year reported on is not over then."""
    year = timezone.localdate().year + 1
    due = owed(unit_id=bureau.root.pk, period=str(year), item="written_annual_report")
    assert due.begins == date(year, 1, 1)
    assert due.recurring.shown_from == date(year - 1, 11, 19)
    duties.open_one_periodic(due.recurring)
    assert list(selectors.waiting_steps(Official.objects.get(pk=bureau.leader.pk))) == []


def test_the_api_enters_a_past_quarter_and_says_that_it_is_late(quarterly: Bureau, signed_in: SignIn) -> None:
    duties.open_periodic(AUGUST)
    leader, address = signed_in(quarterly.leader), f"/api/v1/plan/2025Q1/{ACT}/{quarterly.root.pk}/"
    nil = {"remarks": "没有", "happened_at": "2025-08-19T10:00", "is_nil": True}
    answer = leader.post(address, nil, content_type="application/json", headers={"Idempotency-Key": "q1"})
    assert (answer.status_code, answer.json()["state"]) == (201, "met_late")
    again = leader.post(address, nil, content_type="application/json", headers={"Idempotency-Key": "q1"})
    assert again.json() == answer.json()
    assert PlanReport.objects.count() == 1
    paper = {
        "happened_at": "2025-08-19T11:00",
        "remarks": "",
        "attachment": SimpleUploadedFile("公开.pdf", b"%PDF-1.7 x", content_type="application/pdf"),
    }
    assert leader.post(address.replace("Q1", "Q2"), paper).status_code == 201
    assert PlanReport.objects.get(part="Q2").attachment is not None
    refused = signed_in(quarterly.supervisor).post(address, nil, content_type="application/json")
    assert refused.status_code == 403
    assert signed_in(quarterly.clerk).post(address, nil, content_type="application/json").status_code == 404
    next_year = f"/api/v1/plan/{timezone.localdate().year + 1}Q1/{ACT}/{quarterly.root.pk}/"
    early = leader.post(next_year, nil, content_type="application/json")
    assert (early.status_code, "现在还不能报送" in early.json()["title"]) == (422, True)
