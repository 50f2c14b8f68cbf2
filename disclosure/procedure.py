"""How a notice becomes public: drafted by the decision, checked by the section, approved by somebody else.

Four eyes hold for every installation; a decision not to publish is reviewed like one to publish.
"""

from __future__ import annotations

from core.lifecycle import Lifecycle, Step
from disclosure.models import Notice
from disclosure.models import NoticeState as S
from disclosure.permissions import may_prepare, may_review, may_withdraw

_FORMS = "disclosure.forms."
_SERVICES = "disclosure.services."


def _decision_stands(notice: Notice) -> bool:
    """Nothing is to be ended while it does; once it is revoked, that is what is expected next."""
    return notice.decision_revoked_at is None


# fmt: off
NOTICE = Lifecycle(
    name="notice",
    title="执法信息公示",
    states=S,
    initial=(S.DRAFT,),
    steps=(
        #    key                   label          from                               to                  who           demands                                        form                             service
        Step("cancel",             "终止公示",     (S.DRAFT, S.IN_REVIEW, S.EXCLUSION_REVIEW), S.CANCELLED, may_prepare, ("!decision_was_revoked",),                  _FORMS + "CancelForm",           _SERVICES + "cancel",                 done=_decision_stands),
        Step("submit",             "送公示审核",   S.DRAFT,                           S.IN_REVIEW,        may_prepare,  ("!public_text_complete", "!redaction_complete"), _FORMS + "SubmitForm",        _SERVICES + "submit_for_publication", article="WH-MEAS-15b"),
        Step("propose_exclusion",  "提出不予公开", S.DRAFT,                           S.EXCLUSION_REVIEW, may_prepare,  ("exclusion_reasoned",),                       _FORMS + "ExclusionForm",        _SERVICES + "propose_exclusion",      article="WH-MEAS-15a", primary=False),
        Step("publish",            "审核并公示",   S.IN_REVIEW,                       S.PUBLISHED,        may_review,   ("!decision_stands", "!decision_day_current", "!public_text_complete", "!redaction_complete"), _FORMS + "PublishForm",       _SERVICES + "approve_and_publish",    article="WH-MEAS-15b"),
        Step("withhold",           "同意不予公开", S.EXCLUSION_REVIEW,                S.WITHHELD,         may_review,   ("exclusion_reasoned",),                       _FORMS + "WithholdForm",         _SERVICES + "withhold",               article="WH-MEAS-15a"),
        Step("send_back",          "退回修改",     (S.IN_REVIEW, S.EXCLUSION_REVIEW), S.DRAFT,            may_review,   (),                                            _FORMS + "SendBackForm",         _SERVICES + "send_back",              sends_back=True, primary=False),
        Step("withdraw",           "撤回公示",     S.PUBLISHED,                       S.WITHDRAWN,        may_withdraw, ("!withdrawal_reasoned",),                     _FORMS + "WithdrawForm",         _SERVICES + "withdraw",               article="CN-PENALTY-48", primary=False),
        Step("correct",            "更正后重新公示", S.WITHDRAWN,                       S.WITHDRAWN,        may_prepare,  ("!decision_stands", "!not_yet_corrected", "!correction_reasoned"), _FORMS + "CorrectForm",       _SERVICES + "correct",                article="WH-MEAS-15b"),
    ),
)
# fmt: on
