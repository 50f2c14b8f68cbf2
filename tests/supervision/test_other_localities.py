"""What stands in no plan of Weihai's and comes round all the same: yearly and quarterly reports of every locality, from its rules alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from agency.models import AgencyProfile, Official, Unit
from core import duties
from core.lifecycle import MomentRefused, StepRefused
from core.models import Duty, LedgerEntry
from rulebook import library
from supervision import selectors
from supervision.models import PlanReport
from supervision.plan import ReportNotDue, disagreement_of, items_of, owed
from tests.supervision.conftest import YEAR, Bureau, attachment, moment

pytestmark = pytest.mark.django_db
SignIn = Callable[[Official], Client]
FEBRUARY = moment(f"{YEAR}-02-10T09:00")


def bound_by(bureau: Bureau, profile: str) -> Bureau:
    """The bureau under another locality's documents, after a sweep in February."""
    AgencyProfile.objects.update(profile=profile)
    duties.open_periodic(FEBRUARY)
    return bureau


def duty(unit: Unit, obligation: str, period: str = str(YEAR)) -> Duty:
    return Duty.objects.get(unit=unit, obligation=obligation, period_key=period)


def plan_page(signed_in: SignIn, official: Official) -> str:
    return signed_in(official).get(f"/desk/supervision/plan/?year={YEAR}").content.decode()


# --- Weihai: the measures besides the plan ----------------------------------------------------------------------


@pytest.mark.rule("WH-MEAS-8b", "WH-MEAS-19a")
def test_wh_meas_8b_19a_the_bureau_itself_reports_by_its_leader_and_each_report_meets_its_own_duty(
    opened: Bureau,
) -> None:
    plan, report = (duty(opened.root, act) for act in ("file_work_plan", "written_annual_report"))
    assert (plan.due_at, report.due_at) == (moment(f"{YEAR}-01-31T23:59:59"), moment(f"{YEAR}-01-20T23:59:59"))
    opened.report("written_annual_report", moment(f"{YEAR}-01-19T10:00"), by="leader", unit=opened.root)
    report.refresh_from_db()
    plan.refresh_from_db()
    assert (report.state, plan.met_at) == ("met", None)
    opened.report("file_work_plan", moment(f"{YEAR}-02-05T10:00"), by="leader", unit=opened.root)
    plan.refresh_from_db()
    assert plan.state == "met_late"
    assert duty(opened.section, "report_annual_cases").met_at is None


@pytest.mark.rule("WH-MEAS-19a")
def test_wh_meas_19a_the_year_reported_on_has_ended_and_the_report_is_attached(opened: Bureau) -> None:
    with pytest.raises(MomentRefused, match=f"{YEAR - 1}年还没有结束"):
        opened.report("written_annual_report", moment(f"{YEAR - 1}-12-31T10:00"), by="leader", unit=opened.root)
    with pytest.raises(StepRefused, match="没有上传附件"):
        opened.report(
            "written_annual_report",
            moment(f"{YEAR}-01-19T10:00"),
            by="leader",
            unit=opened.root,
            attachment=None,
        )
    with pytest.raises(StepRefused, match="不能零报告"):
        opened.report(
            "written_annual_report",
            moment(f"{YEAR}-01-19T10:00"),
            by="leader",
            unit=opened.root,
            is_nil=True,
            remarks="没有案件",
        )
    assert not PlanReport.objects.exists()


@pytest.mark.rule("WH-MEAS-8b", "WH-MEAS-19a")
def test_wh_meas_8b_19a_stand_on_the_page_below_the_nine_and_wait_for_the_leader(
    opened: Bureau, signed_in: SignIn
) -> None:
    page = plan_page(signed_in, opened.leader)
    assert page.index("item-9") < page.index('id="item-file_work_plan"')
    assert "计划以外定期报送" in page
    waiting = {step.url for step in selectors.waiting_steps(Official.objects.get(pk=opened.leader.pk))}
    ours = {
        f"/desk/supervision/plan/{YEAR}/{act}/{opened.root.pk}/" for act in ("file_work_plan", "written_annual_report")
    }
    assert waiting == ours
    # A section's clerk sees the items of the plan, and nothing of what the bureau owes.
    assert "item-file_work_plan" not in plan_page(signed_in, opened.clerk)
    assert signed_in(opened.clerk).get(ours.pop()).status_code == 404


