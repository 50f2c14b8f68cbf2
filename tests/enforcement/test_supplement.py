"""Supplementing a registration: nothing that was written is lost, and the ledger names the fields alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from core.facts import FactRefused
from core.models import FactRecord
from enforcement import services
from enforcement.models import Case, SourceEdit
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at


def supplement(bureau: Bureau, case: Case, **changes: Any) -> Case:
    values = {
        "addition": "",
        "complainant_name": case.source.complainant_name,
        "complainant_phone": case.source.complainant_phone,
        "workers_affected": case.source.workers_affected,
        "legal_representative": case.party.legal_representative,
        "address": case.party.address,
        "phone": case.party.phone,
    }
    return services.supplement_source(
        case=case, by=bureau.lead, happened_at=at("2025-12-25 09:00"), **(values | changes)
    )


def test_what_stood_there_before_is_kept_with_who_changed_it(bureau: Bureau) -> None:
    case = supplement(bureau, f.new_case(bureau), complainant_phone="", workers_affected=15, address="示例路101号")
    edits = {edit.field: (edit.before, edit.after) for edit in case.source.edits.all()}
    assert edits == {
        "complainant_phone": ("13800000000", ""),
        "workers_affected": ("12", "15"),
        "address": ("示例市示例区示例路100号", "示例路101号"),
    }
    assert {edit.edited_by for edit in case.source.edits.all()} == {bureau.lead}
    case = Case.objects.get(pk=case.pk)
    assert (case.source.complainant_phone, case.source.workers_affected) == ("", 15)
    assert case.party.address == "示例路101号"


def test_an_addition_follows_what_was_written(bureau: Bureau) -> None:
    case = supplement(bureau, f.new_case(bureau), addition="另有3人")
    assert Case.objects.get(pk=case.pk).source.summary == "12名劳动者反映被拖欠工资\n另有3人"
    assert [edit.before for edit in case.source.edits.all()] == ["12名劳动者反映被拖欠工资"]


def test_the_fact_names_the_fields_and_never_what_they_say(bureau: Bureau, client: Client) -> None:
    case = supplement(bureau, f.new_case(bureau), complainant_name="牛投诉", phone="0631-1111111")
    fact = FactRecord.objects.get(stream=case.stream, name="enforcement.source_supplemented")
    assert fact.payload["changed"] == ["complainant_name", "phone"]
    assert "牛投诉" not in str(fact.payload)
    client.force_login(bureau.lead)
    assert "投诉举报人、联系电话" in client.get(case.get_absolute_url()).content.decode()


def test_a_supplement_that_changes_nothing_is_refused(bureau: Bureau) -> None:
    case = f.new_case(bureau)
    with pytest.raises(FactRefused, match="没有补充或者更改任何内容"):
        supplement(bureau, case)
    assert not SourceEdit.objects.exists()
    assert not FactRecord.objects.filter(name="enforcement.source_supplemented").exists()
