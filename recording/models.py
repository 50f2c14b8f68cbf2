"""Recordings of evidence acts: the devices, the recordings themselves, uploads under way, and who asked to see what."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Now
from django.urls import reverse
from django.utils import timezone

from core import addresses, law
from core.access import VisibleQuerySet, granted_ids
from core.facts import Subject
from core.search import Grams
from enforcement.matter import CASE_FIELDS
from recording.strip import length_in_words

if TYPE_CHECKING:
    from agency.models import Official


class Device(models.Model):
    """A recording device in the register of its unit (Weihai measures 16, plan 6)."""

    class Kind(models.TextChoices):
        BODY = "body", "执法记录仪"
        CAMERA = "camera", "摄像机、照相机"
        AUDIO = "audio", "录音设备"
        FIXED = "fixed", "固定音像设备"
        OTHER = "other", "其他设备"

    number = models.CharField("设备编号", max_length=40, unique=True)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    model = models.CharField("型号", max_length=80, blank=True)
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="配备单位")
    in_use_from = models.DateField("启用日期", default=timezone.localdate)
    in_use_to = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "音像设备"
        ordering = ("unit", "number")
        constraints = [
            models.CheckConstraint(
                name="a_device_ends_after_it_begins",
                condition=Q(in_use_to__isnull=True) | Q(in_use_to__gte=F("in_use_from")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class RecordingState(models.TextChoices):
    MADE = "made", "待入库"
    STORED = "stored", "待编索引"
    INDEXED = "indexed", "已入库并编索引"


class Flag(models.TextChoices):
    """What is wrong with a file as received. It is kept all the same."""

    EMPTY = "empty", "空文件"
    TRUNCATED = "truncated", "文件不完整"
    DAMAGED = "damaged", "文件损坏"
    MISNAMED = "misnamed", "文件名与内容不符"
    NOT_MEDIA = "not_media", "不是音像文件"
    MEDIUM = "medium", "存储介质上的内容与入库时不符"


class RecordingQuerySet(VisibleQuerySet):
    stream_prefix = "recording"

    def visible_to(self, official: Official) -> Self:
        """Recordings of the official's units, of cases opened to them, and single recordings opened to them."""
        return self.filter(
            Q(unit__in=official.unit_ids)
            | Q(case__in=granted_ids(official, "case"))
            | Q(pk__in=granted_ids(official, self.stream_prefix))
        )

    def stored(self) -> Self:
        return self.filter(file__isnull=False)


