"""What one official asks and another approves: corrected moments."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import facts as core_facts
from core.access import NotPermitted
from core.facts import FactRefused
from core.lifecycle import StepNotOpen
from core.models import Alert, Duty, FactRecord, LedgerEntry
from enforcement import services
from enforcement.models import Case, MomentCorrection
from enforcement.selectors import open_file, open_requests, previews_of, waiting_requests
from tests.enforcement import factories as f
from tests.enforcement.factories import Bureau, at, case_in, fresh, official, record_of

TRULY = at("2026-02-10 10:00")


def duty_of(case: Case, obligation: str) -> Duty:
    return Duty.objects.get(file_stream=case.stream, obligation=obligation)


def lines(case: Case) -> int:
    return LedgerEntry.objects.filter(stream=case.stream).count()


@pytest.fixture
def decided(bureau: Bureau) -> Case:
    return case_in("decided", bureau)


@pytest.fixture
def asked(bureau: Bureau, decided: Case) -> MomentCorrection:
    return f.ask_correction(bureau, decided, record_of(decided, "decision_made"), TRULY, reason="签发日期录错")


# --- a wrongly entered moment -----------------------------------------------------------------------------------


def test_a_request_moves_nothing_and_the_approval_moves_everything(
    bureau: Bureau, decided: Case, asked: MomentCorrection
) -> None:
    entered = at("2026-02-11 10:00")
    assert Case.objects.get(pk=decided.pk).decided_at == entered
    assert timezone.localdate(duty_of(decided, "publish_decision").due_at) == date(2026, 2, 27)
    before = lines(decided)

    f.approve_correction(bureau, asked)

    case = Case.objects.get(pk=decided.pk)
    assert case.decided_at == case.decision.decided_at == TRULY
    assert timezone.localdate(duty_of(decided, "publish_decision").due_at) == date(2026, 2, 26)
    wrong = record_of(decided, "decision_made")
    line = FactRecord.objects.get(corrects=wrong)
    assert wrong.happened_at == entered
    assert (line.recorded_by, line.approved_by, line.payload["requested_by"]) == (
        bureau.head,
        bureau.head,
        bureau.lead.pk,
    )
    assert lines(decided) == before + 2  # the approval, and the correcting line


def test_the_preview_tells_what_the_approval_then_does_and_writes_nothing(
    bureau: Bureau, decided: Case, asked: MomentCorrection
) -> None:
    stood = list(Duty.objects.order_by("pk").values("pk", "due_at", "met_at", "opened_at", "explained_by"))
    told = {each.before.obligation: (each.before.due_at, each.after.due_at) for each in previews_of(asked)}
    assert list(Duty.objects.order_by("pk").values("pk", "due_at", "met_at", "opened_at", "explained_by")) == stood
    assert {day.isoformat() for day in map(timezone.localdate, told["publish_decision"])} == {
        "2026-02-26",
        "2026-02-27",
    }
    f.approve_correction(bureau, asked)
    for obligation, (_, after) in told.items():
        assert duty_of(decided, obligation).due_at == after
    assert {"publish_decision", "serve_decision"} <= set(told)


def test_the_preview_says_when_a_duty_that_was_met_in_time_would_be_met_late(bureau: Bureau) -> None:
    case = case_in("served", bureau)
    decision = record_of(case, "decision_made")
    Duty.objects.filter(opened_by=decision, obligation="serve_decision").update(due_at=at("2026-02-13 12:00"))
    request = f.ask_correction(bureau, case, record_of(case, "decision_served"), at("2026-02-13 15:00"))
    turns = {each.before.obligation: each.turns for each in previews_of(request)}
    assert turns["serve_decision"] == "成为逾期办结"


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("lead", "更正由科室负责人或者分管负责人批准"),
        ("clerk", "更正由科室负责人或者分管负责人批准"),
        ("other_head", "更正由科室负责人或者分管负责人批准"),
        ("reviewer", "更正由科室负责人或者分管负责人批准"),
    ],
)
def test_only_the_head_or_the_leader_approves(
    bureau: Bureau, decided: Case, asked: MomentCorrection, part: str, reason: str
) -> None:
    with pytest.raises(NotPermitted, match=reason):
        f.approve_correction(bureau, asked, by=bureau.all[part])
    assert not FactRecord.objects.filter(corrects__isnull=False).exists()


def test_r12_nobody_approves_an_own_request_whatever_they_send(bureau: Bureau, client: Client, decided: Case) -> None:
    own = f.ask_correction(bureau, decided, record_of(decided, "decision_made"), TRULY, by=bureau.head)
    client.force_login(bureau.head)
    answer = client.post(f"{own.get_absolute_url()}steps/approve/", {"version": own.version})
    assert answer.status_code == 422
    assert "不得批准自己提出的申请" in answer.content.decode()
    assert MomentCorrection.objects.get(pk=own.pk).state == "requested"
    assert Case.objects.get(pk=decided.pk).decided_at == at("2026-02-11 10:00")
    assert [step.url for step in waiting_requests(fresh(bureau.head))] == []
    with pytest.raises(IntegrityError, match="nobody_approves_their_own"), transaction.atomic():
        MomentCorrection.objects.filter(pk=own.pk).update(decided_by=bureau.head)


def test_r12_who_investigates_a_case_approves_no_correction_in_it(bureau: Bureau) -> None:
    case = f.accept(
        bureau,
        f.propose(bureau, f.new_case(bureau), co_officers=[bureau.head]),
        by=official("郑样例", bureau.head.appointments.get().role, bureau.section),
    )
    request = f.ask_correction(bureau, case, record_of(case, "case_filed"), at("2026-01-06 11:00"))
    with pytest.raises(NotPermitted, match="不得批准自己承办的案件的更正"):
        f.approve_correction(bureau, request)
    assert f.approve_correction(bureau, request, by=bureau.leader).state == "approved"


def test_a_fact_has_one_open_request_and_after_it_another(
    bureau: Bureau, decided: Case, asked: MomentCorrection
) -> None:
    record = record_of(decided, "decision_made")
    with pytest.raises(FactRefused, match="已有一份更正申请在办理"):
        f.ask_correction(bureau, decided, record, at("2026-02-10 11:00"), by=bureau.co)
    services.withdraw_moment_correction(request=asked, by=bureau.lead)
    assert f.ask_correction(bureau, decided, record, at("2026-02-10 11:00"), by=bureau.co).state == "requested"


def test_a_request_sent_back_is_changed_and_asked_again_or_withdrawn(
    bureau: Bureau, decided: Case, asked: MomentCorrection
) -> None:
    with pytest.raises(NotPermitted):
        services.send_back_moment_correction(request=asked, by=bureau.co, remarks="无权")
    sent_back = services.send_back_moment_correction(request=asked, by=bureau.head, remarks="请附签发页")
    assert (sent_back.state, sent_back.remarks) == ("sent_back", "请附签发页")
    with pytest.raises(StepNotOpen, match="更正申请现在处于“已退回”"):
        f.approve_correction(bureau, asked)
    with pytest.raises(NotPermitted, match="由申请人办理"):
        services.change_moment_correction(request=asked, by=bureau.co, happened_at=TRULY, reason="他人改")
    changed = services.change_moment_correction(
        request=asked, by=bureau.lead, happened_at=at("2026-02-10 09:00"), reason="附签发页"
    )
    assert (changed.state, changed.version, changed.decided_by) == ("requested", 2, None)
    with pytest.raises(FactRefused, match="已经修改这份申请"):
        f.approve_correction(bureau, changed, version=1)
    f.approve_correction(bureau, changed)
    assert Case.objects.get(pk=decided.pk).decided_at == at("2026-02-10 09:00")
    with pytest.raises(StepNotOpen):
        services.withdraw_moment_correction(request=changed, by=bureau.lead)


def test_a_fact_corrected_meanwhile_refuses_the_approval_with_who_and_when(
    bureau: Bureau, client: Client, decided: Case, asked: MomentCorrection
) -> None:
    core_facts.correct(
        record_of(decided, "decision_made"),
        happened_at=at("2026-02-10 16:00"),
        reason="另行更正",
        requested_by=bureau.co,
        by=bureau.leader,
    )
    with pytest.raises(FactRefused, match=r"已由周范本于.*更正为2026年2月10日16:00，.*请退回申请"):
        f.approve_correction(bureau, asked)
    assert Case.objects.get(pk=decided.pk).decided_at == at("2026-02-10 16:00")
    client.force_login(bureau.head)
    assert "这份申请不能批准" in client.get(asked.get_absolute_url()).content.decode()
    answer = client.post(f"{asked.get_absolute_url()}steps/approve/", {"version": 1})
    assert answer.status_code == 422
    assert "原时间（2026年2月11日10:00）不再成立" in answer.content.decode()
    assert MomentCorrection.objects.get(pk=asked.pk).state == "requested"


def test_a_case_that_went_on_past_the_asked_moment_refuses_the_approval(bureau: Bureau, decided: Case) -> None:
    record = record_of(decided, "decision_made")
    late = f.ask_correction(bureau, decided, record, at("2026-02-12 10:00"))
    f.serve(bureau, decided, happened_at=at("2026-02-11 15:00"))
    with pytest.raises(FactRefused, match="晚于后一步骤"):
        f.approve_correction(bureau, late)
    assert Case.objects.get(pk=decided.pk).decided_at == at("2026-02-11 10:00")


def test_the_lines_of_a_request_are_not_corrected_themselves(
    bureau: Bureau, client: Client, decided: Case, asked: MomentCorrection
) -> None:
    line = record_of(decided, "moment_correction_requested")
    with pytest.raises(FactRefused, match="没有可以更正的"):
        f.ask_correction(bureau, decided, line, TRULY)
    client.force_login(bureau.lead)
    page = client.get(f"{decided.get_absolute_url()}?show=correct").content.decode()
    assert f"/facts/{record_of(decided, 'case_filed').pk}/correct/" in page
    assert f"/facts/{line.pk}/correct/" not in page
    assert client.get(f"/desk/cases/{decided.pk}/facts/{line.pk}/correct/").status_code == 404


def test_whoever_writes_around_the_services_cannot_skip_an_edge_of_a_request(
    bureau: Bureau, decided: Case, asked: MomentCorrection
) -> None:
    services.withdraw_moment_correction(request=asked, by=bureau.lead)
    for state in ("requested", "approved", "sent_back"):
        with pytest.raises(DatabaseError, match="时间更正不能从"), transaction.atomic():
            MomentCorrection.objects.filter(pk=asked.pk).update(
                state=state, decided_by=bureau.head, decided_at=timezone.now(), remarks="绕过"
            )


# --- its pages --------------------------------------------------------------------------------------------------


def test_a_correction_goes_from_the_clerk_to_the_head_and_back_on_the_pages(
    bureau: Bureau, client: Client, decided: Case
) -> None:
    record = record_of(decided, "decision_made")
    client.force_login(bureau.clerk)
    address = f"/desk/cases/{decided.pk}/facts/{record.pk}/correct/"
    assert address in client.get(f"{decided.get_absolute_url()}?show=correct").content.decode()
    refused = client.post(address, {"happened_at": "2026-02-11T10:00", "reason": "日期录错"})
    assert refused.status_code == 422
    assert "与原记录相同" in refused.content.decode()
    made = client.post(address, {"happened_at": "2026-02-10T10:00", "reason": "日期录错"})
    request = MomentCorrection.objects.get()
    assert made["Location"] == request.get_absolute_url()
    assert client.get(address)["Location"] == request.get_absolute_url()
    assert Case.objects.get(pk=decided.pk).decided_at == at("2026-02-11 10:00")

    client.force_login(bureau.head)
    assert request.get_absolute_url() in client.get("/desk/").content.decode()
    for page in (client.get(decided.get_absolute_url()), client.get(request.get_absolute_url())):
        text = page.content.decode()
        for words in ("2026年2月11日（周三）10:00", "2026年2月10日（周二）10:00", "日期录错", "公示行政执法决定"):
            assert words in text, words
        assert "2026年2月27日（周五）24:00改为2026年2月26日（周四）24:00" in text
    step = f"{request.get_absolute_url()}steps/"
    assert client.post(f"{step}send_back/", {"remarks": ""}).status_code == 422
    assert client.post(f"{step}send_back/", {"remarks": "理由请写明依据"}).status_code == 302

    client.force_login(bureau.clerk)
    told = Alert.objects.get(recipient=bureau.clerk)
    assert (told.title, told.body) == (f"更正申请已退回，请修改：{decided.title}", "理由请写明依据")
    assert [each.label for each in waiting_requests(fresh(bureau.clerk))] == ["修改更正申请"]
    assert "理由请写明依据" in client.get(decided.get_absolute_url()).content.decode()
    values = {"happened_at": "2026-02-10T10:00", "reason": "签发页写明2月10日"}
    assert client.post(f"{step}change/", values).status_code == 302

    client.force_login(bureau.leader)
    assert client.post(f"{step}approve/", {"version": 1}).status_code == 422
    done = client.post(f"{step}approve/", {"version": 2}, follow=True)
    assert "已办理：批准更正" in done.content.decode()
    assert Case.objects.get(pk=decided.pk).decided_at == TRULY
    late = client.post(f"{step}approve/", {"version": 2}, follow=True).content.decode()
    assert "更正申请现在处于“已批准”，不能再办理“批准更正”" in late
    assert "周范本已于" in late

    course = client.get(decided.get_absolute_url()).content.decode()
    for words in ("申请更正时间", "退回更正申请", "批准更正时间", "<s>作出行政处罚决定</s>"):
        assert words in course, words
    assert "签发页写明2月10日（批准人：周范本）" in course
    assert Alert.objects.filter(recipient=bureau.clerk, title__startswith="更正申请已批准").count() == 1
    assert list(waiting_requests(fresh(bureau.head))) == []


def test_an_open_request_costs_its_case_page_at_most_one_statement(
    bureau: Bureau, client: Client, decided: Case
) -> None:
    client.force_login(bureau.head)

    def asked_for() -> int:
        client.get(decided.get_absolute_url())
        with CaptureQueriesContext(connection) as statements:
            client.get(decided.get_absolute_url())
        return len(statements)

    without = asked_for()
    f.ask_correction(bureau, decided, record_of(decided, "decision_made"), TRULY)
    f.ask_correction(bureau, decided, record_of(decided, "case_filed"), at("2026-01-06 11:00"))
    assert asked_for() <= without + 2


def test_a_request_is_told_to_nobody_outside_the_case(bureau: Bureau, client: Client, asked: MomentCorrection) -> None:
    client.force_login(bureau.stranger)
    for address in (asked.get_absolute_url(), f"{asked.get_absolute_url()}steps/approve/"):
        assert client.get(address).status_code == 404
        assert client.post(address, {"version": 1}).status_code == 404
    assert list(waiting_requests(fresh(bureau.stranger))) == []
    assert list(waiting_requests(fresh(bureau.other_head))) == []
    client.force_login(bureau.head)
    other = f.new_case(bureau, party_name="另一示例公司")
    wrong_case = asked.get_absolute_url().replace(f"/cases/{asked.case_id}/", f"/cases/{other.pk}/")
    assert client.get(wrong_case).status_code == 404
    assert client.get(asked.get_absolute_url().replace("/moment/", "/preservation/")).status_code == 404
    assert client.get(asked.get_absolute_url().replace("/moment/", "/other/")).status_code == 404


def test_the_page_tells_the_state_of_every_request_from_the_facts_alone(
    bureau: Bureau, decided: Case, asked: MomentCorrection
) -> None:
    def seen(part: str) -> list[tuple[bool, bool, bool]]:
        file = open_file(fresh(bureau.all[part]), decided.pk)
        found = open_requests(file.case, file.records, [], fresh(bureau.all[part]))
        return [(each.is_sent_back, each.may_decide, each.may_change) for each in found]

    assert (seen("head"), seen("lead"), seen("co")) == (
        [(False, True, False)],
        [(False, False, False)],
        [(False, False, False)],
    )
    services.send_back_moment_correction(request=asked, by=bureau.head, remarks="补充")
    assert (seen("head"), seen("lead")) == ([(True, False, False)], [(True, False, True)])
    services.change_moment_correction(request=asked, by=bureau.lead, happened_at=TRULY, reason="补充了")
    assert seen("leader") == [(False, True, False)]
    services.withdraw_moment_correction(request=asked, by=bureau.lead)
    assert seen("head") == []
