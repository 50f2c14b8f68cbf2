"""The plan's page: nine items as the plan has them, honest where there is no figure, 沿用 and 期限早于规定 where so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency.models import Official, Unit
from core import duties, facts, law
from core.alerts import midnight
from core.models import Duty
from core.views import reading_only
from supervision import selectors
from supervision.plan import items_of, plan_of
from tests.supervision.conftest import YEAR, Bureau, RecordingMade, RecordingStored, moment

SignIn = Callable[[Official], Client]
NOW = moment("2025-11-20T12:00")


def test_every_section_of_weihais_plan_with_a_number_is_an_item_and_its_days_are_those_of_its_rules() -> None:
    instrument = law.rulebook().instrument("weihai-hrss-2022-supervision-plan")
    items = [item for item in items_of("weihai-hrss", 2025) if item.number]
    assert [item.number for item in items] == list(range(1, 10))
    assert [item.article for item in items] == [
        article.number for article in instrument.articles if article.number.startswith("（")
    ]
    for item in items:
        assert instrument.article(item.article).summary
        for rule in item.rules:
            assert rule.article == item.article
            assert rule.fixed is not None
            assert item.schedule == f"{rule.fixed.month}月{rule.fixed.day}日前"
        for rule_id in item.counts:
            assert law.rulebook().binds(rule_id, instrument.profile)
    assert [item.number for item in items if item.rules] == [3, 5, 9]


def test_the_plan_goes_on_where_the_profile_continues_it_and_nowhere_before_its_year() -> None:
    assert plan_of("weihai-hrss", 2021) is None
    assert plan_of("weihai-hrss", 2022) is not None
    assert plan_of("weihai-hrss", 2026) is not None
    assert plan_of("yangquan-hrss", 2026) is None
    assert plan_of("", 2026) is None


def states(bureau: Bureau, official: Official, year: int = YEAR) -> dict[int, selectors.ItemState]:
    fresh = Official.objects.get(pk=official.pk)
    found = selectors.planned(selectors.items_of(fresh, year=year, now=NOW))
    return {int(state.item.key): state for state in found}


@pytest.mark.django_db
@pytest.mark.rule("WH-PLAN-10")
def test_wh_plan_10_the_supervisor_sees_by_section_who_reported_when_late_or_not(opened: Bureau) -> None:
    opened.report(3, moment("2025-02-10T10:00"))
    item = states(opened, opened.supervisor)[3]
    assert [(unit.unit_name, unit.duty and unit.duty.state) for unit in item.units] == [
        ("监察科", "met_late"),
        ("就业科", "overdue"),
    ]
    assert (item.reported, item.overdue) == (1, 1)
    assert [unit.unit_name for unit in states(opened, opened.stranger)[3].units] == ["就业科"]


@pytest.mark.django_db
def test_items_2_and_6_count_duties_and_items_1_4_and_8_say_that_nothing_is_counted(opened: Bureau) -> None:
    opened.decide(1, moment("2025-03-03T10:00"))
    opened.publish(1, moment("2025-03-04T10:00"))
    facts.record(
        RecordingMade(subject=opened.case(2), unit=opened.section.pk),
        happened_at=moment("2025-03-03T10:00"),
        by=opened.clerk,
    )
    facts.record(
        RecordingStored(subject=opened.case(2), unit=opened.section.pk),
        happened_at=moment("2025-03-20T10:00"),
        by=opened.clerk,
    )
    found = states(opened, opened.supervisor)
    (publish,) = found[2].counted
    assert publish.figures is not None
    assert (publish.figures.opened, publish.figures.in_time) == (1, 1)
    store, index = found[6].counted
    assert store.figures is not None
    assert index.figures is not None
    assert (store.figures.late, index.figures.overdue) == (1, 1)
    assert [number for number, state in found.items() if state.item.shows == "nothing"] == [1, 4, 8]


@pytest.mark.django_db
def test_the_plan_of_2022_named_days_that_had_passed_and_later_years_only_continue_it(bureau: Bureau) -> None:
    duties.open_periodic(moment("2022-06-01T09:00"))
    first, later = states(bureau, bureau.supervisor, 2022), states(bureau, bureau.supervisor, 2025)
    assert [number for number, state in first.items() if state.deadline_precedes_rule] == [3, 5, 9]
    assert not any(state.continued for state in first.values())
    assert not any(state.deadline_precedes_rule for state in later.values())
    assert all(state.continued for state in later.values())


@pytest.mark.django_db
def test_the_page_shows_all_nine_and_is_honest(opened: Bureau, signed_in: SignIn) -> None:
    page = signed_in(opened.supervisor).get(f"/desk/supervision/plan/?year={YEAR}").content.decode()
    for item in items_of("weihai-hrss", YEAR)[:9]:
        assert f"{item.article}{item.title}" in page
    assert page.count("本项的数据来源尚未建立") == 3
    assert "沿用" in page
    assert "期限早于规定" not in page
    assert "应于活动开展前5日内填报联合检查事前备案表" in page


@pytest.mark.django_db
def test_the_page_of_2022_says_that_its_dates_precede_the_rule(bureau: Bureau, signed_in: SignIn) -> None:
    duties.open_periodic(moment("2022-06-01T09:00"))
    page = signed_in(bureau.clerk).get("/desk/supervision/plan/?year=2022").content.decode()
    assert "期限早于规定" in page
    assert "chip--overdue" not in page


@pytest.mark.django_db
def test_reading_writes_nothing(opened: Bureau, signed_in: SignIn) -> None:
    report = opened.report(3, moment("2025-01-20T10:00"))
    opened.decide(1, moment("2025-03-03T10:00"))
    before = Duty.objects.count()
    supervisor = signed_in(opened.supervisor)
    with reading_only():
        for path in (
            "plan/",
            f"plan/?year={YEAR}",
            f"plan/{YEAR}/3/{opened.section.pk}/",
            "board/",
            "duties/",
            "decisions/?year=2025",
            f"reports/{report.pk}/",
        ):
            assert supervisor.get(f"/desk/supervision/{path}").status_code == 200, path
    assert Duty.objects.count() == before


@pytest.mark.django_db
def test_a_page_without_plan_or_figures_says_so(bureau: Bureau, signed_in: SignIn) -> None:
    from agency.models import AgencyProfile

    agency = AgencyProfile.objects.get()
    agency.profile = "yangquan-hrss"
    agency.save()
    this_year = timezone.localdate().year
    supervisor = signed_in(bureau.supervisor)
    assert "没有这一年的监督计划" in supervisor.get("/desk/supervision/plan/").content.decode()
    assert "这一年还没有产生期限" in supervisor.get("/desk/supervision/board/").content.decode()
    assert supervisor.get(f"/desk/supervision/plan/{this_year}/3/{bureau.section.pk}/").status_code == 404


@pytest.mark.django_db
def test_the_page_costs_the_same_at_two_sections_and_at_twenty(opened: Bureau, signed_in: SignIn) -> None:
    def statements() -> int:
        supervisor = signed_in(opened.supervisor)
        with CaptureQueriesContext(connection) as made:
            assert supervisor.get(f"/desk/supervision/plan/?year={YEAR}").status_code == 200
        return len(made)

    few = statements()
    for number in range(18):
        Unit.objects.create(
            name=f"示例第{number}科", short_name=f"{number}科", kind=Unit.Kind.SECTION, parent=opened.root
        )
    duties.open_periodic(moment("2025-03-01T09:00"))
    assert statements() == few


@pytest.mark.django_db
def test_the_api_tells_who_reported(opened: Bureau, signed_in: SignIn) -> None:
    report = opened.report(5, moment("2025-02-10T10:00"))
    body = signed_in(opened.clerk).get(f"/api/v1/plan/?year={YEAR}").json()
    assert [item["number"] for item in body["items"]] == list(range(1, 10))
    (line,) = body["items"][4]["reports"]
    assert (line["unit"], line["state"]) == (opened.section.pk, "met_late")
    assert [row["id"] for row in line["reports"]] == [report.pk]
    assert body["items"][0]["figures"] == []


# --- a unit that begins in the middle of the year ---------------------------------------------------------------


def _begins(bureau: Bureau, on: date) -> None:
    """The units were entered on this day, as `create_agency` and the desk's page enter them."""
    for unit in (bureau.root, bureau.section, bureau.other, bureau.legal):
        unit.in_use_from = on
        unit.save()