def test_where_the_documents_disagree_on_the_day_of_the_annual_report_page_form_and_api_say_so(
    opened: Bureau, signed_in: SignIn
) -> None:
    """counting.md: WH-MEAS 20 January, WH-PLAN 30 January, after the report that it should feed."""
    said = "各文件对“年度执法情况报告”规定的日期不一致"
    clerk = signed_in(opened.clerk)
    page = plan_page(signed_in, opened.clerk)
    assert page.count(said) == 1
    shown = page[page.index(said) :]
    assert shown.index("每年1月20日前") < shown.index("每年1月30日前")
    assert "宜在1月20日前报送（本系统的理解）" in page
    assert said in clerk.get(f"/desk/supervision/plan/{YEAR}/9/{opened.section.pk}/").content.decode()
    assert said not in clerk.get(f"/desk/supervision/plan/{YEAR}/3/{opened.section.pk}/").content.decode()
    (told,) = [item for item in clerk.get(f"/api/v1/plan/?year={YEAR}").json()["items"] if item["key"] == "9"]
    assert [each["rule"] for each in told["disagreement"]["rules"]] == ["WH-MEAS-19a", "WH-PLAN-9"]


@pytest.mark.parametrize(
    ("profile", "rules"),
    [
        ("shizuishan-hrss", None),  # one document: two acts, no disagreement
        ("strictest", ["SZS-4-3a", "WH-MEAS-19a", "SZS-4-3b", "WH-PLAN-9"]),
    ],
)
def test_the_disagreement_is_that_of_the_documents_which_bind(profile: str, rules: list[str] | None) -> None:
    named = [item for item in items_of(profile, YEAR) if any(rule.matter for rule in item.rules)]
    assert named
    for item in named:
        found = disagreement_of(item, YEAR)
        assert (found and [rule.id for rule, _, _ in found.lines]) == rules


# --- Shizuishan: no plan at all ---------------------------------------------------------------------------------


@pytest.mark.rule("SZS-4-3a", "SZS-4-3b")
def test_szs_4_3_units_report_by_5_january_and_the_bureau_publishes_by_25_january(bureau: Bureau) -> None:
    bound_by(bureau, "shizuishan-hrss")
    ours, public = duty(bureau.section, "report_annual_statistics"), duty(bureau.root, "publish_annual_statistics")
    assert (ours.due_at, public.due_at) == (moment(f"{YEAR}-01-05T23:59:59"), moment(f"{YEAR}-01-25T23:59:59"))
    bureau.report("report_annual_statistics", moment(f"{YEAR}-01-03T10:00"))
    bureau.report("publish_annual_statistics", moment(f"{YEAR}-01-26T10:00"), by="leader", unit=bureau.root)
    ours.refresh_from_db()
    public.refresh_from_db()
    assert (ours.state, public.state) == ("met", "met_late")
    assert duty(bureau.other, "report_annual_statistics").state == "overdue"
    with pytest.raises(ReportNotDue, match="这个单位不承担这一项"):
        owed(unit_id=bureau.section.pk, period=str(YEAR), item="publish_annual_statistics")
    with pytest.raises(ReportNotDue, match="不需要报送"):
        owed(unit_id=bureau.section.pk, period=str(YEAR), item="3")


@pytest.mark.rule("SZS-4-3a")
def test_szs_4_3a_a_bureau_without_a_plan_reports_in_the_browser(bureau: Bureau, signed_in: SignIn) -> None:
    bound_by(bureau, "shizuishan-hrss")
    page = plan_page(signed_in, bureau.clerk)
    assert "没有这一年的监督计划" in page
    address = f"/desk/supervision/plan/{YEAR}/report_annual_statistics/{bureau.section.pk}/"
    assert f'href="{address}"' in page
    sent = {"remarks": "", "happened_at": f"{YEAR}-01-03T10:00", "attachment": attachment("统计表.xlsx")}
    answer = signed_in(bureau.clerk).post(address, sent, follow=True)
    report = PlanReport.objects.get()
    assert answer.redirect_chain == [(report.get_absolute_url(), 302)]
    assert "按期" in answer.content.decode()
    assert report.stream == f"plan:{YEAR}-report_annual_statistics-{bureau.section.pk}"
    assert list(PlanReport.objects.of_key(report.stream.removeprefix("plan:"))) == [report]
    assert signed_in(bureau.clerk).get(f"/desk/ledger/{report.stream}/").status_code == 200
    assert signed_in(bureau.stranger).get(f"/desk/ledger/{report.stream}/").status_code == 404


