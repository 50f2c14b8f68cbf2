"""One function per legal act on a case: one transaction, one fact. A refused act leaves nothing behind."""

from enforcement.services.decisions import (
    draft_decision,
    issue_decision,
    record_discussion,
    revoke_decision,
    send_back_decision,
)
from enforcement.services.filing import (
    accept_case,
    not_file,
    propose_initiation,
    register_source,
    send_back_initiation,
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
from enforcement.services.notes import correct_moment, note_recording, note_review_result
from enforcement.services.outcome import (
    close_case,
    dismiss_case,
    impose_surcharge,
    record_payment,
    record_performance,
    serve_decision,
)
from enforcement.services.rights import notify_rights, record_hearing, record_rights_answer

__all__ = [
    "accept_case",
    "close_case",
    "close_investigation",
    "correct_moment",
    "dismiss_case",
    "draft_decision",
    "exclude_evidence",
    "extend_investigation",
    "impose_surcharge",
    "issue_decision",
    "not_file",
    "note_recording",
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
    "revoke_decision",
    "send_back_decision",
    "send_back_initiation",
    "serve_decision",
    "supplement_source",
    "verify_correction",
]