@pytest.mark.rule("WH-PLAN-3a", "WH-PLAN-5a", "WH-PLAN-9")
@pytest.mark.django_db
def test_wh_plan_3_5_9_what_fell_due_before_a_unit_began_here_is_nobodys_delay(
    bureau: Bureau, signed_in: SignIn
) -> None:
    now = timezone.now()
    year = timezone.localdate(now).year
    # A day that lies after this year's dates whenever the test runs.
    _begins(bureau, date(year + 1, 3, 1))
    duties.open_periodic(now)
    assert not Duty.objects.filter(unit=bureau.section).exists()
    page = signed_in(bureau.clerk).get(f"/desk/supervision/plan/?year={year}").content.decode()
    assert page.count("启用前到期") == 3
    assert page.count("不列为逾期；当时是否报送以原有档案为准") == 3
    assert page.count("补录<span") == 3
    assert "chip--overdue" not in page
    assert "报告并上传附件" not in page


@pytest.mark.django_db
def test_a_duty_that_ends_on_the_first_day_or_later_is_owed(bureau: Bureau) -> None:
    """The plan names 31 January for items 3 and 5, 30 January for item 9."""
    _begins(bureau, date(2025, 1, 31))
    duties.open_periodic(moment("2025-02-03T09:00"))
    owing = set(Duty.objects.filter(unit=bureau.section, period_key="2025").values_list("obligation", flat=True))
    assert owing == {"report_inspection_plan", "report_training_plan"}
    overdue = Duty.objects.red(moment("2025-02-03T09:00"))
    assert set(overdue.filter(unit=bureau.section).values_list("obligation", flat=True)) == owing