# --- Yangquan: once a quarter, nil returns allowed --------------------------------------------------------------


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_each_quarter_has_its_own_report_and_may_have_a_nil_return(bureau: Bureau) -> None:
    bound_by(bureau, "yangquan-hrss")
    first = duty(bureau.root, "publish_major_violation", f"{YEAR}Q1")
    assert first.due_at == moment(f"{YEAR}-03-31T23:59:59")
    duties.open_periodic(moment(f"{YEAR}-04-01T09:00"))
    second = duty(bureau.root, "publish_major_violation", f"{YEAR}Q2")

    report = bureau.report(
        "publish_major_violation",
        moment(f"{YEAR}-03-28T10:00"),
        by="leader",
        unit=bureau.root,
        year=f"{YEAR}Q1",
        is_nil=True,
        remarks="本季度没有重大违法行为",
        attachment=None,
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.met_at) == ("met", None)
    assert report.is_nil
    assert report.stream == f"plan:{YEAR}Q1-publish_major_violation-{bureau.root.pk}"
    bureau.report(
        "publish_major_violation", moment(f"{YEAR}-07-02T10:00"), by="leader", unit=bureau.root, year=f"{YEAR}Q2"
    )
    second.refresh_from_db()
    assert second.state == "met_late"
    assert PlanReport.objects.current().count() == 2
    assert LedgerEntry.objects.filter(stream=report.stream).count() == 1


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_a_quarter_is_not_reported_before_it_began_nor_for_a_whole_year(bureau: Bureau) -> None:
    bound_by(bureau, "yangquan-hrss")
    with pytest.raises(MomentRefused, match=f"{YEAR}年第1季度自{YEAR}年1月1日起"):
        bureau.report(
            "publish_major_violation",
            moment(f"{YEAR - 1}-12-31T10:00"),
            by="leader",
            unit=bureau.root,
            year=f"{YEAR}Q1",
        )
    with pytest.raises(ReportNotDue, match="不需要报送"):
        owed(unit_id=bureau.root.pk, period=str(YEAR), item="publish_major_violation")


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_the_page_shows_every_quarter_and_offers_the_nil_return(bureau: Bureau, signed_in: SignIn) -> None:
    bound_by(bureau, "yangquan-hrss")
    page = plan_page(signed_in, bureau.leader)
    assert f"{YEAR}年第1季度" in page
    assert f"{YEAR}年第4季度" in page
    address = f"/desk/supervision/plan/{YEAR}Q1/publish_major_violation/{bureau.root.pk}/"
    form = signed_in(bureau.leader).get(address).content.decode()
    assert f"零报告：{YEAR}年第1季度没有应报内容" in form
    sent = {"remarks": "", "happened_at": f"{YEAR}-03-20T10:00", "is_nil": "on"}
    refused = signed_in(bureau.leader).post(address, sent)
    assert refused.status_code == 422
    assert "零报告应当说明情况" in refused.content.decode()
    signed_in(bureau.leader).post(address, sent | {"remarks": "没有应公布的重大违法行为"})
    assert PlanReport.objects.get().is_nil


# --- two documents, one act -------------------------------------------------------------------------------------

TWICE = """
[instrument]
id = "{id}"
title = "示例{id}"
issued_by = "示例市"
rank = "agency-document"
effective_from = 2021-01-01
profile = "liaoyuan-hrss"

[[article]]
number = "第一条"
summary = "示例条文。"

[[rule]]
id = "{rule}"
article = "第一条"
quote = "报送年度总结"
title = "报送年度总结"
kind = "fixed_date"
obligation = "report_summary"
fixed = "{day}"
met_by = "supervision.plan_item_reported"
owed_by = "unit"
items = {{ {item} }}
"""


@pytest.fixture
def twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Liaoyuan's bureau bound by two more documents that demand one act on two days."""
    root = Path(library.__file__).parent
    for folder in ("instruments", "profiles"):
        shutil.copytree(root / folder, tmp_path / folder)
    for name, rule, day, item in (
        ("later", "TRY-1", "02-28", 'numbers = "数据", problems = "问题"'),
        ("sooner", "TRY-2", "01-15", 'numbers = "数据"'),
    ):
        text = TWICE.format(id=name, rule=rule, day=day, item=item)
        (tmp_path / "instruments" / f"{name}.toml").write_text(text, encoding="utf-8")
    profile = tmp_path / "profiles" / "liaoyuan-hrss.toml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(
        text.replace(
            '    "liaoyuan-hrss-2021-recording",\n',
            '    "liaoyuan-hrss-2021-recording",\n    "later",\n    "sooner",\n',
        ),
        encoding="utf-8",
    )
    book = library.load(tmp_path)
    monkeypatch.setattr(library, "get", lambda: book)


