"""docs/add-a-locality.md works as written: each step is done with the page's own words, to the duty that the locality's rule opens."""

from __future__ import annotations

import shlex
import shutil
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from agency.models import AgencyProfile
from core import calendars, duties, law
from core.lifecycle import BindingRules
from core.models import Duty
from enforcement import major
from rulebook import library, waiting
from rulebook.model import RulebookError
from supervision.models import PlanReport
from tests.architecture.howto import ROOT, Howto
from tests.enforcement.factories import Bureau, at, case_in, make_bureau

PAGE = Howto("add-a-locality.md")
LOCALITY = "example-city-hrss"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the rulebook to write in."""
    for folder in ("instruments", "profiles"):
        shutil.copytree(ROOT / "rulebook" / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def followed(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps 1 to 4 done, and the product started anew."""
    PAGE.write(shelf, 1, 1, 2, 3)
    PAGE.write(shelf, 4, 4)
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)


@pytest.fixture
def bureau(db: None, tmp_path: Path, settings: Any) -> Bureau:
    settings.STORE_DIR = tmp_path / "store"
    return make_bureau(profile=LOCALITY)


@pytest.mark.usefixtures("followed")
def test_the_product_starts_with_the_locality_and_answers_as_the_page_says() -> None:
    assert [str(error) for error in run_checks() if error.id and error.id.startswith("mingcha")] == []
    typed, _, shown = PAGE.block(5).partition("\n")
    prompt, python, manage, *command = shlex.split(typed)
    assert (prompt, python, manage) == ("$", "python", "manage.py")
    said = StringIO()
    call_command(*command, stdout=said)
    assert shown.strip()
    assert said.getvalue().startswith(shown)


@pytest.mark.usefixtures("followed")
def test_the_pages_own_test_sees_the_rules_bind_its_bureau(bureau: Bureau) -> None:
    known = {
        "pytest": pytest,
        "Bureau": Bureau,
        "Duty": Duty,
        "case_in": case_in,
        "calendars": calendars,
        "law": law,
        "date": date,
        "localdate": timezone.localdate,
    }
    PAGE.test_of(7, known)(bureau)