@pytest.mark.django_db
def test_a_section_set_up_later_does_not_inherit_what_the_others_owed(bureau: Bureau) -> None:
    _begins(bureau, date(2020, 1, 1))
    late = Unit.objects.create(
        name="示例新设科", short_name="新设科", kind=Unit.Kind.SECTION, parent=bureau.root, in_use_from=date(2025, 6, 1)
    )
    duties.open_periodic(moment("2025-06-02T09:00"))
    assert Duty.objects.filter(unit=bureau.section, period_key="2025").exists()
    assert not Duty.objects.filter(unit=late, period_key="2025").exists()
    duties.open_periodic(moment("2026-01-05T09:00"))
    assert Duty.objects.filter(unit=late, period_key="2026").count() == 3


@pytest.mark.django_db
def test_a_report_from_before_the_first_day_can_be_entered_and_counts_from_its_own_day(
    bureau: Bureau, signed_in: SignIn
) -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    _begins(bureau, date(today.year + 1, 3, 1))
    duties.open_periodic(now)
    page = signed_in(bureau.clerk).get(f"/desk/supervision/plan/{today.year}/3/{bureau.section.pk}/").content.decode()
    assert "此前已经到期，不列为逾期" in page
    new_year = midnight(date(today.year, 1, 1)) + timedelta(hours=9)
    bureau.report(3, new_year, year=today.year)
    (duty,) = Duty.objects.filter(unit=bureau.section, period_key=str(today.year))
    assert (duty.obligation, duty.met_at) == ("report_inspection_plan", new_year)
    assert duty.state == "met"
