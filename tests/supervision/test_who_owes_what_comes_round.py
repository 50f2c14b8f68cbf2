"""Every yearly and quarterly rule of every profile is owed by exactly one unit, whichever profiles meet under one roof (decision 0022)."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from agency.models import AgencyProfile, Official, Role, Unit
from core import duties, periodic, sweeping
from core.models import Duty
from core.registry import agency as asked
from rulebook import library
from rulebook.model import Rule
from supervision import selectors
from supervision.models import PlanReport
from tests.supervision.conftest import YEAR, Bureau, moment

pytestmark = pytest.mark.django_db
PROFILES = [profile.id for profile in library.get().profiles]
FEBRUARY = moment(f"{YEAR}-02-10T09:00")
SignIn = Callable[[Official], Client]


def branch_of(bureau: Bureau, profile: str, name: str = "分局") -> Unit:
    return Unit.objects.create(
        name=f"示例{name}{profile}", short_name=name, kind=Unit.Kind.SECTION, parent=bureau.root, profile=profile
    )


def periodic_rules(profile: str) -> list[Rule]:
    book = library.get()
    return [
        rule
        for rule in book.periodic(profile, date(YEAR, 12, 31))
        if rule.met_by and asked().owner_of(rule.owed_by, 0) is not None
    ]


@pytest.mark.parametrize("own", PROFILES)
def test_every_periodic_rule_of_every_profile_in_use_is_owed_by_exactly_one_unit(bureau: Bureau, own: str) -> None:
    AgencyProfile.objects.update(profile=own)
    bureau.root.save()
    branches = {profile: branch_of(bureau, profile) for profile in PROFILES if profile != own}
    owed: Counter[tuple[str, str, int | None]] = Counter()
    for each in periodic.of_year(YEAR):
        for rule in each.rules:
            owed[rule.id, each.period, each.unit_id if rule.owed_by == "unit" else None] += 1
            assert each.owner_id == (each.unit_id if rule.owed_by == "unit" else asked().owner_of(rule.owed_by, 0))
    expected: Counter[tuple[str, str, int | None]] = Counter()
    for profile in PROFILES:
        sections = [branches[profile].pk] if profile != own else [bureau.section.pk, bureau.other.pk]
        for rule in periodic_rules(profile):
            keys = [f"{YEAR}{part}" for part in (("Q1", "Q2", "Q3", "Q4") if rule.each == "quarter" else ("",))]
            for period in keys:
                if rule.owed_by == "unit":
                    expected.update((rule.id, period, section) for section in sections)
                else:
                    expected[rule.id, period, None] = 1
    assert owed == expected
    assert sum(expected.values()) > 10


@pytest.mark.rule("SZS-4-3b")
def test_szs_4_3b_the_agency_publishes_for_the_branches_that_this_document_binds_once(
    bureau: Bureau, signed_in: SignIn
) -> None:
    first, _ = (branch_of(bureau, "shizuishan-hrss", name) for name in ("东分局", "西分局"))
    duties.open_periodic(FEBRUARY)
    duty = Duty.objects.get(obligation="publish_annual_statistics")
    assert (duty.unit, duty.owner_unit, duty.rule_id) == (first, bureau.root, "SZS-4-3b")
    assert duty.subject_title == f"{YEAR}年度（石嘴山市人力资源和社会保障局规则档案的单位）"
    assert Duty.objects.filter(obligation="report_annual_statistics").count() == 2

    address = f"/desk/supervision/plan/{YEAR}/publish_annual_statistics/{first.pk}/"
    leader = signed_in(bureau.leader)
    assert "这一项由市人社局报送" in leader.get(address).content.decode()
    assert address in {step.url for step in selectors.waiting_steps(Official.objects.get(pk=bureau.leader.pk))}
    bureau.report("publish_annual_statistics", moment(f"{YEAR}-01-20T10:00"), by="leader", unit=first)
    duty.refresh_from_db()
    assert duty.state == "met"
    assert PlanReport.objects.get().rule_id == "SZS-4-3b"


@pytest.mark.rule("YQ-DISC-10c")
def test_yq_disc_10c_one_report_serves_agency_and_branch_where_the_rule_binds_both(bureau: Bureau) -> None:
    AgencyProfile.objects.update(profile="strictest")
    bureau.root.save()
    branch_of(bureau, "yangquan-hrss")
    duties.open_periodic(FEBRUARY)
    (duty,) = Duty.objects.filter(obligation="publish_major_violation")
    assert (duty.unit, duty.owner_unit, duty.period_key) == (bureau.root, bureau.root, f"{YEAR}Q1")


# --- documents of the tests -------------------------------------------------------------------------------------

TEXT = """
[instrument]
id = "{id}"
title = "示例{id}"
issued_by = "示例市"
rank = "agency-document"
effective_from = {year}-01-01
annual = {annual}
profile = "liaoyuan-hrss"

