"""A withdrawn notice comes back corrected only: as another notice, reviewed like any, saying when and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from core.access import NotPermitted
from core.lifecycle import StepNotOpen, StepRefused
from core.models import Duty, FactRecord
from disclosure import services
from disclosure.models import Notice
from enforcement import services as enforcement
from enforcement.models import Case
from tests.disclosure.flow import Bureau, publish, submit, withdraw
from tests.disclosure.test_desk import signed_in

WRONG = "原公示的违法事实把人数误写为21人。"
RIGHT = "原公示把涉及人数误写为21人，更正为12人。"


def correct(bureau: Bureau, notice: Notice, reason: str = RIGHT, **by: Any) -> Notice:
    return services.correct(
        notice=notice, correction_reason=reason, by=by.get("by", bureau.officer), happened_at=timezone.now()
    )


@pytest.fixture
def withdrawn(bureau: Bureau, notice: Notice) -> Notice:
    return withdraw(bureau, publish(bureau, notice), WRONG)


def names_of(notice: Notice) -> list[str]:
    return list(FactRecord.objects.filter(stream=notice.stream).order_by("pk").values_list("name", flat=True))


def test_a_corrected_notice_takes_the_place_of_the_withdrawn_one_with_a_line_on_both(
    bureau: Bureau, withdrawn: Notice
) -> None:
    corrected = correct(bureau, withdrawn)
    assert (corrected.state, corrected.replaces, corrected.correction_reason) == ("draft", withdrawn, RIGHT)
    assert names_of(withdrawn)[-2:] == ["disclosure.withdrawn", "disclosure.correction_begun"]
    assert names_of(corrected) == ["disclosure.redrafted"]
    assert FactRecord.objects.get(stream=corrected.stream).payload["replaces"] == withdrawn.pk
    published = publish(bureau, corrected)
    withdrawn.refresh_from_db()
    assert (published.state, withdrawn.state) == ("published", "withdrawn")
    assert published.exchange_fields()["BZ"] == f"更正公示：{RIGHT}"
    # The duty to publish was met by the first publication, and stays so.
    assert (
        Duty.objects.get(anchor=withdrawn.case_stream, obligation="publish_decision").met_at == withdrawn.published_at
    )


def test_the_public_reads_when_and_why_it_was_corrected_at_both_addresses(
    bureau: Bureau, client: Client, withdrawn: Notice
) -> None:
    corrected = correct(bureau, withdrawn)
    assert client.get(corrected.public_url).status_code == 404
    assert "更正后重新公示" not in client.get(withdrawn.public_url).content.decode()
    published = publish(bureau, corrected)
    page = client.get(published.public_url).content.decode()
    assert RIGHT in page
    assert f"更正日期</th><td>{timezone.localtime(published.published_at):%Y年%-m月%-d日}" in page
    assert f'href="{withdrawn.public_url}"' in page
    assert "生成更正公示稿" in page
    old = client.get(withdrawn.public_url)
    assert old.status_code == 410
    assert f'href="{published.public_url}"' in old.content.decode()
    assert WRONG in old.content.decode()
    told = client.get(f"/notices/{published.pk}.json").json()["correction"]
    assert (told["corrects"], told["reason"]) == (withdrawn.public_url, RIGHT)
    assert client.get(f"/notices/{withdrawn.pk}.json").json()["corrected_by"] == published.public_url


def test_nobody_publishes_the_correction_they_drafted_and_it_is_reviewed(bureau: Bureau, withdrawn: Notice) -> None:
    corrected = correct(bureau, withdrawn, by=bureau.head)
    assert bureau.head.pk in corrected.prepared_by
    with pytest.raises(StepNotOpen):
        services.approve_and_publish(notice=corrected, by=bureau.reviewer, happened_at=timezone.now())


def test_another_section_does_not_correct(bureau: Bureau, withdrawn: Notice) -> None:
    with pytest.raises(NotPermitted, match="承办科室"):
        correct(bureau, withdrawn, by=bureau.stranger)


@pytest.mark.parametrize(("reason", "told"), [("  ", "须公开说明更正"), ("赵样例不是投诉人", "其中还有投诉举报人")])
def test_a_correction_without_a_reason_or_with_a_name_in_it_is_refused(
    bureau: Bureau, withdrawn: Notice, reason: str, told: str
) -> None:
    with pytest.raises(StepRefused, match=told):
        correct(bureau, withdrawn, reason)
    assert Notice.objects.count() == 1
    assert names_of(withdrawn)[-1] == "disclosure.withdrawn"


def test_a_notice_that_is_published_is_withdrawn_before_it_is_corrected(bureau: Bureau, notice: Notice) -> None:
    with pytest.raises(StepNotOpen):
        correct(bureau, publish(bureau, notice))


def test_a_notice_is_corrected_once_and_its_correction_in_its_turn(bureau: Bureau, withdrawn: Notice) -> None:
    first = correct(bureau, withdrawn)
    with pytest.raises(StepRefused, match="已经拟制了更正公示"):
        correct(bureau, withdrawn)
    second = correct(bureau, withdraw(bureau, publish(bureau, first), "仍有误。"), "再次更正。")
    assert second.replaces == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=withdrawn.pk).update(state="published", search_text="x")


@pytest.mark.rule("CN-PENALTY-48")
def test_cn_penalty_48_a_revoked_decision_does_not_come_back_corrected(bureau: Bureau, withdrawn: Notice) -> None:
    case = Case.objects.get(pk=withdrawn.case_id)
    enforcement.revoke_decision(
        case=case, by=bureau.leader, happened_at=timezone.now(), ground="unlawful", reason="撤销"
    )
    withdrawn.refresh_from_db()
    with pytest.raises(StepRefused, match="处罚决定已被撤销"):
        correct(bureau, withdrawn)
    page = signed_in(bureau.officer).get(withdrawn.get_absolute_url()).content.decode()
    assert "更正后重新公示" not in page


@pytest.mark.rule("CN-PENALTY-48")
def test_cn_penalty_48_a_published_correction_of_a_revoked_decision_is_due_to_be_withdrawn(
    bureau: Bureau, withdrawn: Notice
) -> None:
    published = publish(bureau, correct(bureau, withdrawn))
    enforcement.revoke_decision(
        case=Case.objects.get(pk=withdrawn.case_id),
        by=bureau.leader,
        happened_at=timezone.now(),
        ground="unlawful",
        reason="撤销",
    )
    duty = Duty.objects.get(anchor=withdrawn.case_stream, obligation="withdraw_publication")
    assert duty.is_open
    withdraw(bureau, Notice.objects.get(pk=published.pk))
    duty.refresh_from_db()
    assert duty.met_at is not None


def test_the_way_back_is_taken_on_the_desk(bureau: Bureau, withdrawn: Notice) -> None:
    client = signed_in(bureau.officer)
    assert "更正后重新公示" in client.get(withdrawn.get_absolute_url()).content.decode()
    answer = client.post(withdrawn.step_url("correct"), {"correction_reason": RIGHT})
    assert answer.status_code == 302
    corrected = Notice.objects.get(replaces=withdrawn)
    assert RIGHT in client.get(corrected.get_absolute_url()).content.decode()
    assert corrected.get_absolute_url() in client.get(withdrawn.get_absolute_url()).content.decode()
    case_page = client.get(f"/desk/cases/{Case.objects.get(pk=withdrawn.case_id).pk}/")
    if case_page.status_code == 200:
        assert "生成更正公示稿" in case_page.content.decode()


def test_reason_and_link_of_a_correction_are_frozen_in_the_database(bureau: Bureau, withdrawn: Notice) -> None:
    corrected = correct(bureau, withdrawn)
    for change in ("correction_reason = '别的'", "replaces_id = NULL, correction_reason = ''"):
        with pytest.raises(Exception, match="不得修改"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE disclosure_notice SET {change} WHERE id = %s", [corrected.pk])


def test_a_correction_gone_to_review_may_be_sent_back_like_any(bureau: Bureau, withdrawn: Notice) -> None:
    submitted = submit(bureau, correct(bureau, withdrawn), content="罚款人民币20,000.00元。")
    back = services.send_back(notice=submitted, remarks="再核", by=bureau.reviewer, happened_at=timezone.now())
    assert (back.state, back.correction_reason) == ("draft", RIGHT)
