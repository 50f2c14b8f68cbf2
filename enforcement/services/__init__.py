"""One function per legal act on a case: one transaction, one fact. A refused act leaves nothing behind."""

from enforcement.services.decisions import (
    draft_decision,
    issue_decision,
    record_discussion,
    revoke_decision,
    send_back_decision,
)
from enforcement.services.execution import apply_to_court, demand_performance, state_remedies_ended
from enforcement.services.filing import (
    accept_case,
    not_file,
    propose_initiation,
    register_source,
    send_back_initiation,
    start_at_once,
    supplement_source,
)
from enforcement.services.investigation import (
    close_investigation,
    exclude_evidence,
    extend_investigation,
    order_correction,
    record_evidence_act,
    verify_correction,
)
from enforcement.services.limitation import state_act_end
from enforcement.services.notes import note_recording, note_review_moment, note_review_result
from enforcement.services.outcome import (
    close_case,
    dismiss_case,
    impose_surcharge,
    record_payment,
    record_performance,
    serve_decision,
)
from enforcement.services.requests import (
    approve_moment_correction,
    approve_preservation,
    change_moment_correction,
    change_preservation,
    request_moment_correction,
    request_preservation,
    send_back_moment_correction,
    send_back_preservation,
    settle_preservation,
    withdraw_moment_correction,
    withdraw_preservation,
)
from enforcement.services.rights import notify_rights, record_hearing, record_rights_answer

__all__ = [
    "accept_case",
    "apply_to_court",
    "approve_moment_correction",
    "approve_preservation",
    "change_moment_correction",
    "change_preservation",
    "close_case",
    "close_investigation",
    "demand_performance",
    "dismiss_case",
    "draft_decision",
    "exclude_evidence",
    "extend_investigation",
    "impose_surcharge",
    "issue_decision",
    "not_file",
    "note_recording",
    "note_review_moment",
    "note_review_result",
    "notify_rights",
    "order_correction",
    "propose_initiation",
    "record_discussion",
    "record_evidence_act",
    "record_hearing",
    "record_payment",
    "record_performance",
    "record_rights_answer",
    "register_source",
    "request_moment_correction",
    "request_preservation",
    "revoke_decision",
    "send_back_decision",
    "send_back_initiation",
    "send_back_moment_correction",
    "send_back_preservation",
    "serve_decision",
    "settle_preservation",
    "start_at_once",
    "state_act_end",
    "state_remedies_ended",
    "supplement_source",
    "verify_correction",
    "withdraw_moment_correction",
    "withdraw_preservation",
]