[[article]]
number = "第一条"
summary = "示例条文。"

[[rule]]
id = "{rule}"
article = "第一条"
quote = "报送情况"
title = "报送情况"
kind = "{kind}"
obligation = "{act}"
met_by = "supervision.plan_item_reported"
owed_by = "{owed_by}"
nil_allowed = {nil}
{more}
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Bind Liaoyuan's profile by one more document with one rule."""
    root = Path(library.__file__).parent
    for folder in ("instruments", "profiles"):
        shutil.copytree(root / folder, tmp_path / folder)

    def put(name: str, *, owed_by: str, kind: str, more: str, year: int | None = None) -> None:
        rule, annual = f"TRY-{name.upper()}", "true" if year else "false"
        text = TEXT.format(
            id=name,
            rule=rule,
            act="report_state",
            owed_by=owed_by,
            kind=kind,
            more=more,
            year=year or 2021,
            annual=annual,
            nil="true" if kind == "period" else "false",
        )
        (tmp_path / "instruments" / f"{name}.toml").write_text(text, encoding="utf-8")
        profile = tmp_path / "profiles" / "liaoyuan-hrss.toml"
        own = '    "liaoyuan-hrss-2021-recording",\n'
        profile.write_text(profile.read_text(encoding="utf-8").replace(own, f'{own}    "{name}",\n'), encoding="utf-8")
        book = library.load(tmp_path)
        monkeypatch.setattr(library, "get", lambda: book)

    return put


def test_the_agencys_legal_office_reports_for_a_branch_whose_files_it_does_not_see(
    bureau: Bureau, shelf: Callable[..., None], signed_in: SignIn
) -> None:
    shelf("legal", owed_by="legal_affairs", kind="period", more='each = "quarter"')
    branch = branch_of(bureau, "liaoyuan-hrss")
    duties.open_periodic(FEBRUARY)
    duty = Duty.objects.get(obligation="report_state")
    assert (duty.unit, duty.owner_unit, duty.period_key) == (branch, bureau.legal, f"{YEAR}Q1")
    bureau.people["reviewer"] = bureau.make("褚示例", (Role.LEGAL_REVIEWER, bureau.legal))
    bureau.people["branch"] = bureau.make("卫样本", (Role.SECTION_STAFF, branch))
    address = f"/desk/supervision/plan/{YEAR}Q1/report_state/{branch.pk}/"
    reviewer = signed_in(bureau.reviewer)
    assert f'href="{address}"' in reviewer.get(f"/desk/supervision/plan/?year={YEAR}").content.decode()
    assert reviewer.get(duty.get_absolute_url()).status_code == 200
    sent = {"remarks": "没有", "is_nil": "on", "happened_at": f"{YEAR}-02-09T10:00"}
    # The branch reads how it stands; the office reports.
    assert signed_in(bureau.branch).post(address, sent).status_code == 422
    assert signed_in(bureau.clerk).get(address).status_code == 404
    answer = reviewer.post(address, sent, follow=True)
    report = PlanReport.objects.get()
    assert answer.redirect_chain == [(report.get_absolute_url(), 302)]
    assert answer.status_code == 200
    assert reviewer.get(f"/desk/ledger/{report.stream}/").status_code == 200
    assert (report.unit, Duty.objects.get(obligation="report_state").state) == (branch, "met")
    assert signed_in(bureau.stranger).get(report.get_absolute_url()).status_code == 404


def test_a_branch_with_a_legal_office_of_its_own_owes_itself(bureau: Bureau, shelf: Callable[..., None]) -> None:
    shelf("legal", owed_by="legal_affairs", kind="period", more='each = "year"')
    branch = branch_of(bureau, "liaoyuan-hrss")
    own = Unit.objects.create(name="示例分局法制科", short_name="分局法制", kind=Unit.Kind.LEGAL, parent=branch)
    duties.open_periodic(FEBRUARY)
    duty = Duty.objects.get(obligation="report_state")
    assert (duty.unit, duty.owner_unit) == (own, own)
    assert asked().owner_of("legal_affairs", branch.pk) == own.pk
    assert asked().owner_of("legal_affairs", bureau.section.pk) == bureau.legal.pk


