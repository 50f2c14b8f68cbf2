"""Disclosure in an agency of Yangquan: owed from the day the decision takes effect, and cited from its own document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import law
from core.access import NotPermitted
from core.lifecycle import StepRefused
from core.models import Duty
from disclosure import selectors, services
from disclosure.models import Notice
from disclosure.procedure import NOTICE
from enforcement import services as enforcement
from enforcement.models import Case, CaseState
from tests.disclosure.flow import Bureau, decided_case, make_bureau, notice_of, publish, submit
from tests.enforcement import factories as f
from tests.enforcement.factories import at, case_in

pytestmark = pytest.mark.django_db
PUBLISH = "publish_decision"


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau("yangquan-hrss")


@pytest.fixture
def notice(bureau: Bureau) -> Notice:
    return notice_of(decided_case(bureau))


def serve(bureau: Bureau, notice: Notice) -> Case:
    values: dict[str, Any] = {"method": "direct", "recipient": "钱示范", "place": "示例路1号"}
    values |= {"consent_signed": False, "receipt": None, "happened_at": timezone.now()}
    return enforcement.serve_decision(case=Case.objects.get(pk=notice.case_id), by=bureau.officer, **values)


def owed(notice: Notice) -> Duty:
    return Duty.objects.get(anchor=notice.case_stream, obligation=PUBLISH)


@pytest.mark.rule("YQ-DISC-10a")
def test_yq_disc_10a_publication_is_owed_from_service_and_in_weihai_from_the_decision(db: None) -> None:
    yangquan = f.make_bureau(profile="yangquan-hrss")
    case = case_in(CaseState.DECIDED, yangquan)
    assert not Duty.objects.filter(anchor=case.stream, obligation=PUBLISH).exists()
    # served on Friday 13 February: 14*①, 15-23 spring festival, 24② 25③ 26④ 27⑤ 28*⑥, 2 March⑦
    case = f.serve(yangquan, case)
    duty = Duty.objects.get(anchor=case.stream, obligation=PUBLISH)
    assert (duty.rule_id, duty.day_zero, duty.due_at) == (
        "YQ-DISC-10a",
        at("2026-02-13 10:00").date(),
        at("2026-03-02 23:59:59"),
    )
    assert duty.owner_unit == yangquan.section
    assert [basis["rule"] for basis in duty.bases] == ["YQ-DISC-10a"]


@pytest.mark.rule("WH-MEAS-15b")
def test_wh_meas_15b_in_weihai_service_opens_no_second_publication(db: None) -> None:
    weihai = f.make_bureau()
    case = case_in(CaseState.SERVED, weihai)
    duty = Duty.objects.get(anchor=case.stream, obligation=PUBLISH)
    assert (duty.rule_id, duty.due_at) == ("WH-MEAS-15b", at("2026-02-27 23:59:59"))
    assert duty.is_open


@pytest.mark.rule("YQ-DISC-10a")
def test_yq_disc_10a_publication_after_service_meets_the_duty(bureau: Bureau, notice: Notice) -> None:
    serve(bureau, notice)
    assert owed(notice).is_open
    published = publish(bureau, notice)
    assert (owed(notice).met_at, owed(notice).state) == (published.published_at, "met")


@pytest.mark.rule("YQ-DISC-10a")
def test_yq_disc_10a_what_was_published_before_service_is_not_owed_again(bureau: Bureau, notice: Notice) -> None:
    published = publish(bureau, notice)
    services.note_service(case_id=notice.case_id, happened_at=timezone.now())
    assert not Duty.objects.filter(anchor=notice.case_stream, obligation=PUBLISH).exists()
    serve(bureau, notice)
    duty = owed(notice)
    assert (duty.met_at, duty.state) == (published.published_at, "met")
    assert duty.met_by is not None
    assert duty.met_by.name == "disclosure.published"


@pytest.mark.rule("YQ-DISC-10a")
def test_yq_disc_10a_what_was_withheld_before_service_is_not_owed(bureau: Bureau, notice: Notice) -> None:
    services.propose_exclusion(
        notice=notice, ground="trade_secret", reason="含未公开配方", by=bureau.officer, happened_at=timezone.now()
    )
    services.withhold(notice=notice, by=bureau.reviewer, happened_at=timezone.now())
    serve(bureau, notice)
    duty = owed(notice)
    assert duty.state == "voided"
    assert duty.void_reason.startswith("不予公开（商业秘密")
    assert "，）" not in duty.void_reason
    assert duty.void_reason.endswith("含未公开配方")


@pytest.mark.rule("YQ-DISC-10a")
def test_yq_disc_10a_a_decision_revoked_before_its_publication_is_not_owed(bureau: Bureau, notice: Notice) -> None:
    case = serve(bureau, notice)
    enforcement.revoke_decision(
        case=case, by=bureau.leader, happened_at=timezone.now(), ground="revoked", reason="复议决定撤销（示例）"
    )
    assert (owed(notice).state, owed(notice).void_reason) == ("voided", "处罚决定已撤销，不再公示")


@pytest.mark.rule("YQ-DISC-5", "YQ-DISC-6")
def test_yq_disc_6_nothing_goes_public_unreviewed_whoever_writes_it(bureau: Bureau, notice: Notice) -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError, match="不能从"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(state="published", published_at=now)
    submit(bureau, notice)
    with pytest.raises(IntegrityError, match="nothing_is_published_unreviewed"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(state="published", published_at=now)
    with pytest.raises(IntegrityError, match="nobody_reviews_what_they_prepared"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(
            state="published", published_at=now, reviewed_by=bureau.officer, reviewed_at=now
        )
    with pytest.raises(NotPermitted):
        services.approve_and_publish(notice=notice, by=bureau.officer, happened_at=timezone.now())
    assert Notice.objects.get(pk=notice.pk).state == "in_review"


@pytest.mark.rule("YQ-DISC-5")
def test_yq_disc_5_collecting_handing_on_reviewing_and_releasing_each_leave_who_and_when(
    bureau: Bureau, notice: Notice
) -> None:
    from core.models import FactRecord

    published = publish(bureau, notice)
    lines = FactRecord.objects.filter(stream=notice.stream).order_by("pk")
    assert [(line.name, line.recorded_by) for line in lines] == [
        ("disclosure.drafted", bureau.leader),
        ("disclosure.submitted", bureau.officer),
        ("disclosure.published", bureau.reviewer),
    ]
    moments: list[datetime] = [line.happened_at for line in lines]
    assert moments == sorted(moments)
    assert (published.reviewed_by, published.reviewed_at) == (bureau.reviewer, published.published_at)


def test_a_notice_in_yangquan_is_cited_from_its_own_document_or_from_national_law(
    bureau: Bureau, notice: Notice
) -> None:
    steps = {next_.step.key: next_.citation for next_ in NOTICE.next_steps(notice, bureau.officer)}
    assert steps["submit"] is not None
    assert steps["submit"].rule_id == "YQ-DISC-10a"
    with pytest.raises(StepRefused) as refused:
        submit(bureau, notice, content=" ")
    assert [citation.rule_id for citation in refused.value.demands[0].citations] == ["YQ-DISC-10a"]
    assert {step.article for step in selectors.waiting_steps(bureau.officer)} == {"阳泉执法公示制度第十条"}
    publish(bureau, notice)
    told = [entry for entry in selectors.timeline(notice, bureau.officer) if entry.citations]
    assert [citation.rule_id for entry in told for citation in entry.citations] == ["YQ-DISC-10a"]


def test_a_step_reads_the_article_of_its_own_agency_and_never_that_of_another(db: None, bureau: Bureau) -> None:
    unit = bureau.section.pk
    assert law.cite_act("CN-PENALTY-48", unit) is not None
    cited = law.cite_act("WH-MEAS-15b", unit)
    assert cited is not None
    assert (cited.rule_id, cited.adopted) == ("YQ-DISC-10a", False)
    assert law.cite_act("WH-MEAS-17a", unit) is None, "Yangquan names no day by which a recording is handed in"
    assert law.short_of_act("WH-MEAS-17a", unit) == ""
