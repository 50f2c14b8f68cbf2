"""Review, publication, exclusion, withdrawal: who may, what must hold, and what the database refuses whoever asks."""

from __future__ import annotations

from datetime import datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from core.access import NotPermitted
from core.lifecycle import StepNotOpen, StepRefused
from core.models import Duty, FactRecord, Grant, LedgerEntry
from disclosure import forms, selectors, services
from disclosure.models import Notice, NoticeEdit, NoticeState
from disclosure.procedure import NOTICE
from enforcement import services as enforcement
from enforcement.models import Case
from tests.disclosure.flow import Bureau, decided_case, notice_of, publish, submit, withdraw


def now() -> datetime:
    return timezone.now()


def state_of(notice: Notice) -> str:
    return Notice.objects.get(pk=notice.pk).state


def lines(notice: Notice) -> int:
    return LedgerEntry.objects.filter(stream=notice.stream).count()


# --- submission -------------------------------------------------------------------------------------------------


def test_an_edit_is_kept_with_what_stood_there(bureau: Bureau, notice: Notice) -> None:
    before = notice.facts
    submit(bureau, notice, facts_found="经查，该公司拖欠工资，经责令改正拒不改正。")
    edit = NoticeEdit.objects.get(notice=notice)
    assert (edit.field, edit.before, edit.after) == ("facts", before, "经查，该公司拖欠工资，经责令改正拒不改正。")
    assert edit.edited_by == bureau.officer


@pytest.mark.rule("WH-MEAS-15a", "WH-PLAN-2a")
@pytest.mark.parametrize(
    ("written", "why"),
    [("投诉人赵样例称", "投诉举报人、劳动者姓名"), ("钱示范承认", "自然人姓名"), ("电话13800138000", "电话号码")],
)
def test_wh_meas_15a_a_text_that_gives_somebody_away_is_not_handed_in(
    bureau: Bureau, notice: Notice, written: str, why: str
) -> None:
    with pytest.raises(StepRefused) as refused:
        submit(bureau, notice, facts_found=written)
    (demand,) = refused.value.demands
    assert demand.text == f"违法事实中还有{why}，须先遮盖"
    assert {citation.rule_id for citation in demand.citations} == {"WH-MEAS-15a", "WH-PLAN-2a"}
    assert state_of(notice) == "draft"
    assert not NoticeEdit.objects.exists()
    assert lines(notice) == 1


def test_an_empty_text_is_not_handed_in(bureau: Bureau, notice: Notice) -> None:
    with pytest.raises(StepRefused, match="公示稿缺少处罚内容"):
        submit(bureau, notice, content=" ")
    assert state_of(notice) == "draft"


def test_the_other_section_may_not_hand_in(bureau: Bureau, notice: Notice) -> None:
    with pytest.raises(NotPermitted, match="承办科室"):
        services.submit_for_publication(
            notice=notice, facts_found="一", basis="二", content="三", by=bureau.stranger, happened_at=now()
        )
    assert state_of(notice) == "draft"


# --- four eyes --------------------------------------------------------------------------------------------------


def test_a_reviewer_sees_the_notice_from_its_submission_on(bureau: Bureau, notice: Notice) -> None:
    assert not Notice.objects.visible_to(bureau.reviewer).exists()
    submit(bureau, notice)
    assert list(Notice.objects.visible_to(bureau.reviewer)) == [notice]
    assert [step.label for step in selectors.waiting_steps(bureau.reviewer)] == ["审核并公示"]


@pytest.mark.rule("WH-MEAS-15b", "WH-PLAN-2b")
def test_wh_meas_15b_publication_meets_the_duty_of_the_case(bureau: Bureau, notice: Notice) -> None:
    published = publish(bureau, notice)
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="publish_decision")
    assert duty.met_at == published.published_at
    assert duty.met_by.name == "disclosure.published"
    assert published.search_text


@pytest.mark.rule("CN-INFO-17")
def test_nobody_publishes_what_they_handed_in(bureau: Bureau, notice: Notice) -> None:
    from agency.models import Appointment, Official, Role

    Appointment.objects.create(
        official=bureau.officer,
        role=Role.DISCLOSURE_REVIEWER,
        unit=bureau.section,
        term=bureau.officer.appointments.get().term,
    )
    both = Official.objects.get(pk=bureau.officer.pk)
    submit(bureau, notice)
    with pytest.raises(NotPermitted, match="不得审核本件公示"):
        services.approve_and_publish(notice=notice, by=both, happened_at=now())
    assert state_of(notice) == "in_review"