# --- rules that come and go, units that are closed --------------------------------------------------------------


def test_a_plan_that_is_not_continued_is_not_owed_for_the_next_year(bureau: Bureau, shelf: Callable[..., None]) -> None:
    """At the year's end next year's dates come into sight: not those of a plan for this year alone."""
    shelf("annual", owed_by="unit", kind="fixed_date", more='fixed = "01-31"', year=2025)
    AgencyProfile.objects.update(profile="liaoyuan-hrss")
    bureau.root.save()
    duties.open_periodic(moment("2025-12-05T09:00"))
    assert set(Duty.objects.filter(obligation="report_state").values_list("period_key", flat=True)) == {"2025"}


def test_a_rule_of_next_year_is_in_sight_before_it_is_in_force(bureau: Bureau, shelf: Callable[..., None]) -> None:
    shelf("coming", owed_by="unit", kind="fixed_date", more='fixed = "01-10"\neffective_from = 2026-01-01')
    AgencyProfile.objects.update(profile="liaoyuan-hrss")
    bureau.root.save()
    duties.open_periodic(moment("2025-12-05T09:00"))
    (duty, _) = Duty.objects.filter(obligation="report_state")
    assert (duty.period_key, duty.due_at) == ("2026", moment("2026-01-10T23:59:59"))


def test_an_earlier_date_that_comes_in_mid_year_excuses_nobody_who_was_bound_by_the_old(
    bureau: Bureau, shelf: Callable[..., None]
) -> None:
    shelf("old", owed_by="unit", kind="fixed_date", more='fixed = "01-31"\neffective_to = 2025-06-30')
    shelf("new", owed_by="unit", kind="fixed_date", more='fixed = "01-15"\neffective_from = 2025-07-01')
    AgencyProfile.objects.update(profile="liaoyuan-hrss")
    bureau.root.save()
    duties.open_periodic(moment("2025-08-10T09:00"))
    duty = Duty.objects.get(obligation="report_state", unit=bureau.section)
    assert (duty.rule_id, duty.due_at, duty.state) == ("TRY-OLD", moment("2025-01-31T23:59:59"), "overdue")
    duties.open_periodic(moment("2026-02-10T09:00"))
    after = Duty.objects.get(obligation="report_state", unit=bureau.section, period_key="2026")
    assert (after.rule_id, after.due_at) == ("TRY-NEW", moment("2026-01-15T23:59:59"))


def test_what_was_owed_under_a_rule_that_has_ended_is_met_by_its_late_report(
    bureau: Bureau, shelf: Callable[..., None]
) -> None:
    shelf("ended", owed_by="unit", kind="period", more='each = "quarter"\neffective_to = 2025-06-30')
    AgencyProfile.objects.update(profile="liaoyuan-hrss")
    bureau.root.save()
    duties.open_periodic(moment("2025-04-10T09:00"))
    duties.open_periodic(moment("2025-08-10T09:00"))
    mine = Duty.objects.filter(obligation="report_state", unit=bureau.section)
    assert [duty.period_key for duty in mine] == ["2025Q2"]
    nil = {"is_nil": True, "remarks": "没有", "attachment": None}
    bureau.report("report_state", moment("2025-08-09T10:00"), year="2025Q2", **nil)
    assert mine.get().state == "met_late"


def test_what_falls_due_after_a_unit_was_closed_is_not_owed_and_what_was_open_is_voided(
    bureau: Bureau, shelf: Callable[..., None]
) -> None:
    shelf("quarter", owed_by="unit", kind="period", more='each = "quarter"')
    AgencyProfile.objects.update(profile="liaoyuan-hrss")
    bureau.root.save()
    duties.open_periodic(moment("2025-02-10T09:00"))
    duties.open_periodic(moment("2025-05-10T09:00"))
    bureau.section.in_use_to = date(2025, 5, 20)
    bureau.section.save()
    assert sweeping.sweep(moment("2025-05-21T09:00")).failures == []
    duties.open_periodic(moment("2025-08-10T09:00"))
    found = {duty.period_key: duty for duty in Duty.objects.filter(unit=bureau.section)}
    assert {key: duty.state for key, duty in found.items()} == {"2025Q1": "overdue", "2025Q2": "voided"}
    assert "单位已经停用" in found["2025Q2"].void_reason
    assert Duty.objects.filter(unit=bureau.other).count() == 3
    assert duties.void_periodic(moment("2025-08-10T09:00")) == 0
