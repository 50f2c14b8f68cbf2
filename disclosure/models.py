"""Notices: the redacted public copy of a decision, its review, publication and withdrawal."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import IsNull
from django.urls import reverse

from core import addresses
from core.access import VisibleQuerySet
from core.facts import Subject
from core.search import Grams
from rulebook.conditions import Fields, one_of

if TYPE_CHECKING:
    from agency.models import Official

WAN = Decimal(10_000)

# The fields of a penalty in the credit-information exchange, in their order.
EXCHANGE_CODES = (
    "CF_XDR_MC", "CF_XDR_LB", "CF_XDR_SHXYM", "CF_XDR_GSZC", "CF_XDR_ZZJG", "CF_XDR_SWDJ", "CF_XDR_SYDW", "CF_XDR_SHZZ",
    "CF_FRDB", "CF_FR_ZJLX", "CF_FR_ZJHM", "CF_XDR_ZJLX", "CF_XDR_ZJHM", "CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB",
    "CF_NR", "CF_NR_FK", "CF_NR_WFFF", "CF_NR_ZKDX", "CF_JDRQ", "CF_YXQ", "CF_GSJZQ", "CF_CFJG", "CF_CFJGDM", "CF_SJLY",
    "CF_SJLYDM", "BZ",
)  # fmt: skip


class NoticeState(models.TextChoices):
    DRAFT = "draft", "待送审"
    IN_REVIEW = "in_review", "公示审核中"
    EXCLUSION_REVIEW = "exclusion_review", "不予公开审核中"
    PUBLISHED = "published", "已公示"
    WITHHELD = "withheld", "不予公开"
    WITHDRAWN = "withdrawn", "已撤回"
    CANCELLED = "cancelled", "已终止"


class NoticeQuerySet(VisibleQuerySet):
    stream_prefix = "notice"

    def published(self) -> Self:
        """What the public may read: nothing else ever reaches a public page, feed, search or export."""
        return self.filter(state=NoticeState.PUBLISHED)

    def unsettled(self) -> Self:
        return self.filter(state__in=Notice.UNSETTLED)


class Notice(models.Model):
    """One notice of one decision. `case_id` is a plain number: the public site reads this table and no case.

    The text columns are the public text and hold no more of a person than may be published. They change in a draft only
    (a trigger refuses it later), so what was reviewed is what stands there.
    """

    UNSETTLED: ClassVar = (NoticeState.DRAFT, NoticeState.IN_REVIEW, NoticeState.EXCLUSION_REVIEW)
    REVIEWED: ClassVar = (NoticeState.PUBLISHED, NoticeState.WITHHELD, NoticeState.WITHDRAWN)
    # Free text, the only part a person may edit before it is reviewed.
    EDITABLE: ClassVar = ("facts", "basis", "content")
    # Every text that the public reads and a person may stand in.
    PUBLISHED_TEXTS: ClassVar = (
        "title", "party_name", "legal_representative", "violation", *EDITABLE, "penalty_kinds", "correction_reason",
    )  # fmt: skip

    class Kind(models.TextChoices):
        PENALTY = "penalty", "行政处罚"

    class Category(models.TextChoices):
        NATURAL_PERSON = "natural_person", "自然人"
        ORGANISATION = "organisation", "法人及非法人组织"
        SELF_EMPLOYED = "self_employed", "个体工商户"

    class Ground(models.TextChoices):
        STATE_SECRET = "state_secret", "国家秘密"
        TRADE_SECRET = "trade_secret", "商业秘密"
        PRIVACY = "privacy", "个人隐私"

    # As law_fields() gives them.
    LAW_FIELDS: ClassVar[Fields] = {"act_kind": one_of(Kind.choices), "party_category": one_of(Category.choices)}

    case_id = models.BigIntegerField("案卷")
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="承办科室")
    kind = models.CharField("信息种类", max_length=20, choices=Kind, default=Kind.PENALTY)
    state = models.CharField("状态", max_length=20, choices=NoticeState, default=NoticeState.DRAFT)

    title = models.CharField("标题", max_length=400)
    party_name = models.CharField("行政相对人名称", max_length=200)
    party_category = models.CharField("行政相对人类别", max_length=20, choices=Category)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    legal_representative = models.CharField("法定代表人", max_length=80, blank=True)
    number = models.CharField("行政处罚决定书文号", max_length=60)
    violation = models.CharField("违法行为类型", max_length=120)
    facts = models.TextField("违法事实")
    basis = models.TextField("处罚依据")
    penalty_kinds = models.CharField("处罚类别", max_length=120)
    content = models.TextField("处罚内容")
    fine = models.DecimalField("罚款金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    decided_on = models.DateField("处罚决定日期")
    agency_name = models.CharField("处罚机关", max_length=120)
    agency_code = models.CharField("处罚机关统一社会信用代码", max_length=18, blank=True)

    # What was masked and why, per field; never what stood there.
    redactions = models.JSONField(default=list)
    # Who investigated the case, and who prepared or changed this text: none of them may review it.
    prepared_by = ArrayField(models.BigIntegerField())
    decided_at = models.DateTimeField("决定时间")
    drafted_at = models.DateTimeField("拟稿时间")
    last_step_at = models.DateTimeField()
    submitted_at = models.DateTimeField("送审时间", null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    remarks = models.TextField("最近一次退回意见", blank=True)
    published_at = models.DateTimeField("公示时间", null=True, blank=True)
    exclusion_ground = models.CharField("不予公开的情形", max_length=20, choices=Ground, blank=True)
    exclusion_reason = models.TextField("不予公开的理由", blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawal_reason = models.TextField("撤回理由", blank=True)
    # A corrected notice takes the place of a withdrawn one; what was wrong there is public.
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replacement", verbose_name="更正的公示"
    )
    correction_reason = models.TextField("更正说明", blank=True, default="", db_default="")
    # Written by services.note_revocation only.
    decision_revoked_at = models.DateTimeField("处罚决定撤销时间", null=True, blank=True)

    # What the public search looks in: filled when published, emptied when withdrawn.
    search_text = models.TextField(blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示信息"
        indexes = [
            models.Index("case_id", name="notices_of_a_case"),
            models.Index("unit", F("last_step_at").desc(), F("id").desc(), name="notices_of_a_unit_by_last_step"),
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="published_notices_by_day",
                condition=Q(state="published"),
            ),
            models.Index(
                "violation",
                F("published_at").desc(),
                F("id").desc(),
                name="published_by_violation",
                condition=Q(state="published"),
            ),
            models.Index("decided_on", name="published_by_decision_day", condition=Q(state="published")),
            GinIndex(Grams("search_text"), name="published_words", condition=Q(state="published")),
            models.Index(
                "state", name="unsettled_notices", condition=Q(state__in=["draft", "in_review", "exclusion_review"])
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_notice_of_a_kind_per_case", fields=["case_id", "kind"], condition=~Q(state="withdrawn")
            ),
            models.CheckConstraint(
                name="a_correction_says_what_was_wrong",
                condition=Q(replaces__isnull=True, correction_reason="")
                | (Q(replaces__isnull=False) & ~Q(correction_reason="")),
                violation_error_message="更正公示须公开说明更正的内容和理由",
            ),
            models.CheckConstraint(
                name="nothing_is_published_unreviewed",
                condition=~Q(state__in=["published", "withheld", "withdrawn"])
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                violation_error_message="未经审核的执法信息不得公示",
            ),
            models.CheckConstraint(
                name="nobody_reviews_what_they_prepared",
                condition=IsNull(
                    Func(
                        F("prepared_by"),
                        F("reviewed_by"),
                        function="array_position",
                        output_field=models.IntegerField(),
                    ),
                    True,
                ),
                violation_error_message="承办人员和拟稿、送审人员不得审核本件",
            ),
            models.CheckConstraint(
                name="published_has_its_moment",
                condition=~Q(state__in=["published", "withdrawn"]) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_exclusion_is_reasoned_weihai_15",
                condition=~Q(state__in=["exclusion_review", "withheld"])
                | (Q(exclusion_ground__in=["state_secret", "trade_secret", "privacy"]) & ~Q(exclusion_reason="")),
                violation_error_message="不予公开须写明法定情形和理由",
            ),
            models.CheckConstraint(
                name="a_withdrawal_says_why_penalty_law_48",
                condition=~Q(state="withdrawn")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason="")),
                violation_error_message="撤回公示须公开说明理由（行政处罚法第四十八条）",
            ),
            models.CheckConstraint(
                name="only_published_text_is_searched", condition=Q(state="published") | Q(search_text="")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return addresses.of_row("disclosure:list", self.pk)

    def step_url(self, key: str) -> str:
        return reverse("disclosure:step", args=[self.pk, key])

    @property
    def public_url(self) -> str:
        return reverse("public:notice", args=[self.pk])

    @property
    def stream(self) -> str:
        return f"notice:{self.pk}"

    @property
    def case_stream(self) -> str:
        return f"case:{self.case_id}"

    def as_subject(self) -> Subject:
        return Subject(stream=self.stream, title=self.title, url=self.get_absolute_url())

    def law_fields(self) -> dict[str, object]:
        """What the rulebook's gates may match on."""
        return {"act_kind": self.kind, "party_category": self.party_category}

    def was_prepared_by(self, official: Official) -> bool:
        return official.pk in self.prepared_by

    @property
    def masked(self) -> int:
        """How many places were masked when it was drafted."""
        return sum(entry["count"] for entry in self.redactions)

    @property
    def is_published(self) -> bool:
        return self.state == NoticeState.PUBLISHED

    @property
    def fine_wan(self) -> str:
        """The fine in 万元 with six decimals, as the exchange wants it; empty where there is none."""
        return "" if self.fine is None else f"{self.fine / WAN:.6f}"

    def exchange_fields(self) -> dict[str, str]:
        """The public text by the field codes of the credit-information exchange, in their order.

        Identity documents are never copied here; a closing day of publication (CF_GSJZQ) stands in none of our
        sources. They and whatever else we do not hold stay empty.
        """
        held = {
            "CF_XDR_MC": self.party_name,
            "CF_XDR_LB": str(self.get_party_category_display()),
            "CF_XDR_SHXYM": self.credit_code,
            "CF_FRDB": self.legal_representative,
            "CF_WSH": self.number,
            "CF_WFXW": self.violation,
            "CF_SY": self.facts,
            "CF_YJ": self.basis,
            "CF_CFLB": self.penalty_kinds,
            "CF_NR": self.content,
            "CF_NR_FK": self.fine_wan,
            "CF_JDRQ": self.decided_on.isoformat(),
            "CF_CFJG": self.agency_name,
            "CF_CFJGDM": self.agency_code,
            "CF_SJLY": self.agency_name,
            "CF_SJLYDM": self.agency_code,
            "BZ": f"更正公示：{self.correction_reason}" if self.correction_reason else "",
        }
        return {code: held.get(code, "") for code in EXCHANGE_CODES}

    def canonical_text(self) -> str:
        """The public text in one line of JSON with sorted keys: what is digested, and what readers digest again."""
        return json.dumps(self.exchange_fields(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def text_digest(self) -> str:
        return hashlib.sha256(self.canonical_text().encode()).hexdigest()

    def words(self) -> str:
        """What the public search finds this notice by."""
        return "\n".join((self.party_name, self.credit_code, self.number, self.violation, self.facts, self.content))

    @property
    def is_being_corrected(self) -> bool:
        return Notice.objects.filter(replaces=self).exists()

    def published_texts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.PUBLISHED_TEXTS}

    def free_text(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.EDITABLE}


class NoticeEdit(models.Model):
    """One change of a public text before its review: what stood there, what stands there now, by whom."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="edits")
    field = models.CharField(max_length=20)
    before = models.TextField()
    after = models.TextField()
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "公示文本修改"
        ordering = ("edited_at", "pk")
        constraints = [models.CheckConstraint(name="an_edit_changes_something", condition=~Q(before=F("after")))]

    def __str__(self) -> str:
        return f"{self.label} {self.edited_at:%Y-%m-%d}"

    @property
    def label(self) -> str:
        return str(Notice._meta.get_field(self.field).verbose_name)  # type: ignore[union-attr]


def public_field_labels() -> dict[str, Any]:
    """Labels of the public text's columns, in the order in which pages show them."""
    shown = (
        "party_name", "party_category", "credit_code", "legal_representative", "number", "violation",
        "facts", "basis", "penalty_kinds", "content", "decided_on", "agency_name", "agency_code",
    )  # fmt: skip
    return {name: Notice._meta.get_field(name).verbose_name for name in shown}  # type: ignore[union-attr]