@pytest.mark.usefixtures("twice")
def test_two_rules_for_one_act_make_one_item_with_the_earlier_day_and_everything_that_either_wants(
    bureau: Bureau, signed_in: SignIn
) -> None:
    bound_by(bureau, "liaoyuan-hrss")
    one = duty(bureau.section, "report_summary")
    assert (one.rule_id, one.due_at) == ("TRY-2", moment(f"{YEAR}-01-15T23:59:59"))
    assert {basis["rule"] for basis in one.bases} == {"TRY-1", "TRY-2"}
    (item,) = items_of("liaoyuan-hrss", YEAR)
    assert [(rule.id, each.label) for rule, each in item.stated] == [("TRY-2", "数据"), ("TRY-1", "问题")]
    with pytest.raises(StepRefused) as refused:
        bureau.report("report_summary", moment(f"{YEAR}-01-10T10:00"), contents={"numbers": "3件"}, attachment=None)
    assert [(demand.text, [each.rule_id for each in demand.citations]) for demand in refused.value.demands] == [
        ("没有写明“问题”", ["TRY-1"]),
        ("没有上传附件", ["TRY-2", "TRY-1"]),
    ]
    page = signed_in(bureau.clerk).get(f"/desk/supervision/plan/{YEAR}/report_summary/{bureau.section.pk}/")
    assert {"示例later", "示例sooner"} <= {
        word for word in ("示例later", "示例sooner") if word in page.content.decode()
    }
    bureau.report("report_summary", moment(f"{YEAR}-01-10T10:00"), contents={"numbers": "3件", "problems": "无"})
    one.refresh_from_db()
    assert one.state == "met"


# --- a branch with rules of its own -----------------------------------------------------------------------------


@pytest.fixture
def branch(bureau: Bureau) -> Unit:
    """A branch of Weihai's bureau that is bound by Shizuishan's documents."""
    unit = Unit.objects.create(
        name="示例分局", short_name="分局", kind=Unit.Kind.SECTION, parent=bureau.root, profile="shizuishan-hrss"
    )
    duties.open_periodic(FEBRUARY)
    return unit


def test_a_branch_owes_what_its_own_documents_demand_and_nothing_of_the_agencys_plan(
    bureau: Bureau, branch: Unit, signed_in: SignIn
) -> None:
    states = selectors.items_of(Official.objects.get(pk=bureau.supervisor.pk), year=YEAR, now=FEBRUARY)
    for state in selectors.planned(states):
        assert branch.pk not in {unit.owed.unit_id for unit in state.units}
    shown = {unit.owed.unit_id for state in states for unit in state.units if state.item.profile == "shizuishan-hrss"}
    assert shown == {branch.pk}
    for state in states:
        for unit in state.units:
            assert owed(unit_id=unit.owed.unit_id, period=unit.owed.period, item=unit.owed.item.key) == unit.owed
            assert unit.duty is not None, unit
    page = plan_page(signed_in, bureau.supervisor)
    assert "石嘴山市人力资源和社会保障局规则档案的单位" in page
    assert 'id="item-shizuishan-hrss-report_annual_statistics"' in page


def test_a_branch_reports_under_its_own_rule_and_is_cited_so(bureau: Bureau, branch: Unit) -> None:
    with pytest.raises(ReportNotDue, match="不需要报送"):
        owed(unit_id=branch.pk, period=str(YEAR), item="3")
    bureau.people["branch"] = bureau.make("褚示例", ("section_staff", branch))  # type: ignore[arg-type]
    report = bureau.report("report_annual_statistics", moment(f"{YEAR}-01-03T10:00"), by="branch", unit=branch)
    assert report.rule_id == "SZS-4-3a"
    assert duty(branch, "report_annual_statistics").state == "met"
    urls = {step.url for step in selectors.waiting_steps(Official.objects.get(pk=bureau.branch.pk))}
    assert urls == set()
