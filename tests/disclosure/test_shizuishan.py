"""A notice under the plan of Shizuishan: prepared and reviewed by different people, redacted, withheld only with a reason, withdrawn in time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from core import constraints
from core.access import NotPermitted
from core.lifecycle import StepRefused
from core.models import Duty
from disclosure import services
from disclosure.forms import ExclusionForm
from disclosure.models import Notice
from enforcement import services as enforcement
from enforcement.models import Case
from tests.disclosure.flow import Bureau, decided_case, make_bureau, notice_of, publish, submit, withdraw
from tests.enforcement import elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau("shizuishan-hrss")


@pytest.fixture
def notice(bureau: Bureau) -> Notice:
    """A draft of five days ago."""
    return notice_of(decided_case(bureau))


def cited(refused: pytest.ExceptionInfo[StepRefused]) -> set[str]:
    return {citation.rule_id for demand in refused.value.demands for citation in demand.citations}


@pytest.mark.rule("SZS-1-2", "CN-INFO-17")
@pytest.mark.parametrize("state", ["published", "withheld", "withdrawn"])
def test_szs_1_2_a_draft_becomes_nothing_but_what_the_procedure_knows_whoever_writes(
    notice: Notice, state: str
) -> None:
    changes: dict[str, Any] = {"state": state, "reviewed_at": timezone.now(), "published_at": timezone.now()}
    with pytest.raises(DatabaseError, match="执法信息公示不能从“draft”到"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**changes)


@pytest.mark.rule("SZS-1-2")
def test_szs_1_2_who_prepared_a_notice_does_not_review_it_whoever_writes(bureau: Bureau, notice: Notice) -> None:
    submit(bureau, notice)
    named = {str(part) for part in constraints.find("publication_reviewed").database}
    assert "disclosure_notice: nobody_reviews_what_they_prepared" in named
    changes = {"state": "published", "reviewed_at": timezone.now(), "published_at": timezone.now()}
    with pytest.raises(DatabaseError, match="nobody_reviews_what_they_prepared"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(reviewed_by=bureau.officer, **changes)
    with pytest.raises(DatabaseError, match="nothing_is_published_unreviewed"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(**changes | {"reviewed_at": None})
    with pytest.raises(NotPermitted):
        services.approve_and_publish(notice=notice, by=bureau.officer, happened_at=timezone.now())
    assert Notice.objects.get(pk=notice.pk).state == "in_review"


@pytest.mark.rule("SZS-1-3a")
@pytest.mark.parametrize("written", ["投诉人赵样例称", "电话13800138000"])
def test_szs_1_3a_what_must_stay_unknown_is_masked_before_anything_is_public(
    bureau: Bureau, notice: Notice, written: str
) -> None:
    assert "赵样例" not in notice.facts
    with pytest.raises(StepRefused, match="须先遮盖") as refused:
        submit(bureau, notice, facts_found=written)
    assert cited(refused) == {"SZS-1-3a"}
    assert Notice.objects.get(pk=notice.pk).state == "draft"


@pytest.mark.rule("SZS-4-1")
@pytest.mark.parametrize(("ground", "reason"), [("embarrassing", "不好看"), ("trade_secret", " ")])
def test_szs_4_1_publication_is_the_rule_and_an_exception_has_its_ground_and_reason(
    bureau: Bureau, notice: Notice, ground: str, reason: str
) -> None:
    form = ExclusionForm(None, obj=notice, by=bureau.officer)
    assert dict(form.fields["ground"].choices) == {
        "state_secret": "国家秘密",
        "trade_secret": "商业秘密",
        "privacy": "个人隐私",
    }
    with pytest.raises(StepRefused) as refused:
        services.propose_exclusion(
            notice=notice, ground=ground, reason=reason, by=bureau.officer, happened_at=timezone.now()
        )
    assert cited(refused) == {"SZS-4-1"}


@pytest.mark.rule("SZS-4-1")
def test_szs_4_1_a_reviewed_exception_ends_the_duty_with_its_article(bureau: Bureau, notice: Notice) -> None:
    now = timezone.now()
    services.propose_exclusion(
        notice=notice, ground="trade_secret", reason="含未公开配方", by=bureau.officer, happened_at=now
    )
    services.withhold(notice=notice, by=bureau.reviewer, happened_at=timezone.now())
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="publish_decision")
    assert duty.met_at is None
    assert duty.void_reason.startswith("不予公开（商业秘密，《石嘴山市人力资源和社会保障局")
    assert "第4项（1）" in duty.void_reason


@pytest.mark.rule("SZS-4-2b")
def test_szs_4_2b_publication_meets_the_duty(bureau: Bureau, notice: Notice) -> None:
    published = publish(bureau, notice)
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="publish_decision")
    assert duty.met_at == published.published_at


@pytest.mark.rule("SZS-4-2c")
@pytest.mark.parametrize("ground", ["revoked", "remade"])
def test_szs_4_2c_withdrawal_meets_the_duty_that_the_revocation_opened(
    bureau: Bureau, notice: Notice, ground: str
) -> None:
    publish(bureau, notice)
    case = Case.objects.get(pk=notice.case_id)
    enforcement.revoke_decision(
        case=case, by=bureau.leader, happened_at=timezone.now(), ground=ground, reason="复议决定（示例）"
    )
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="withdraw_publication")
    assert duty.is_open
    withdrawn = withdraw(bureau, Notice.objects.get(pk=notice.pk))
    duty.refresh_from_db()
    assert duty.met_at == withdrawn.withdrawn_at


def test_the_pages_of_a_notice_name_no_rule_of_another_city(bureau: Bureau, notice: Notice, client: Client) -> None:
    client.force_login(bureau.officer)
    pages = [client.get(notice.get_absolute_url()), client.get(notice.step_url("submit"))]
    publish(bureau, notice)
    pages += [client.get(notice.get_absolute_url()), client.get("/desk/")]
    for page in pages:
        assert page.status_code == 200
        html = page.content.decode()
        assert not elsewhere.named(html)
