"""Legal review of major decisions (Weihai measures 13-14; Yangquan legal-review system 10-14 by reference). One row, one step."""

from django.utils import timezone

from core.lifecycle import Lifecycle, Step
from legalreview.models import Review
from legalreview.models import ReviewState as S
from legalreview.permissions import may_extend, may_receive, may_review, may_submit


def _step(key: str, label: str, from_: str | tuple[str, ...], to: str, who, form: str, service: str, **more) -> Step:  # type: ignore[no-untyped-def]
    return Step(
        key, label, from_, to, who, form=f"legalreview.forms.{form}", service=f"legalreview.services.{service}", **more
    )


def _all_answered(review: Review) -> bool:
    """Every point that a binding rule lists has its answer."""
    items = REVIEW.binding("review_points_answered", review, timezone.now()).items
    return {item.key for item in items} <= review.answers().keys()


# What begins a round. It is taken on the case, and shown among the case's steps.
SUBMIT = _step(
    "submit", "送法制审核", (), S.SUBMITTED, may_submit, "SubmitForm", "submit_for_review", article="WH-PLAN-7a"
)

# fmt: off
REVIEW = Lifecycle(
    name="review",
    title="法制审核",
    states=S,
    initial=(S.SUBMITTED,),
    steps=(
        #     key            label                       from             to               who          form               service            what must hold first, and the article
        _step("accept",      "接收完备材料",             S.SUBMITTED,     S.REVIEWING,     may_receive, "AcceptForm",      "accept_package",  demands=("submitted_for_review", "review_package_complete"), article="YQ-LR-10"),
        _step("give_back",   "退回补正",                 Review.OPEN,     S.RETURNED,      may_review, "GiveBackForm",    "return_package",  sends_back=True, article="YQ-LR-10", primary=False),
        _step("answer",      "填写审核要点",             S.REVIEWING,     S.REVIEWING,     may_review,  "PointsForm",      "answer_points",   article="YQ-LR-11", done=_all_answered),
        _step("pause",       "暂停计时",                 S.REVIEWING,     S.SUPPLEMENTING, may_review,  "PauseForm",       "pause_clock",     demands=("!pausable",), article="YQ-LR-14c", primary=False),
        _step("resume",      "恢复计时",                 S.SUPPLEMENTING, S.REVIEWING,     may_review,  "ResumeForm",      "resume_clock",    article="YQ-LR-14c"),
        _step("extend",      "批准延长审核期限",         S.REVIEWING,     S.REVIEWING,     may_extend,  "ExtendForm",      "extend_review",   demands=("!not_yet_extended",), article="YQ-LR-14b", primary=False),
        _step("issue",       "出具审核意见",             S.REVIEWING,     S.ANSWERED,      may_review,  "OpinionForm",     "issue_opinion",   demands=("review_points_answered", "opinion_follows_points", "!case_awaits_decision", "!draft_unchanged"), article="YQ-LR-12"),
    ),
)
# fmt: on
