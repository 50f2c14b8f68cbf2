"""The case file: one penalty under the ordinary procedure, from its source to its closing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from core import addresses
from core.access import VisibleQuerySet
from core.facts import Subject
from core.models import Duty
from core.search import Grams, matching
from enforcement.matter import CASE_FIELDS
from enforcement.violations import Violation, catalogue

if TYPE_CHECKING:
    from agency.models import Official


class CaseState(models.TextChoices):
    REGISTERED = "registered", "案源登记"
    PROPOSED = "proposed", "待批准立案"
    INVESTIGATING = "investigating", "调查取证"
    CONCLUDED = "concluded", "调查终结"
    NOTIFIED = "notified", "已告知"
    DECIDED = "decided", "已决定"
    SERVED = "served", "已送达"
    PERFORMED = "performed", "已履行"
    CLOSED = "closed", "已结案"
    NOT_FILED = "not_filed", "不予立案"
    DISMISSED = "dismissed", "不予处罚、撤销立案"
    REVOKED = "revoked", "决定已撤销"


class ActEnd(models.TextChoices):
    """How the act stands to its end, from which its limitation runs (Penalty Law 36); empty while nobody stated it."""

    ENDED = "ended", "已经终了"
    CONTINUES = "continues", "仍在连续或者继续"


class GraveHarm(models.TextChoices):
    """The matters of which the Penalty Law's article 36 makes the two years five, where harm was done."""

    LIFE_AND_HEALTH = "life_and_health", "涉及公民生命健康安全且有危害后果"
    FINANCE = "finance", "涉及金融安全且有危害后果"


class CaseQuerySet(VisibleQuerySet):
    stream_prefix = "case"

    def under_way(self) -> Self:
        return self.exclude(state__in=Case.ENDED)

    def with_words(self, query: str) -> Self:
        """Cases with every word of the query in their numbers, title or the party's code."""
        return self.filter(pk__in=matching(Case.objects.all(), "search_text", query).values("pk"))

    def of_officer(self, official: Official) -> Self:
        return self.filter(pk__in=CaseOfficer.objects.filter(official=official).values("case"))


