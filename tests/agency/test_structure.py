"""Units, what each official sees and owes, and what core asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from agency import selectors, services
from agency.models import AgencyProfile, Official, Role, Unit
from core.models import Duty
from tests.agency.conftest import LONG_AGO, Bureau, person


def fresh(official: Official) -> Official:
    return Official.objects.get(pk=official.pk)


def test_section_staff_see_their_section_and_what_is_below_it_only(bureau: Bureau) -> None:
    assert fresh(bureau.clerk).unit_ids == sorted([bureau.section.pk, bureau.team.pk])


def test_a_leader_appointed_to_the_bureau_sees_and_owes_for_all_of_it(bureau: Bureau) -> None:
    leader = person("leader", "周范本", bureau.root, (Role.LEADER, bureau.root))
    inside = [bureau.root, bureau.section, bureau.team, bureau.other, bureau.legal]
    assert leader.unit_ids == leader.owing_unit_ids == sorted(unit.pk for unit in inside)
    assert leader.leads(bureau.team.pk)
    assert not leader.leads(bureau.outside.pk)


def test_a_legal_reviewer_sees_no_section_by_office_but_what_is_granted_to_the_legal_section(bureau: Bureau) -> None:
    reviewer = person("reviewer", "吴样稿", bureau.legal, (Role.LEGAL_REVIEWER, bureau.legal))
    assert reviewer.unit_ids == []
    assert reviewer.granted_unit_ids == reviewer.owing_unit_ids == [bureau.legal.pk]


def test_section_staff_are_not_reached_by_what_is_granted_to_their_section(bureau: Bureau) -> None:
    assert fresh(bureau.clerk).granted_unit_ids == []
    assert fresh(bureau.head).granted_unit_ids == sorted([bureau.section.pk, bureau.team.pk])


def test_a_role_of_yesterday_or_of_tomorrow_gives_nothing_today(bureau: Bureau) -> None:
    today = timezone.localdate()
    once = person("once", "郑示样", bureau.section)
    for first, last in ((LONG_AGO, today - timedelta(days=1)), (today + timedelta(days=1), None)):
        services.appoint(
            by=None, official=once, role=Role.SECTION_HEAD, unit=bureau.section, first_day=first, last_day=last
        )
    assert fresh(once).unit_ids == []
    assert once not in Official.objects.holding(Role.SECTION_HEAD, unit=bureau.section)


def test_roles_and_units_take_two_queries_however_many_roles(bureau: Bureau, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for unit in (bureau.other, bureau.legal, bureau.team):
        services.appoint(by=None, official=bureau.clerk, role=Role.SECTION_HEAD, unit=unit, first_day=LONG_AGO)
    official = fresh(bureau.clerk)
    with django_assert_num_queries(2):
        assert len(official.unit_ids) == 4
        assert official.owing_unit_ids
        assert official.granted_unit_ids
        assert official.heads(bureau.team.pk)


def test_who_owes_what_a_rule_says(bureau: Bureau) -> None:
    section = bureau.section.pk
    assert selectors.owner_of("unit", section) == section
    assert selectors.owner_of("legal_affairs", section) == bureau.legal.pk
    assert selectors.owner_of("agency", section) == bureau.root.pk
    assert selectors.owner_of("outside", section) == bureau.outside.pk
    assert selectors.owner_of("party", section) is None
    with pytest.raises(ValueError, match="unknown owner"):
        selectors.owner_of("somebody", section)


def test_who_owes_what_comes_round_every_year(bureau: Bureau) -> None:
    assert selectors.owing_units("unit") == [bureau.section.pk, bureau.team.pk, bureau.other.pk] or set(
        selectors.owing_units("unit")
    ) == {bureau.section.pk, bureau.team.pk, bureau.other.pk}
    assert selectors.owing_units("party") == []
    everybody = {bureau.root, bureau.legal, bureau.outside, bureau.section, bureau.team, bureau.other}
    assert set(selectors.owing_units("any")) == {unit.pk for unit in everybody}


def test_without_a_legal_section_the_agency_owes_the_review(db: None) -> None:
    agency = services.create_agency(name="示例局", short_name="示例局", profile="national", document_prefix="示")
    assert selectors.owner_of("legal_affairs", agency.unit_id) == agency.unit_id
    assert selectors.owner_of("outside", agency.unit_id) is None
    assert selectors.owing_units("outside") == []


def test_alerts_reach_staff_and_head_and_else_the_next_unit_above(bureau: Bureau) -> None:
    assert set(selectors.recipients_of(bureau.section.pk)) == {bureau.clerk.pk, bureau.head.pk}
    assert set(selectors.recipients_of(bureau.team.pk)) == {bureau.clerk.pk, bureau.head.pk}
    assert selectors.recipients_of(bureau.legal.pk) == []
    chief = person("chief", "冯样章", bureau.root, (Role.CHIEF, bureau.root))
    assert selectors.recipients_of(bureau.legal.pk) == [chief.pk]
    services.deactivate(by=None, official=chief)
    assert selectors.recipients_of(bureau.legal.pk) == []


def test_the_structure_is_read_once_in_a_transaction_and_anew_after_a_change(
    bureau: Bureau,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    with transaction.atomic():
        selectors.owner_of("agency", bureau.section.pk)
        with django_assert_num_queries(0):
            assert selectors.profile_of(bureau.section.pk) == "weihai-hrss"
            assert selectors.agency_name() == "示例市人力资源和社会保障局"
        bureau.outside.kind = Unit.Kind.OFFICE
        bureau.outside.save()
        assert selectors.owner_of("outside", bureau.section.pk) is None


def test_a_structure_that_was_taken_back_is_forgotten(bureau: Bureau) -> None:
    before = transaction.savepoint()
    bureau.outside.kind = Unit.Kind.OFFICE
    bureau.outside.save()
    assert selectors.owner_of("outside", bureau.section.pk) is None
    transaction.savepoint_rollback(before)
    assert selectors.owner_of("outside", bureau.section.pk) == bureau.outside.pk


def test_one_installation_serves_one_agency(bureau: Bureau) -> None:
    with pytest.raises(ValidationError, match="已经设立机关"):
        services.create_agency(name="另一局", short_name="另一局", profile="weihai-hrss", document_prefix="另")
    with pytest.raises(IntegrityError, match="one_installation_serves_one_agency"), transaction.atomic():
        AgencyProfile.objects.create(unit=bureau.section, profile="weihai-hrss", document_prefix="另")


def test_an_unknown_profile_is_refused_by_name_and_nothing_is_set_up(db: None) -> None:
    with pytest.raises(ValidationError, match=r"没有规则档案“weihai”，可选：.*weihai-hrss"):
        services.create_agency(name="示例局", short_name="示例局", profile="weihai", document_prefix="示")
    assert not Unit.objects.exists()


def test_a_unit_is_not_put_below_itself(bureau: Bureau) -> None:
    bureau.section.parent = bureau.team
    with pytest.raises(ValidationError, match="上级不能是本单位"):
        bureau.section.full_clean()


def test_units_are_entered_by_the_system_administrator_and_need_a_new_name(bureau: Bureau) -> None:
    with pytest.raises(ValidationError):
        services.create_unit(by=bureau.system, name="示例监察科", short_name="又一个", kind=Unit.Kind.SECTION)
    unit = services.create_unit(
        by=bureau.system, name="示例仲裁科", short_name="仲裁科", kind=Unit.Kind.SECTION, parent=bureau.root
    )
    assert unit.position == 3


def test_a_sub_unit_is_bound_by_its_own_profile_and_so_is_what_lies_below(bureau: Bureau) -> None:
    below = services.create_unit(
        by=bureau.system,
        name="示例分局",
        short_name="分局",
        kind=Unit.Kind.SECTION,
        parent=bureau.root,
        profile="yangquan-hrss",
    )
    team = services.create_unit(
        by=bureau.system, name="示例分局一队", short_name="一队", kind=Unit.Kind.SECTION, parent=below
    )
    bound = [selectors.profile_of(each.pk) for each in (bureau.root, bureau.section, bureau.team, below, team)]
    assert bound == ["weihai-hrss", "weihai-hrss", "weihai-hrss", "yangquan-hrss", "yangquan-hrss"]
    assert below.profile_title == "阳泉市人力资源和社会保障局"


def test_a_unit_is_not_bound_by_rules_that_nobody_entered(bureau: Bureau) -> None:
    with pytest.raises(ValidationError) as refused:
        services.create_unit(
            by=bureau.system, name="示例分局", short_name="分局", kind=Unit.Kind.SECTION, profile="nowhere"
        )
    assert list(refused.value.message_dict) == ["profile"]
    assert "没有规则档案“nowhere”，可选：" in refused.value.message_dict["profile"][0]
    assert not Unit.objects.filter(name="示例分局").exists()


@pytest.mark.parametrize("how", ["its own", "moved below another"])
def test_the_rules_of_a_unit_stay_what_they_were_once_it_has_files(bureau: Bureau, how: str) -> None:
    branch = services.create_unit(
        by=bureau.system,
        name="示例分局",
        short_name="分局",
        kind=Unit.Kind.SECTION,
        parent=bureau.root,
        profile="yangquan-hrss",
    )
    moved = Unit.objects.get(pk=bureau.team.pk)
    if how == "its own":
        moved.profile = "yangquan-hrss"
    else:
        moved.parent = branch
    moved.full_clean()
    Duty.objects.create(
        obligation="try", title="示例", kind="deadline", anchor="try:1", file_stream="try:1", subject_title="示例",
        subject_url="/", unit=bureau.team, owed_by="unit", opened_at=timezone.now(), due_at=timezone.now(),
        nominal_day=timezone.localdate(), alert_from=timezone.localdate(), day_zero=timezone.localdate(),
        rule_id="CN-PENALTY-61", bases=[], explanation={},
    )  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        moved.full_clean()
    assert refused.value.message_dict == {"profile": ["本单位或者它的下级已有案卷或者期限，适用的规则档案不能再改"]}
    moved.parent, moved.profile = bureau.section, ""
    moved.full_clean()
