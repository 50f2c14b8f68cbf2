"""The one page with all upward traffic: fact -> handlers, page slot -> panels, and what the desk lists.

Read it as a table. Each line says: when this happens below, that app above is told, at once, in the same transaction;
or: in this slot of a page below, that app above shows its panel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import registry

if TYPE_CHECKING:
    from agency.models import Official


def connect() -> None:
    """Fill core's registries. Called once, when the apps are ready."""
    _agency()
    _facts()
    _corrections()
    _slots()
    _desk()
    _files()
    _procedures()


def _agency() -> None:
    from agency import permissions
    from agency import selectors as agency

    registry.connect_agency(
        registry.Agency(
            name=agency.agency_name,
            profile_of=agency.profile_of,
            owner_of=agency.owner_of,
            owing_units=agency.owing_units,
            answering=agency.answering,
            recipients_of=agency.recipients_of,
            audience=agency.audience,
            stand_ins=agency.stand_ins,
            in_use_from=agency.in_use_from,
            units=agency.unit_ids,
            may_keep_calendar=permissions.may_keep_calendar,
            administrators=agency.administrators,
        )
    )


def _facts() -> None:
    """Fact -> handlers."""
    from disclosure import handlers as disclosure
    from enforcement import handlers as enforcement
    from legalreview import handlers as legalreview
    from recording import handlers as recording

    registry.on_fact("core.corrected", enforcement.follow_correction)
    registry.on_fact("core.corrected", recording.follow_correction)
    registry.on_fact("enforcement.decision_made", disclosure.draft_notice)
    registry.on_fact("enforcement.decision_served", disclosure.note_service)
    registry.on_fact("enforcement.decision_revoked", disclosure.note_revocation)
    registry.on_fact("enforcement.case_closed", legalreview.follow_end)
    registry.on_fact("core.corrected", disclosure.follow_correction)
    registry.on_fact("core.corrected", legalreview.follow_correction)


def _corrections() -> None:
    """Facts of apps above whose moment somebody typed, so that it can be put right; and what a correction must not put out of order.

    The moments of storing a recording and of publishing are the system's own: nobody types them, nothing corrects them.
    """
    from legalreview import handlers as legalreview
    from legalreview import permissions as reviewing
    from recording import handlers as recording

    for name in recording.MOMENTS:
        registry.add_correctable(registry.Correctable(name))
    registry.add_order(recording.out_of_order)
    for name in legalreview.MOMENTS:
        registry.add_correctable(registry.Correctable(name, may_ask=reviewing.may_ask_correction))
    registry.add_order(legalreview.out_of_order)


def _slots() -> None:
    """Page slot -> panels."""
    from disclosure import selectors as disclosure
    from legalreview import panels as legalreview
    from recording import panels as recording
    from supervision import panels as supervision

    registry.fill_slot("case", recording.case_panel)
    registry.fill_slot("case", legalreview.case_panel)
    registry.fill_slot("case", disclosure.case_panel)
    registry.fill_slot("desk.home", recording.home_panel)
    registry.fill_slot("desk.home", supervision.home_panel)


def _works_on_files(official: Official) -> bool:
    """Administrators run the installation and read no file."""
    return not official.is_administrator


def _keeps_the_calendar(official: Official) -> bool:
    """Legal affairs; whoever stands in for them where there are none finds the page by the message that the notice is missing."""
    from agency.roles import Role

    return official.has_role(Role.LEGAL_REVIEWER)


def _desk() -> None:
    """Navigation, waiting steps, search, alert sources."""
    from agency import certificates
    from agency.roles import Role
    from disclosure import selectors as disclosure
    from enforcement import selectors as enforcement
    from legalreview import selectors as legalreview
    from recording import jobs as recording_jobs
    from recording import selectors as recording
    from supervision import selectors as supervision

    registry.add_nav(registry.NavItem("我的待办", "desk:home"))
    registry.add_nav(registry.NavItem("案卷", "enforcement:cases", visible=_works_on_files))
    registry.add_waiting(enforcement.waiting_steps)
    registry.add_waiting(enforcement.waiting_requests)
    registry.add_search(enforcement.search_hits)
    registry.add_nav(registry.NavItem("音像", "recording:list", visible=_works_on_files))
    registry.add_waiting(recording.waiting_steps)
    registry.add_search(recording.search_hits)
    registry.add_alert_source(recording_jobs.nightly)
    registry.add_nav(registry.NavItem("法制审核", "legalreview:reviews", visible=_works_on_files))
    registry.add_waiting(legalreview.waiting_steps)
    registry.add_search(legalreview.search_reviews)
    registry.add_nav(registry.NavItem("执法公示", "disclosure:list", visible=_works_on_files))
    registry.add_waiting(disclosure.waiting_steps)
    registry.add_search(disclosure.search_hits)
    registry.add_nav(registry.NavItem("监督", "supervision:home", visible=_works_on_files))
    registry.add_waiting(supervision.waiting_steps)
    registry.add_page("periodic_duties", "supervision:plan")
    registry.add_public_nav(registry.NavItem("公示信息", "public:home"))
    registry.add_public_nav(registry.NavItem("怎样核对", "public:verify"))
    registry.add_public_nav(registry.NavItem("封存清单", "public:seals"))
    registry.add_public_nav(registry.NavItem("执法依据", "public:law"))
    registry.add_public_nav(registry.NavItem("期限计算", "public:calculator"))
    registry.add_page("calculator", "public:calculator")
    registry.add_page("deliveries", "agency:deliveries")

    registry.add_nav(registry.NavItem("工作日历", "desk:calendars", visible=_keeps_the_calendar))
    registry.add_nav(registry.NavItem("单位和人员", "agency:units", visible=lambda official: official.is_administrator))
    registry.add_nav(
        registry.NavItem("发送记录", "agency:deliveries", visible=lambda official: official.has_role(Role.SUPERVISOR))
    )
    registry.add_alert_source(certificates.certificate_warnings)


def _files() -> None:
    """Every kind of file whose facts are chained: who sees the file reads its chain."""
    from core import noticing
    from disclosure.models import Notice
    from enforcement.models import Case
    from legalreview.models import Review
    from recording.models import Recording
    from supervision.models import PlanReport

    for model in (Case, Recording, Review, Notice, PlanReport):
        registry.add_files(model.objects.all)
    registry.add_files(noticing.chained_years)


def _procedures() -> None:
    """Every procedure, for the diagrams and for the tests that go over all of them."""
    from disclosure.procedure import NOTICE
    from enforcement.procedure import MOMENT_CORRECTION, PENALTY, PRESERVATION
    from legalreview.procedure import REVIEW
    from recording.procedure import ACCESS, RECORDING

    for procedure in (PENALTY, PRESERVATION, MOMENT_CORRECTION, RECORDING, ACCESS, REVIEW, NOTICE):
        registry.add_procedure(procedure)