class Case(models.Model):
    """One case. Its state and moments are moved by enforcement.services only; a trigger repeats the procedure's edges."""

    LAW_FIELDS: ClassVar = CASE_FIELDS
    ENDED: ClassVar = (CaseState.CLOSED, CaseState.NOT_FILED, CaseState.DISMISSED, CaseState.REVOKED)
    # The one result of legal review that lets a decision be made; anything else blocks it.
    AGREED: ClassVar = "agree"

    number = models.CharField("案号", max_length=60, blank=True)
    title = models.CharField("案由", max_length=300)
    # What `words` said last.
    search_text = models.TextField(default="")
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="承办科室")
    act_kind = models.CharField("行为种类", max_length=20, default="penalty")
    source = models.OneToOneField("enforcement.Source", models.PROTECT, related_name="case")
    party = models.OneToOneField("enforcement.Party", models.PROTECT, related_name="case")
    violation = models.CharField("涉嫌违法行为", max_length=40)
    # What the conclusion of the investigation found instead of the suspicion, or the same.
    established = models.CharField("认定违法行为", max_length=40, blank=True, default="", db_default="")
    state = models.CharField("状态", max_length=20, choices=CaseState, default=CaseState.REGISTERED)

    registered_at = models.DateTimeField("登记时间")
    proposed_at = models.DateTimeField(null=True, blank=True)
    filed_at = models.DateTimeField("立案时间", null=True, blank=True)
    concluded_at = models.DateTimeField("调查终结时间", null=True, blank=True)
    notified_at = models.DateTimeField("告知时间", null=True, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    served_at = models.DateTimeField("送达时间", null=True, blank=True)
    performed_at = models.DateTimeField("履行时间", null=True, blank=True)
    ended_at = models.DateTimeField("结案时间", null=True, blank=True)
    # The moment of the latest step, and of the latest step that changed the state.
    last_step_at = models.DateTimeField()
    state_since = models.DateTimeField()

    # Begun on the spot because it could not wait; the approval is made up (where a rule of the unit knows this).
    urgently_started_at = models.DateTimeField("紧急当场启动时间", null=True, blank=True)
    initiation_reason = models.TextField("立案理由", blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    remarks = models.TextField("最近一次退回意见", blank=True)
    performance_note = models.TextField("执行情况", blank=True)
    end_ground = models.CharField(max_length=40, blank=True)
    end_reason = models.TextField("终结理由", blank=True)
    # A closed case keeps how it was closed when its decision is revoked afterwards.
    revoked_at = models.DateTimeField("撤销时间", null=True, blank=True)
    revoke_reason = models.TextField("撤销理由", blank=True, default="", db_default="")

    # What an officer stated of the act's end; a later statement takes the place of an earlier one, whose words stay with its fact.
    act_end = models.CharField("违法行为", max_length=10, choices=ActEnd, blank=True, default="", db_default="")
    act_ended_on = models.DateField("违法行为终了之日", null=True, blank=True)
    act_end_basis = models.TextField("认定依据", blank=True, default="", db_default="")
    grave_harm = models.CharField(
        "延长时效的情形", max_length=20, choices=GraveHarm, blank=True, default="", db_default=""
    )
    grave_reason = models.TextField("危害后果", blank=True, default="", db_default="")
    # Where the act was discovered elsewhere before the source came here; else the source's own moment counts.
    discovered_at = models.DateTimeField("此前被发现的时间", null=True, blank=True)

    # The last day of the party's terms for review and suit, as an officer stated it.
    remedies_ended_on = models.DateField("复议、诉讼期限届满之日", null=True, blank=True)
    remedies_basis = models.TextField("期限届满的依据", blank=True, default="", db_default="")

    surcharge_since = models.DateField("加处罚款起算日", null=True, blank=True)
    is_complex = models.BooleanField("情节复杂", default=False)
    is_major = models.BooleanField("重大执法决定", default=False)
    major_grounds = models.JSONField(default=list)
    # Written by services.note_review_result only.
    review_result = models.CharField(max_length=20, blank=True)
    review_agreed_at = models.DateTimeField(null=True, blank=True)
    review_text_digest = models.CharField(max_length=64, blank=True)

    objects = CaseQuerySet.as_manager()

    # Every duty that hangs on the case, where enforcement.selectors.open_file read it.
    duties_read: list[Duty] | None = None

    class Meta:
        verbose_name = verbose_name_plural = "案卷"
        indexes = [
            GinIndex(Grams("search_text"), name="cases_by_their_characters"),
            models.Index("unit", F("last_step_at").desc(), F("id").desc(), name="cases_of_a_unit_by_last_step"),
            models.Index("unit", F("registered_at").desc(), F("id").desc(), name="cases_of_a_unit_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(name="a_case_number_is_given_once", fields=["number"], condition=~Q(number="")),
            models.CheckConstraint(
                name="no_major_decision_without_agreed_review_penalty_law_58",
                condition=Q(decided_at__isnull=True) | Q(is_major=False) | Q(review_agreed_at__isnull=False),
                violation_error_message="重大执法决定未经法制审核同意，不得作出（行政处罚法第五十八条）",
            ),
            models.CheckConstraint(
                name="no_decision_before_notice_penalty_law_44",
                condition=Q(decided_at__isnull=True) | Q(notified_at__isnull=False, notified_at__lte=F("decided_at")),
                violation_error_message="未告知当事人，不得作出处罚决定（行政处罚法第四十四条）",
            ),
            models.CheckConstraint(
                name="no_investigation_before_filing_penalty_law_54",
                condition=Q(filed_at__isnull=False) | Q(state__in=["registered", "proposed", "not_filed"]),
            ),
            models.CheckConstraint(
                name="a_decided_case_has_its_decision_moment_penalty_law_57",
                condition=Q(decided_at__isnull=False) | ~Q(state__in=["decided", "served", "performed", "closed"]),
            ),
            models.CheckConstraint(
                name="no_service_before_decision_penalty_law_61",
                condition=Q(served_at__isnull=True) | Q(decided_at__isnull=False, decided_at__lte=F("served_at")),
            ),
            models.CheckConstraint(
                name="nobody_files_the_case_they_proposed",
                condition=Q(filed_by__isnull=True) | ~Q(filed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="an_ended_case_has_its_moment",
                condition=Q(ended_at__isnull=False) | ~Q(state__in=["closed", "not_filed", "dismissed", "revoked"]),
            ),
            models.CheckConstraint(
                name="an_act_that_ended_has_its_day_penalty_law_36",
                condition=Q(act_end="ended", act_ended_on__isnull=False)
                | (~Q(act_end="ended") & Q(act_ended_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_longer_limitation_says_which_and_why_penalty_law_36",
                condition=Q(grave_harm="", grave_reason="") | (~Q(grave_harm="") & ~Q(grave_reason="")),
            ),
            models.CheckConstraint(
                name="terms_that_ran_out_have_their_basis_coercion_law_53",
                condition=Q(remedies_ended_on__isnull=True, remedies_basis="")
                | Q(remedies_ended_on__isnull=False, served_at__isnull=False) & ~Q(remedies_basis=""),
            ),
            models.CheckConstraint(
                name="a_revoked_case_has_its_moment", condition=Q(revoked_at__isnull=False) | ~Q(state="revoked")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.url_of(self.pk)

    @staticmethod
    def url_of(pk: int) -> str:
        """The address of a case that was not read as a whole."""
        return addresses.of_row("enforcement:cases", pk)

    def step_url(self, key: str) -> str:
        return reverse("enforcement:step", args=[self.pk, key])

    @property
    def stream(self) -> str:
        return self.stream_of(self.pk)

    @staticmethod
    def stream_of(pk: int) -> str:
        """The chain of a case that was not read as a whole."""
        return f"case:{pk}"

    @property
    def label(self) -> str:
        """The case number; before filing, the number of the source."""
        return self.number or self.source.number

    @property
    def suspected(self) -> Violation:
        """What the case was filed for: orders to correct speak of it."""
        return catalogue()[self.violation]

    @property
    def punished(self) -> Violation:
        """What the investigation established; before its end, what is suspected."""
        return catalogue()[self.established or self.violation]

    @property
    def is_ended(self) -> bool:
        return self.state in self.ENDED

    @property
    def first_discovered_at(self) -> datetime:
        """When the act was discovered, complained of or reported: the source says it, or what came before the source."""
        received: datetime = self.source.received_at
        return min(received, self.discovered_at) if self.discovered_at else received

    @property
    def investigated_from(self) -> datetime | None:
        """The earliest moment of an act of evidence-taking: the filing, or the urgent start before it."""
        return self.urgently_started_at or self.filed_at

    @property
    def awaits_decision(self) -> bool:
        """The party knows its rights and nothing is decided: the text may be drafted, reviewed and signed."""
        return self.state == CaseState.NOTIFIED

    @property
    def disobeyed_an_order(self) -> bool:
        """A verification found that an order to correct was not obeyed in time."""
        return any(order.result == "not_obeyed" for order in self.corrections.all())

    def words(self) -> str:
        """What the search knows a case by: its numbers, title, suspicion and the party's code. Every act that changes one of them asks again."""
        decision = getattr(self, "decision", None)
        suspicion = "" if self.suspected is self.punished else self.suspected.title
        parts = (decision.number if decision else "", self.number, self.source.number, self.title, suspicion)
        return " ".join(part for part in (*parts, self.party.credit_code) if part)

    def keep_words(self) -> None:
        self.search_text = self.words()
        self.save(update_fields=["search_text"])

    def as_subject(self) -> Subject:
        return Subject(stream=self.stream, title=self.title, url=self.get_absolute_url())

    def handled_by(self, official: Official) -> bool:
        """Whether the official investigates this case or proposed it."""
        return self.proposed_by_id == official.pk or any(row.official_id == official.pk for row in self.officers.all())

    @property
    def draft(self) -> Any:
        """The present draft of the decision, or None."""
        return max(self.drafts.all(), key=lambda draft: draft.version, default=None)

    @property
    def notice(self) -> Any:
        """The latest notice of rights, or None."""
        return max(self.notices.all(), key=lambda notice: (notice.served_at, notice.pk), default=None)

    @property
    def awaits_hearing(self) -> bool:
        """The party asked for a hearing on the latest notice, and none was held since (Penalty Law 63)."""
        answers = self.notice.answers.all() if self.notice else ()
        asked = [answer.answered_at for answer in answers if answer.kind == "hearing"]
        return bool(asked) and not any(hearing.held_at >= max(asked) for hearing in self.hearings.all())

    @property
    def relied_on(self) -> list[Any]:
        """The acts whose evidence the case rests on, in order: those not excluded (Penalty Law 46)."""
        return [act for act in self.acts.all() if act.excluded_at is None]

    def duties_of_its_own(self, obligation: str) -> list[Duty]:
        """Its duties of one kind, the latest opened last; without those of its parts. A page's file brings them along."""
        read = self.duties_read if self.duties_read is not None else Duty.objects.of_anchor(self.stream)
        return sorted(
            (duty for duty in read if duty.obligation == obligation), key=lambda duty: (duty.opened_at, duty.pk)
        )

    @cached_property
    def unsettled_preservations(self) -> list[Any]:
        """Acts of registered preservation of which nobody decided yet what becomes of the evidence (Penalty Law 56)."""
        return [act for act in self.acts.all() if act.kind == "registered_preservation" and act.settled_at is None]

    def law_fields(self) -> dict[str, object]:
        """What the rulebook's gates may match on; `LAW_FIELDS` says what each may hold."""
        return {
            "act_kind": self.act_kind,
            "procedure": "ordinary",
            "is_major": self.is_major,
            "is_complex": self.is_complex,
            "violation": self.punished.key,
            "party_category": self.party.category,
            "grave_harm": bool(self.grave_harm),
        }


class CaseOfficer(models.Model):
    """Who handles the case."""

    class Part(models.TextChoices):
        LEAD = "lead", "主办"
        CO = "co", "协办"

    case = models.ForeignKey(Case, models.PROTECT, related_name="officers")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    part = models.CharField(max_length=4, choices=Part)

    class Meta:
        verbose_name = verbose_name_plural = "办案人员"
        ordering = ("-part", "pk")
        constraints = [
            models.UniqueConstraint(name="an_officer_stands_once_in_a_case", fields=["case", "official"]),
            models.UniqueConstraint(name="one_lead_officer_a_case", fields=["case"], condition=Q(part="lead")),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.official}"