class Recording(models.Model):
    """One recording of one evidence act. Registered when it was made, then handed in, probed and indexed.

    What was received (file, digests, size, moment) is never changed again: a trigger refuses it, and every deletion.
    """

    LAW_FIELDS: ClassVar = CASE_FIELDS

    class Probe(models.TextChoices):
        NONE = "", "未检查"
        WAITING = "waiting", "正在检查"
        DONE = "done", "已检查"
        FAILED = "failed", "未能检查"

    class Work(models.TextChoices):
        """How the work went on that it was made at: whether it could be handed in that day, or only after the return to the unit."""

        DAY = "day", "当天收工"
        CONTINUOUS = "continuous", "连续工作"
        ELSEWHERE = "elsewhere", "异地工作"
        REMOTE = "remote", "在边远、交通不便地区执法"

    class Fault(models.TextChoices):
        """Technical reasons; others do not excuse a break (plan 6, measures 16)."""

        POWER = "power", "电量耗尽"
        STORAGE = "storage", "存储空间已满"
        DEVICE = "device", "设备故障"
        SIGNAL = "signal", "信号或者环境干扰"
        FILE = "file", "文件在设备上已经损坏"
        OTHER = "other", "其他技术原因"

    case = models.ForeignKey("enforcement.Case", models.PROTECT, related_name="recordings", verbose_name="案件")
    act = models.ForeignKey(
        "enforcement.EvidenceAct", models.PROTECT, related_name="recording_files", verbose_name="取证行为"
    )
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="承办科室")
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="recordings", verbose_name="设备"
    )
    sequence = models.PositiveSmallIntegerField("片段")
    state = models.CharField("状态", max_length=10, choices=RecordingState, default=RecordingState.MADE)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录制人")
    started_at = models.DateTimeField("录制开始")
    # The end of recording: when it came into being (形成), day 0 of the hand-in.
    made_at = models.DateTimeField("录制结束（形成）")
    last_step_at = models.DateTimeField()
    work = models.CharField("工作情形", max_length=10, choices=Work, default=Work.DAY)
    # The end of that day's work; of work away from the unit, the return to it. Asked where the law of the unit counts from it.
    work_ended_at = models.DateTimeField("收工或者返回时间", null=True, blank=True)
    handed_over_at = models.DateTimeField("交专人保管时间", null=True, blank=True)
    handed_over_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="保管人"
    )

    file = models.ForeignKey("core.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)
    sm3 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField("大小", null=True, blank=True)
    stored_at = models.DateTimeField("入库时间", null=True, blank=True)
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="入库人"
    )

    probe = models.CharField(max_length=8, choices=Probe, default=Probe.NONE, blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    container = models.CharField("封装格式", max_length=60, blank=True)
    codecs = models.CharField("编码", max_length=120, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    duration = models.FloatField("时长（秒）", null=True, blank=True)
    # What the device claims; no proof.
    claimed_at = models.DateTimeField("设备记录的时间", null=True, blank=True)
    flags = ArrayField(models.CharField(max_length=10, choices=Flag), default=list, blank=True)
    findings = models.JSONField("检查发现", default=list, blank=True)
    # Breaks inside the file: [{"at": seconds from the start, "seconds": length}].
    gaps = models.JSONField("中断", default=list, blank=True)
    # The break between the part before and this one.
    pause_before = models.PositiveIntegerField("与前一片段之间的中断（秒）", default=0)

    fault = models.CharField("技术原因", max_length=10, choices=Fault, blank=True)
    fault_reason = models.TextField("原因说明", blank=True)
    fault_explained_at = models.DateTimeField(null=True, blank=True)
    fault_explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What was known when the reason was given: a break found later needs its own.
    explained_seconds = models.PositiveIntegerField(default=0)
    explained_flags = ArrayField(models.CharField(max_length=10), default=list, blank=True)

    place = models.CharField("地点", max_length=200, blank=True)
    scene = models.CharField("场景", max_length=200, blank=True)
    participants = models.CharField("参与人员", max_length=300, blank=True)
    violation = models.CharField("违法违规行为", max_length=300, blank=True)
    # Made by the database, for the search.
    search_text = models.GeneratedField(
        expression=Concat("place", Value(" "), "participants"), output_field=models.TextField(), db_persist=True
    )
    index_completed_at = models.DateTimeField("索引完成时间", null=True, blank=True)
    indexed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    verified_at = models.DateTimeField("最近核对时间", null=True, blank=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "音像记录"
        ordering = ("act", "sequence")
        indexes = [
            models.Index("unit", F("made_at").desc(), F("id").desc(), name="recordings_of_a_unit_by_day"),
            models.Index(F("verified_at").asc(nulls_first=True), "id", name="recordings_by_verification"),
            models.Index("case", "made_at", name="recordings_of_a_case"),
            GinIndex(Grams("search_text"), name="recordings_by_their_characters"),
        ]
        constraints = [
            models.UniqueConstraint(name="one_recording_per_act_and_sequence", fields=["act", "sequence"]),
            models.CheckConstraint(name="a_recording_ends_after_it_starts", condition=Q(made_at__gte=F("started_at"))),
            models.CheckConstraint(
                name="the_days_work_ends_after_its_recording",
                condition=Q(work_ended_at__isnull=True) | Q(work_ended_at__gte=F("made_at")),
            ),
            models.CheckConstraint(
                name="a_recording_is_handed_over_to_somebody_after_it_was_made",
                condition=Q(handed_over_at__isnull=True, handed_over_to__isnull=True)
                | Q(handed_over_at__gte=F("made_at"), handed_over_to__isnull=False),
            ),
            models.CheckConstraint(
                name="a_stored_recording_has_file_digests_and_moment_weihai_17",
                condition=(
                    Q(state="made", file__isnull=True, stored_at__isnull=True, sha256="", size__isnull=True)
                    | Q(file__isnull=False, stored_at__isnull=False, stored_by__isnull=False, size__isnull=False)
                    & ~Q(state="made")
                    & ~Q(sha256="")
                    & ~Q(sm3="")
                ),
            ),
            models.CheckConstraint(
                name="an_indexed_recording_has_its_five_elements_weihai_16",
                condition=~Q(state="indexed")
                | (
                    ~Q(place="")
                    & ~Q(scene="")
                    & ~Q(participants="")
                    & ~Q(violation="")
                    & Q(index_completed_at__isnull=False, indexed_by__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="an_explained_break_has_its_technical_reason_weihai_16",
                condition=Q(fault_explained_at__isnull=True) | (~Q(fault="") & ~Q(fault_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act.get_kind_display()}录像 片段{self.sequence}"

    def get_absolute_url(self) -> str:
        return addresses.of_row("recording:list", self.pk)

    def step_url(self, key: str) -> str:
        return reverse("recording:step", args=[self.pk, key])

    @property
    def explain_url(self) -> str:
        return reverse("recording:explain", args=[self.pk])

    @property
    def work_end_url(self) -> str:
        return reverse("recording:work_end", args=[self.pk])

    @property
    def stream(self) -> str:
        return f"recording:{self.pk}"

    def as_subject(self) -> Subject:
        return Subject(stream=self.stream, title=f"{self.case.title} {self}", url=self.get_absolute_url())

    def law_fields(self) -> dict[str, object]:
        """What the rulebook's gates may match on."""
        fields: dict[str, object] = self.case.law_fields()
        return fields

    @property
    def is_stored(self) -> bool:
        return self.file_id is not None

    @property
    def is_away(self) -> bool:
        """Whether it was made at work after which it can only be handed in once back at the unit."""
        return self.work != self.Work.DAY

    @property
    def awaits_return(self) -> bool:
        """Whether nobody has said yet that they are back; the time to hand it in runs from there."""
        return self.is_away and self.work_ended_at is None and not self.is_stored

    @property
    def gap_seconds(self) -> int:
        """Every break that belongs to this recording, in whole seconds (begun ones count)."""
        inside = sum(float(gap["seconds"]) for gap in self.gaps)
        return int(inside) + (inside % 1 > 0) + self.pause_before

    @property
    def needs_explanation(self) -> bool:
        """A break or a fault of the file that nobody has given the technical reason of."""
        return bool(self.unexplained)

    @property
    def unexplained(self) -> str:
        """In words what still wants its technical reason: a break, a fault of the file, or both; empty when nothing does."""
        interrupted = self.gap_seconds > self.explained_seconds
        faulty = not self.faults <= set(self.explained_flags)
        return "和".join(word for word, wants in (("录像中断", interrupted), ("录像文件异常", faulty)) if wants)

    @property
    def faults(self) -> set[str]:
        """What was wrong with the file as received; a medium that fails later is not its fault."""
        return set(self.flags) - {Flag.MEDIUM}

    @property
    def has_failed_medium(self) -> bool:
        return Flag.MEDIUM in self.flags

    @property
    def flag_labels(self) -> list[str]:
        return [str(Flag(flag).label) for flag in self.flags]

    @property
    def is_playable(self) -> bool:
        """Whether a browser may be asked to play it: probed, and of a type we name ourselves."""
        return self.probe == self.Probe.DONE and bool(self.content_type) and Flag.NOT_MEDIA not in self.flags

    @property
    def length(self) -> str:
        """How long the file plays, in words."""
        return length_in_words(self.duration or 0)

    @property
    def troubles(self) -> list[str]:
        """What is wrong, in sentences: the file's faults, the breaks inside it, the break before it."""
        said = [str(finding) for finding in self.findings]
        if self.gaps:
            inside = length_in_words(sum(float(gap["seconds"]) for gap in self.gaps))
            said.append(f"录像中有{len(self.gaps)}处中断，共{inside}")
        if self.pause_before:
            said.append(f"与前一片段之间中断{length_in_words(self.pause_before)}")
        return said

    @property
    def explained_under(self) -> tuple[Any, ...]:
        """The articles that want a break explained, as they bind here."""
        rules = law.gates(
            "recordings_explained", unit_id=self.unit_id, on=timezone.localdate(self.made_at), fields=self.law_fields()
        )
        return tuple(law.cite(rule.id, self.unit_id) for rule in rules)


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, official: Official) -> Self:
        return self.filter(official=official)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Upload(models.Model):
    """A resumable upload under way (tus 1.0). Its bytes wait on the store's own disk; nobody but its official reaches it."""

    LIFE: ClassVar = timedelta(hours=48)

    token = models.CharField(max_length=40, unique=True, default=new_token)
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    act = models.ForeignKey("enforcement.EvidenceAct", models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=255)
    size = models.PositiveBigIntegerField("大小")
    offset = models.PositiveBigIntegerField("已收到", default=0)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上传"
        indexes = [models.Index(fields=["expires_at"])]
        constraints = [
            models.CheckConstraint(name="an_upload_is_never_longer_than_announced", condition=Q(offset__lte=F("size")))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        return self.offset == self.size


class AccessState(models.TextChoices):
    REQUESTED = "requested", "待审批"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def visible_to(self, official: Official) -> Self:
        """One's own, and those on recordings of units one works in or leads."""
        return self.filter(Q(requester=official) | Q(unit__in=official.unit_ids))

    def waiting(self) -> Self:
        return self.filter(state=AccessState.REQUESTED)


class AccessRequest(models.Model):
    """Somebody who does not handle the case asks to see a recording (plan 6: 调用音像记录资料审批制度)."""

    recording = models.ForeignKey(Recording, models.PROTECT, related_name="access_requests")
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    purpose = models.TextField("调阅事由")
    until = models.DateField("调阅至")
    state = models.CharField("状态", max_length=10, choices=AccessState, default=AccessState.REQUESTED)
    requested_at = models.DateTimeField("申请时间")
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    remarks = models.TextField("审批意见", blank=True)
    last_step_at = models.DateTimeField()

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "音像调阅申请"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                name="one_open_request_per_official_and_recording",
                fields=["recording", "requester"],
                condition=Q(state="requested"),
            ),
            models.CheckConstraint(
                name="nobody_approves_their_own_request_plan_6",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requester")),
            ),
            models.CheckConstraint(
                name="a_decided_request_has_who_and_when",
                condition=Q(state="requested") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_refused_request_has_its_reason", condition=~Q(state="refused") | ~Q(remarks="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requester}调阅{self.recording}"

    def get_absolute_url(self) -> str:
        return reverse("recording:access", args=[self.pk])

    @property
    def stream(self) -> str:
        """What happens to it stands in the chain of its recording."""
        return self.recording.stream

    def step_url(self, key: str) -> str:
        return reverse("recording:access_step", args=[self.pk, key])

    def law_fields(self) -> dict[str, Any]:
        return self.recording.law_fields()