@pytest.mark.usefixtures("followed")
def test_the_yearly_rule_opens_a_duty_that_is_reported_on_the_page_and_met(bureau: Bureau) -> None:
    duties.open_periodic(at("2026-01-05 09:00"))
    duty = Duty.objects.get(obligation="publish_annual_figures", period_key="2026")
    assert (duty.rule_id, duty.owner_unit, duty.due_at) == ("EXC-6", bureau.legal, at("2026-01-15 23:59:59"))
    office = Client()
    office.force_login(bureau.reviewer, backend="agency.backends.OfficialBackend")
    address = f"/desk/supervision/plan/2026/publish_annual_figures/{bureau.legal.pk}/"
    assert f'href="{address}"' in office.get("/desk/supervision/plan/?year=2026").content.decode()
    sent = {"remarks": "", "happened_at": "2026-01-14T10:00"}
    assert "请上传附件（《示例市" in office.post(address, sent).content.decode()
    attached = SimpleUploadedFile("数据.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    answer = office.post(address, sent | {"attachment": attached}, follow=True)
    assert "公开年度执法数据" in answer.content.decode()
    duty.refresh_from_db()
    assert (duty.state, duty.met_at) == ("met", at("2026-01-14 10:00"))
    assert office.get(f"/desk/ledger/{PlanReport.objects.get().stream}/").status_code == 200


@pytest.mark.usefixtures("followed")
def test_a_quarterly_rule_with_nil_returns_is_toml_only_too(
    bureau: Bureau, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = PAGE.file_of(1, shelf)
    file.write_text(
        file.read_text(encoding="utf-8")
        + """
[[rule]]
id = "EXC-6a"
article = "第六条"
quote = "每季度一次"
title = "每季度报送检查情况"
kind = "period"
obligation = "report_inspections"
each = "quarter"
met_by = "supervision.plan_item_reported"
nil_allowed = true
""",
        encoding="utf-8",
    )
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)
    duties.open_periodic(at("2026-05-06 09:00"))
    duty = Duty.objects.get(obligation="report_inspections", unit=bureau.section)
    assert (duty.period_key, duty.due_at) == ("2026Q2", at("2026-06-30 23:59:59"))
    clerk = Client()
    clerk.force_login(bureau.lead, backend="agency.backends.OfficialBackend")
    address = f"/desk/supervision/plan/2026Q2/report_inspections/{bureau.section.pk}/"
    sent = {"remarks": "本季度没有检查", "is_nil": "on", "happened_at": "2026-06-30T10:00"}
    assert clerk.post(address, sent).status_code == 302
    duty.refresh_from_db()
    assert duty.state == "met"


def refusals_with(shelf: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> list[str]:
    """What the checks say of the page's locality with one slip in it."""
    PAGE.write(shelf, 1, 1, 2, 3)
    PAGE.write(shelf, 4, 4)
    file = PAGE.file_of(1, shelf)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    book = library.load(shelf)
    monkeypatch.setattr(library, "get", lambda: book)
    return [str(error.msg) for error in run_checks() if (error.id or "").startswith("mingcha.E")]


def in_use() -> list[str]:
    """What the checks that ask the database say."""
    return [str(error.msg) for error in run_checks(databases=["default"]) if error.id == "mingcha.E005"]


def test_a_yearly_rule_that_no_report_could_meet_stops_the_start(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (error,) = refusals_with(shelf, monkeypatch, "supervision.plan_item_reported", "disclosure.published")
    assert error.endswith(
        "example-city-hrss-2026-disclosure.toml: EXC-6: fixed_date 只能由 supervision.plan_item_reported 办结"
    )


SUMS = "numbers = { citizen_yuan = 5000, organisation_yuan = 5000 }\n"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        # each of these would be accepted by the files alone and fail, or do nothing, at the desk
        (f'["major_penalty", "legal_review_agreed"]\n{SUMS}', f'"major_decision"\n{SUMS}', ""),
        (f'["major_penalty", "legal_review_agreed"]\n{SUMS}', '"major_decision"\n', "EXC-8: numbers 缺少 citizen_yuan：items 的 citizen_fined 按它认定"),
        (SUMS, "", "EXC-8: numbers 缺少 citizen_yuan：items 的 citizen_fined 按它认定"),
        ("citizen_fined =", "person_fined =", "EXC-8: numbers 所列 citizen_yuan 没有用处：要按它认定，items 中须有 citizen_fined"),
        (SUMS, f"{SUMS}threshold = 5000\n", "EXC-8: threshold 是人数，所列核查都不使用；金额写在 numbers"),
        ('guard = ["major_penalty", "legal_review_agreed"]\n' + SUMS, 'guard = "whole_process_recorded"\n', "EXC-8: items 所列 citizen_fined 没有核查使用，应为 decision、evidence、initiation、performance、service 之一"),
        ("decision_served", "decision_serve", "EXC-5: 所指事实 enforcement.decision_serve 没有实现，是否为 enforcement.decision_served？"),
    ],
)  # fmt: skip
def test_a_slip_that_only_the_code_can_see_stops_the_start(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, reason: str
) -> None:
    said = refusals_with(shelf, monkeypatch, old, new)
    assert said[:1] == ([f"规则库不能载入：example-city-hrss-2026-disclosure.toml: {reason}"] if reason else [])


def test_a_fine_of_the_localitys_own_sum_makes_the_decision_major(followed: None, bureau: Bureau) -> None:
    case = case_in("notified", bureau)
    for fine, ground in ((4999, []), (5000, ["EXC-8"])):
        found = major.grounds_of(case, at=at("2026-02-11 09:00"), proposed=major.Proposed(("fine",), Decimal(fine)))
        assert [each["rule"] for each in found] == ground


def test_the_start_reads_what_later_rules_wait_for_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "waiting.toml").write_text("[[group]\n", encoding="utf-8")
    monkeypatch.setattr(waiting, "groups", lambda: waiting.read(tmp_path / "waiting.toml"))
    (error,) = [each for each in run_checks() if each.id == "mingcha.E001"]
    assert str(error.msg).startswith("规则库不能载入：waiting.toml: 不是有效的TOML：第1行")


def test_a_certificate_is_asked_of_one_officer_where_no_rule_says_of_how_many() -> None:
    assert BindingRules((), ()).strictest_threshold == 1


def test_no_start_without_the_profile_and_the_rules_that_are_in_use(
    followed: None, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_in("served", bureau)
    assert in_use() == []
    monkeypatch.setattr(library, "get", library.load)
    used = "而已有期限以它为依据；编号一经使用不能改、不能删，不再有效的写 effective_to"
    assert in_use() == [
        f"规则库不能载入：{bureau.root.name}适用的规则档案 {LOCALITY} 不在 profiles 目录中，编号一经使用不能改、不能删",
        f"规则库不能载入：没有规则 EXC-5，{used}",
    ]


def test_an_older_schema_is_not_asked_what_is_in_use(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE agency_unit RENAME COLUMN profile TO came_later")
        cursor.execute(f'SET ROLE "{settings.SERVING_ROLE}"')
    assert in_use() == []


@pytest.mark.usefixtures("followed")
def test_an_agency_is_set_up_with_it(db: None) -> None:
    assert f"--profile {LOCALITY}" in PAGE.step(6)
    call_command(
        "create_agency", name="示例市人力资源和社会保障局", short_name="示例人社局", profile=LOCALITY, document_prefix="示人社",
        system_admin="张示例", system_admin_username="system", security_admin="李样本", security_admin_username="security",
    )  # fmt: skip
    assert AgencyProfile.objects.get().profile == LOCALITY


def test_a_profile_that_names_what_is_not_there_is_refused_naming_file_and_reason(shelf: Path) -> None:
    PAGE.write(shelf, 4, 4)
    with pytest.raises(RulebookError) as refused:
        library.load(shelf)
    missing = f"{LOCALITY}.toml: instruments 所列 example-city-hrss-2026-disclosure 不存在："
    assert str(refused.value).startswith(missing)
