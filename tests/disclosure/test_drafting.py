"""The notice drafts itself from the decision, redacted, in the decision's own transaction."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import facts as core_facts
from core.lifecycle import Attempt, guard_function
from core.models import Duty, FactRecord, LedgerEntry
from disclosure import drafting
from disclosure.models import EXCHANGE_CODES, Notice
from disclosure.procedure import NOTICE
from enforcement.models import Case
from tests.disclosure.flow import Bureau, decided_case, notice_of

SECRETS = ("赵样例", "370102198001011234", "13800138000", "13900139000", "13700137000", "示例市示例路1号", "钱示范")


def everything_in(notice: Notice) -> str:
    return json.dumps(
        {field.name: str(getattr(notice, field.name)) for field in Notice._meta.fields}, ensure_ascii=False
    )


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_wh_meas_15b_the_decision_drafts_its_notice_and_opens_one_duty_with_both_articles(notice: Notice) -> None:
    assert notice.state == "draft"
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="publish_decision")
    assert {basis["rule"] for basis in duty.bases} == {"WH-MEAS-15b", "WH-PLAN-2b"}
    assert duty.is_open


def test_the_public_text_holds_nothing_of_a_person_in_any_column(notice: Notice) -> None:
    held = everything_in(notice)
    assert [secret for secret in SECRETS if secret in held] == []
    assert "钱某" in notice.facts
    assert notice.legal_representative == "钱某"


def test_the_redaction_record_says_what_and_why_and_never_what_stood_there(notice: Notice) -> None:
    why = {(line["field"], line["why"]) for line in notice.redactions}
    assert ("facts", "投诉举报人、劳动者姓名") in why
    assert ("facts", "身份证件号码") in why
    assert ("legal_representative", "自然人姓名") in why
    assert not any(secret in json.dumps(notice.redactions, ensure_ascii=False) for secret in SECRETS)


def test_a_natural_person_is_named_by_surname_and_without_code(bureau: Bureau) -> None:
    case = decided_case(
        bureau,
        facts="经查，马示例拖欠赵样例工资。",
        party_name="马示例",
        category="natural_person",
        credit_code="",
        legal_representative="",
        id_type="identity_card",
        id_number="370102198001011234",
    )
    notice = notice_of(case)
    assert notice.party_name == "马某"
    assert notice.facts == "经查，马某拖欠某某工资。"
    assert "马示例" not in everything_in(notice)
    assert "370102198001011234" not in everything_in(notice)


def test_the_ledger_line_of_the_draft_holds_numbers_and_digests_only(notice: Notice) -> None:
    body = json.loads(LedgerEntry.objects.get(stream=notice.stream, seq=1).body)
    assert body["fact"] == "disclosure.drafted"
    assert body["payload"]["text_digest"] == notice.text_digest()
    assert set(body["payload"]) == {"case", "text_digest", "masked"}


def test_if_the_notice_cannot_be_drafted_there_is_no_decision(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case_id: int) -> Any:
        raise RuntimeError("no notice")

    monkeypatch.setattr(drafting, "draft", broken)
    with pytest.raises(RuntimeError, match="no notice"):
        decided_case(bureau)
    assert not Case.objects.filter(state="decided").exists()
    assert not FactRecord.objects.filter(name="enforcement.decision_made").exists()
    assert not Duty.objects.filter(obligation="publish_decision").exists()


def test_the_text_is_written_in_the_fields_of_the_exchange(notice: Notice) -> None:
    fields = notice.exchange_fields()
    assert tuple(fields) == EXCHANGE_CODES
    assert len(EXCHANGE_CODES) == 30
    assert fields["CF_NR_FK"] == "2.000000"
    assert fields["CF_GSJZQ"] == fields["CF_XDR_ZJHM"] == fields["CF_FR_ZJHM"] == ""
    assert fields["CF_XDR_LB"] == "法人及非法人组织"


def test_the_notice_is_a_frozen_copy(notice: Notice) -> None:
    case = Case.objects.select_related("party").get(pk=notice.case_id)
    case.party.name = "后来改名的有限公司"
    case.party.save()
    notice.refresh_from_db()
    assert notice.party_name == "示例建筑有限公司"


def test_a_corrected_decision_day_is_followed_by_a_draft(bureau: Bureau, notice: Notice) -> None:
    made = FactRecord.objects.get(name="enforcement.decision_made", stream=notice.case_stream)
    moment = made.happened_at + timedelta(days=1)
    core_facts.correct(made, happened_at=moment, reason="录入有误", requested_by=bureau.officer, by=bureau.head)
    notice.refresh_from_db()
    assert notice.decided_on == timezone.localdate(moment)
    assert notice.facts.startswith("经查，示例建筑有限公司")


def test_workers_minors_and_witnesses_of_the_records_keep_no_surname_and_the_manager_does(bureau: Bureau) -> None:
    told = "经查，经理吕样本与钱示范安排高样本、未成年工孙范例夜间工作，证人李和平、职工周示例在场，赵样例投诉。"
    present = "吕样本（经理）、高样本（工人）、未成年工孙范例、李和平；职工周示例"
    notice = notice_of(decided_case(bureau, facts=told, persons=present))
    published = "".join(notice.exchange_fields().values()) + notice.title
    names = ("吕样本", "钱示范", "高样本", "孙范例", "李和平", "周示例", "赵样例")
    assert [name for name in names if name in published] == []
    assert "经理吕某与钱某安排某某、未成年工某某夜间工作，证人某某、职工某某在场，某某投诉" in notice.facts


def test_what_the_file_holds_of_a_natural_person_is_masked_however_it_is_written(bureau: Bureau) -> None:
    told = "经查，马示例（护照Ｋ１２３４５６７Ｘ，住示例路1号2单元301室，电话5201234）拖欠工资。投诉人电话6201 234。"
    notice = notice_of(
        decided_case(
            bureau,
            facts=told,
            party_name="马示例",
            category="natural_person",
            credit_code="",
            legal_representative="",
            address="示例省示例市示例区示例路1号2单元301室",
            id_type="passport",
            id_number="K1234567X",
            phone="5201234",
            complainant_phone="6201234",
        )
    )
    assert "马某（护照〔证件号码略〕，住〔住址略〕，电话〔电话略〕）" in notice.facts
    assert "投诉人电话〔电话略〕。" in notice.facts
    assert {"住址", "身份证件号码", "电话号码"} <= {line["why"] for line in notice.redactions}


@pytest.mark.parametrize("column", Notice.PUBLISHED_TEXTS)
def test_wh_meas_15a_no_text_that_is_published_may_name_somebody(bureau: Bureau, notice: Notice, column: str) -> None:
    """Whatever way a name came into a column, the notice is neither handed in nor published with it."""
    attempt = Attempt(by=bureau.officer, happened_at=timezone.now(), content=None)
    guard = guard_function("redaction_complete")
    assert guard(notice, NOTICE.binding("redaction_complete", notice, timezone.now()), attempt) is None
    # The registered name of a firm stays, whatever it contains; that of a person does not.
    notice.party_category = "natural_person"
    setattr(notice, column, "赵样例，电话13800138000")
    (demand,) = guard(notice, NOTICE.binding("redaction_complete", notice, timezone.now()), attempt)
    assert "投诉举报人、劳动者姓名、电话号码" in demand.text
