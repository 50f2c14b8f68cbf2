"""What lawfully happens to a notice. Bodies hold ids, kinds and digests; the public reads them beside the notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from core.facts import Fact
from disclosure.models import Notice
from rulebook.conditions import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFact(Fact):
    """A fact of one notice. `text_digest` is the SHA-256 of the public text as it then stood."""

    case: int
    text_digest: str

    @classmethod
    def of(cls, notice: Notice, **more: object) -> Self:
        return cls(
            subject=notice.as_subject(),
            unit=notice.unit_id,
            anchor=notice.case_stream,
            case=notice.case_id,
            text_digest=notice.text_digest(),
            **more,  # type: ignore[arg-type]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted(NoticeFact):
    """The notice drafted itself from the decision, redacted."""

    name = "disclosure.drafted"
    label = "生成公示稿"
    masked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionBegun(NoticeFact):
    """A line of the withdrawn notice: another one was drafted to take its place."""

    name = "disclosure.correction_begun"
    label = "拟制更正公示"
    replaced_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrafted(NoticeFact):
    """A line of the new notice: drafted from the decision again, to take the place of a withdrawn one."""

    name = "disclosure.redrafted"
    label = "生成更正公示稿"
    masked: int
    replaces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(NoticeFact):
    """The section checked the redaction and sent the notice to review. `edits`: public texts it changed."""

    name = "disclosure.submitted"
    label = "送公示审核"
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionProposed(NoticeFact):
    """The section proposed not to publish, on one of the grounds the law knows."""

    name = "disclosure.exclusion_proposed"
    label = "提出不予公开"
    ground: Annotated[str, one_of(Notice.Ground.choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack(NoticeFact):
    """The reviewer sent the notice back with remarks."""

    name = "disclosure.sent_back"
    label = "退回公示稿"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(NoticeFact):
    """The reviewer approved; the public can read it from now on. Meets the duty to publish the decision."""

    name = "disclosure.published"
    label = "公示"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld(NoticeFact):
    """The reviewer agreed not to publish. The duty to publish is voided with the reason, not met."""

    name = "disclosure.withheld"
    label = "决定不予公开"
    ground: Annotated[str, one_of(Notice.Ground.choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(NoticeFact):
    """The published text was taken back, with a public reason (Penalty Law 48)."""

    name = "disclosure.withdrawn"
    label = "撤回公示"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(NoticeFact):
    """A notice never published ended because its decision was revoked."""

    name = "disclosure.cancelled"
    label = "终止公示"
