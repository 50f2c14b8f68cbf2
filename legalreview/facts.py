"""What lawfully happens in a legal review. All of it hangs on the review's own stream; lists show it on the review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from core.facts import Fact
from legalreview.models import Opinion, Review
from rulebook.conditions import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFact(Fact):
    """A fact on a review; the duty of the legal office hangs on the review and shows on the case."""

    icon: ClassVar[str] = "scale"
    is_key: ClassVar[bool] = False
    case: int
    round: int

    @classmethod
    def of(cls, review: Review, **payload: Any) -> Self:
        return cls(
            subject=review.as_subject(),
            file=review.case.as_subject(),
            unit=review.unit_id,
            case=review.case_id,
            round=review.round,
            **payload,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(ReviewFact):
    """The section submitted a draft with its package."""

    name = "legalreview.submitted"
    label = "送法制审核"
    icon = "send"
    text_digest: str
    # The papers of the case then: "id:SHA-256", the digest empty where the PDF was still being made.
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(ReviewFact):
    """The package is incomplete; the clock did not start."""

    name = "legalreview.returned"
    label = "退回补正送审材料"
    icon = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageAccepted(ReviewFact):
    """The legal office holds the complete package; its ten working days start."""

    name = "legalreview.package_accepted"
    label = "接收完备的送审材料"
    icon = "inbox"
    reviewer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused(ReviewFact):
    """Material, experts or an interpretation are waited for; the clock stands still."""

    name = "legalreview.clock_paused"
    label = "暂停审核计时"
    icon = "clock"
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed(ReviewFact):
    """What was waited for came in."""

    name = "legalreview.clock_resumed"
    label = "恢复审核计时"
    icon = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended(ReviewFact):
    """The leader approved a longer review."""

    name = "legalreview.extended"
    label = "批准延长审核期限"
    icon = "clock"
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionIssued(ReviewFact):
    """The legal office gave its written opinion."""

    name = "legalreview.opinion_issued"
    label = "出具法制审核意见"
    is_key = True
    opinion: Annotated[str, one_of(Opinion.choices)]
    text_digest: str
    points: tuple[str, ...]


FACTS: dict[str, type[ReviewFact]] = {fact.name: fact for fact in ReviewFact.__subclasses__()}