@pytest.mark.parametrize("who", ["second", "head", "leader", "stranger", "auditor"])
def test_only_a_disclosure_reviewer_publishes(bureau: Bureau, notice: Notice, who: str) -> None:
    submit(bureau, notice)
    with pytest.raises(NotPermitted, match="由公示审核人员审核"):
        services.approve_and_publish(notice=notice, by=getattr(bureau, who), happened_at=now())
    assert state_of(notice) == "in_review"
    assert lines(notice) == 2


def test_a_draft_is_not_published_over_the_section_s_head(bureau: Bureau, notice: Notice) -> None:
    with pytest.raises(StepNotOpen):
        services.approve_and_publish(notice=notice, by=bureau.reviewer, happened_at=now())
    assert state_of(notice) == "draft"


def test_sent_back_it_returns_with_remarks_and_leaves_the_reviewer_after_a_while(
    bureau: Bureau, notice: Notice
) -> None:
    submit(bureau, notice)
    services.send_back(notice=notice, remarks="请写明拖欠月份", by=bureau.reviewer, happened_at=now())
    notice.refresh_from_db()
    assert (notice.state, notice.remarks) == ("draft", "请写明拖欠月份")
    assert all(grant.to_at is not None for grant in Grant.objects.filter(stream=notice.stream))
    submit(bureau, notice)
    assert [step.key for step in NOTICE.steps if step.key == "publish"] == ["publish"]
    assert [row.pk for row in Notice.objects.visible_to(bureau.second_reviewer)] == [notice.pk]


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_publishes_and_the_other_is_told_why() -> None:
    from tests.disclosure.flow import make_bureau

    bureau = make_bureau()
    notice = submit(bureau, notice_of(decided_case(bureau)))
    together, answers = Barrier(2), []

    def approve(reviewer: Any) -> None:
        try:
            together.wait()
            services.approve_and_publish(notice=notice, by=reviewer, happened_at=now())
            answers.append("published")
        except StepNotOpen as late:
            answers.append(str(late))
        finally:
            connections.close_all()

    threads = [Thread(target=approve, args=(each,)) for each in (bureau.reviewer, bureau.second_reviewer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["published", "案卷现在处于“已公示”，不能再办理“审核并公示”"]
    assert FactRecord.objects.filter(stream=notice.stream, name="disclosure.published").count() == 1


# --- exclusion --------------------------------------------------------------------------------------------------


@pytest.mark.rule("WH-MEAS-15a", "WH-PLAN-2a")
@pytest.mark.parametrize(("ground", "reason"), [("embarrassing", "不好看"), ("trade_secret", " "), ("", "理由")])
def test_wh_meas_15a_an_exclusion_without_a_ground_of_the_law_or_a_reason_is_refused(
    bureau: Bureau, notice: Notice, ground: str, reason: str
) -> None:
    with pytest.raises(StepRefused, match="须写明属于国家秘密、商业秘密、个人隐私中的哪一种，并说明理由") as refused:
        services.propose_exclusion(notice=notice, ground=ground, reason=reason, by=bureau.officer, happened_at=now())
    assert {c.rule_id for c in refused.value.demands[0].citations} == {"WH-MEAS-15a", "WH-PLAN-2a"}
    assert state_of(notice) == "draft"


@pytest.mark.rule("WH-MEAS-15a", "WH-PLAN-2a")
def test_wh_meas_15a_a_reviewed_exclusion_voids_the_duty_with_reason_and_article_and_does_not_meet_it(
    bureau: Bureau, notice: Notice
) -> None:
    services.propose_exclusion(
        notice=notice, ground="trade_secret", reason="含未公开配方", by=bureau.officer, happened_at=now()
    )
    with pytest.raises(NotPermitted):
        services.withhold(notice=notice, by=bureau.officer, happened_at=now())
    services.withhold(notice=notice, by=bureau.reviewer, happened_at=now())
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="publish_decision")
    assert duty.met_at is None
    assert duty.voided_at is not None
    assert duty.void_reason.startswith("不予公开（商业秘密，《威海市行政执法监督办法》第十五条")
    assert duty.void_reason.endswith("含未公开配方")


# --- withdrawal -------------------------------------------------------------------------------------------------


def revoke(bureau: Bureau, notice: Notice) -> None:
    enforcement.revoke_decision(
        case=Case.objects.get(pk=notice.case_id), by=bureau.leader, happened_at=now(), ground="unlawful", reason="撤销"
    )


@pytest.mark.rule("CN-PENALTY-48")
def test_cn_penalty_48_a_revoked_decision_is_withdrawn_with_a_public_reason_in_time(
    bureau: Bureau, notice: Notice
) -> None:
    publish(bureau, notice)
    revoke(bureau, notice)
    duty = Duty.objects.get(anchor=notice.case_stream, obligation="withdraw_publication")
    assert duty.is_open
    withdrawn = withdraw(bureau, Notice.objects.get(pk=notice.pk))
    duty.refresh_from_db()
    assert duty.met_at == withdrawn.withdrawn_at
    assert withdrawn.search_text == ""


@pytest.mark.rule("CN-PENALTY-48")
@pytest.mark.parametrize(("reason", "told"), [("  ", "撤回须公开说明理由"), ("赵样例投诉有误", "其中还有投诉举报人")])
def test_cn_penalty_48_a_withdrawal_without_a_reason_or_with_a_name_in_it_is_refused(
    bureau: Bureau, notice: Notice, reason: str, told: str
) -> None:
    published = publish(bureau, notice)
    with pytest.raises(StepRefused, match=told):
        withdraw(bureau, published, reason)
    assert state_of(notice) == "published"


def test_the_section_s_staff_do_not_withdraw(bureau: Bureau, notice: Notice) -> None:
    published = publish(bureau, notice)
    with pytest.raises(NotPermitted):
        services.withdraw(notice=published, reason="理由", by=bureau.officer, happened_at=now())


@pytest.mark.rule("CN-PENALTY-48")
def test_cn_penalty_48_a_revoked_decision_is_not_published_any_more_and_its_notice_ends(
    bureau: Bureau, notice: Notice
) -> None:
    submit(bureau, notice)
    with pytest.raises(StepRefused, match="处罚决定仍然有效"):
        services.cancel(notice=notice, by=bureau.officer, happened_at=now())
    revoke(bureau, notice)
    # Nothing was published, so nothing is to be withdrawn; and nobody serves or pays what was revoked.
    withdrawing = Duty.objects.get(anchor=notice.case_stream, obligation="withdraw_publication")
    assert (withdrawing.is_open, withdrawing.void_reason) == (False, "没有公示的信息，不需要撤回")
    assert not Duty.objects.open().of_anchor(notice.case_stream).filter(obligation__in=("serve_decision", "pay_fine"))
    publishing = Duty.objects.get(anchor=notice.case_stream, obligation="publish_decision")
    assert (publishing.is_open, publishing.void_reason) == (False, "处罚决定已撤销，不再公示")
    with pytest.raises(StepRefused, match="处罚决定已被撤销，不得公示"):
        services.approve_and_publish(notice=notice, by=bureau.reviewer, happened_at=now())
    # What is left waits for the section, and for the reviewer nothing.
    assert [step.label for step in selectors.waiting_steps(bureau.officer)] == ["终止公示"]
    assert selectors.waiting_steps(bureau.reviewer) == []
    services.cancel(notice=notice, by=bureau.officer, happened_at=now())
    assert state_of(notice) == "cancelled"


def test_a_decision_day_corrected_after_submission_sends_the_notice_back(bureau: Bureau, notice: Notice) -> None:
    from datetime import timedelta

    from core import facts as core_facts

    submit(bureau, notice)
    made = FactRecord.objects.get(name="enforcement.decision_made", stream=notice.case_stream)
    moment = made.happened_at + timedelta(days=1)
    core_facts.correct(made, happened_at=moment, reason="录入有误", requested_by=bureau.officer, by=bureau.head)
    with pytest.raises(StepRefused, match="决定日期已更正"):
        services.approve_and_publish(notice=notice, by=bureau.reviewer, happened_at=now())
    services.send_back(notice=notice, remarks="日期已更正", by=bureau.reviewer, happened_at=now())
    notice.refresh_from_db()
    assert notice.decided_on == timezone.localdate(moment)


# --- table, trigger, database -----------------------------------------------------------------------------------


def refused_by_the_database(sql: str, *parameters: Any) -> str:
    with pytest.raises(Exception) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
    return str(refused.value)


def test_the_trigger_repeats_exactly_the_edges_of_the_table(bureau: Bureau, notice: Notice) -> None:
    """Every pair of states is tried by SQL as the serving role; constraints may refuse more, the trigger no less."""
    for old in NoticeState.values:
        for new in NoticeState.values:
            if old == new:
                continue
            told = try_edge(notice, old, new)
            if (old, new) in NOTICE.edges():
                assert "不能从" not in told, (old, new, told)
            else:
                assert "不能从" in told, (old, new, told)


def try_edge(notice: Notice, old: str, new: str) -> str:
    """What the database says to a change of state, tried in a transaction that is undone."""
    sid = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE disclosure_notice DISABLE TRIGGER disclosure_notice_state_edges")
            cursor.execute(
                "UPDATE disclosure_notice SET state = %s, reviewed_by_id = %s, reviewed_at = now(), published_at = now(),"
                " withdrawn_at = now(), withdrawn_by_id = %s, withdrawal_reason = 'x', exclusion_ground = 'privacy',"
                " exclusion_reason = 'x' WHERE id = %s",
                [old, reviewer_id(), reviewer_id(), notice.pk],
            )
            cursor.execute("ALTER TABLE disclosure_notice ENABLE TRIGGER disclosure_notice_state_edges")
            cursor.execute('SET ROLE "mingcha_app"')
            cursor.execute("UPDATE disclosure_notice SET state = %s WHERE id = %s", [new, notice.pk])
    except Exception as refused:
        return str(refused)
    else:
        return ""
    finally:
        transaction.savepoint_rollback(sid)
        with connection.cursor() as cursor:
            cursor.execute('SET ROLE "mingcha_app"')


def reviewer_id() -> int:
    from agency.models import Official

    return Official.objects.get(username="reviewer").pk


def test_the_database_starts_no_notice_published(bureau: Bureau, notice: Notice) -> None:
    copy = Notice.objects.get(pk=notice.pk)
    copy.pk, copy.case_id, copy.state = None, 999, "published"
    copy.reviewed_by, copy.reviewed_at, copy.published_at = bureau.reviewer, now(), now()
    with pytest.raises(IntegrityError, match="不能从“published”开始"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.rule("CN-INFO-17")
def test_nobody_reviews_what_they_prepared_not_even_by_sql(bureau: Bureau, notice: Notice) -> None:
    submit(bureau, notice)
    told = refused_by_the_database(
        "UPDATE disclosure_notice SET state = 'published', published_at = now(), reviewed_at = now(), reviewed_by_id = %s"
        " WHERE id = %s",
        bureau.officer.pk,
        notice.pk,
    )
    assert "nobody_reviews_what_they_prepared" in told


@pytest.mark.rule("CN-INFO-17")
def test_nothing_is_published_without_a_reviewer_not_even_by_sql(bureau: Bureau, notice: Notice) -> None:
    submit(bureau, notice)
    told = refused_by_the_database(
        "UPDATE disclosure_notice SET state = 'published', published_at = now() WHERE id = %s", notice.pk
    )
    assert "nothing_is_published_unreviewed" in told


@pytest.mark.parametrize("column", ["facts", "content", "party_name", "number", "credit_code"])
def test_a_text_that_was_handed_in_is_frozen_in_the_database(bureau: Bureau, notice: Notice, column: str) -> None:
    submit(bureau, notice)
    told = refused_by_the_database(f"UPDATE disclosure_notice SET {column} = 'x' WHERE id = %s", notice.pk)
    assert "公示文本送审后不得修改" in told


def test_no_notice_and_no_edit_is_deleted(bureau: Bureau, notice: Notice) -> None:
    submit(bureau, notice, content="罚款人民币20,000.00元。")
    assert "不得删除" in refused_by_the_database("DELETE FROM disclosure_notice WHERE id = %s", notice.pk)
    assert "不得修改或者删除" in refused_by_the_database("DELETE FROM disclosure_noticeedit")


def test_the_migration_holds_the_trigger_of_the_table() -> None:
    from importlib import import_module

    migration = import_module("disclosure.migrations.0002_edges_and_frozen_texts")
    assert NOTICE.edge_trigger_sql("disclosure_notice") == migration.EDGES


@pytest.mark.parametrize("step", NOTICE.steps, ids=lambda step: step.key)
def test_a_form_gives_exactly_what_its_service_takes(step: Any) -> None:
    from inspect import signature

    from django.utils.module_loading import import_string

    form: Any = step.form_class
    fields = {*form.base_fields, "happened_at"}
    assert issubclass(form, forms.NowForm)
    assert fields | {"notice", "by"} == set(signature(import_string(step.service)).parameters)
