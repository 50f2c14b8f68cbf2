"""What lawfully happens to a recording. All of it hangs on the recording's own stream; its duties show on the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from core.facts import Fact
from recording.models import Recording
from rulebook.conditions import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFact(Fact):
    """A fact on a recording."""

    icon: ClassVar[str] = "video"
    case: int
    act: int

    @classmethod
    def of(cls, recording: Recording, **payload: Any) -> Self:
        return cls(
            subject=recording.as_subject(),
            file=recording.case.as_subject(),
            unit=recording.unit_id,
            case=recording.case_id,
            act=recording.act_id,
            **payload,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made(RecordingFact):
    """A recording came into being; two working days to store and index it start (Weihai measures 17, plan 6).

    `away`: it waits for the return to the unit. `ends_day`: the day it was made on is the day to hand it in, as nobody said that its
    work ended on another.
    """

    name = "recording.made"
    label = "形成音像记录"
    sequence: int
    away: bool
    ends_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEnded(RecordingFact):
    """The work of the day it was made on ended; it is saved that day (LY-REC-36a)."""

    name = "recording.work_ended"
    label = "当天收工"
    icon = "clock"
    ends_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(RecordingFact):
    """Whoever made it away from the unit, or without a break in the work, was back; 24 hours to hand it in start (LY-REC-36c)."""

    name = "recording.returned"
    label = "回到本单位"
    icon = "clock"
    ground: Annotated[str, one_of(Recording.Work.choices)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(RecordingFact):
    """A custodian of the unit took it into keeping (LY-REC-36a)."""

    name = "recording.handed_over"
    label = "交专人保管"
    icon = "send"
    to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(RecordingFact):
    """The recording stands in the store as received."""

    name = "recording.stored"
    label = "录像入库"
    icon = "upload"
    sha256: str
    sm3: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed(RecordingFact):
    """Its five elements are written down."""

    name = "recording.indexed"
    label = "完善录像索引"
    icon = "pencil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged(RecordingFact):
    """The file as received is faulty, or the recording has a break."""

    name = "recording.flagged"
    label = "录像检查发现问题"
    icon = "warn"
    flags: tuple[str, ...]
    gap_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultExplained(RecordingFact):
    """The technical reason of a break or fault was given."""

    name = "recording.fault_explained"
    label = "说明录像中断、文件异常的原因"
    icon = "pencil"
    fault: Annotated[str, one_of(Recording.Fault.choices)]
    gap_seconds: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumFailed(RecordingFact):
    """The bytes on the medium are no longer those that were received."""

    name = "recording.medium_failed"
    label = "录像与入库时的摘要不符"
    icon = "warn"
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accessed(RecordingFact):
    """Somebody was shown the content."""

    name = "recording.accessed"
    label = "查看录像"
    icon = "eye"
    official: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequested(RecordingFact):
    """Somebody who does not handle the case asked to see it."""

    name = "recording.access_requested"
    label = "申请调阅录像"
    icon = "send"
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessApproved(RecordingFact):
    """The responsible person opened it until the end of a day."""

    name = "recording.access_approved"
    label = "批准调阅录像"
    icon = "check"
    request: int
    official: int
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(RecordingFact):
    """The responsible person did not approve."""

    name = "recording.access_refused"
    label = "不批准调阅录像"
    icon = "back"
    request: int


FACTS: dict[str, type[RecordingFact]] = {fact.name: fact for fact in RecordingFact.__subclasses__()}
