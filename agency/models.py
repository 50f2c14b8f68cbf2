"""Who: units, officials, the roles they hold and since when, and their enforcement certificates."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Final, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from agency.events import AuditEvent as AuditEvent
from agency.leave import Leave as Leave
from agency.roles import ADMINISTRATORS, OWES_FOR_UNITS, READS_UNIT_GRANTS, SEES_OWN_UNITS
from agency.roles import Role as Role
from core import together
from core.law import rulebook
from core.models import Duty, FactRecord
from core.together import Part


class Unit(models.Model):
    """A bureau, one of its sections or subordinate units, or an outside body that supervises it."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", "机关"
        SECTION = "section", "执法科室、单位"
        LEGAL = "legal", "法制科室"
        OFFICE = "office", "其他科室"
        OUTSIDE = "outside", "外部监督机构"

    name = models.CharField("名称", max_length=80, unique=True)
    short_name = models.CharField("简称", max_length=20)
    kind = models.CharField("性质", max_length=10, choices=Kind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    position = models.PositiveSmallIntegerField("排序", default=0)
    in_use_from = models.DateField(
        "启用日期",
        null=True,
        blank=True,
        help_text="在本系统启用的日期；此前已经到期的年度、季度事项不列为逾期，可以补录。空着表示不区分。",
    )
    in_use_to = models.DateField(
        "停用日期",
        null=True,
        blank=True,
        help_text="撤销、合并的单位在本系统的最后一天；此后到期的年度、季度事项不再产生，已经产生的撤销。",
    )
    profile = models.CharField(
        "规则档案",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="本单位和它的下级适用的规则档案；空着表示与上级相同。有了案卷或者期限之后不能再改。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        forget_structure()

    def clean(self) -> None:
        if self.pk and self.parent_id in self.with_descendants():
            raise ValidationError({"parent": "上级不能是本单位或者它的下级"})
        if self.in_use_from and self.in_use_to and self.in_use_to < self.in_use_from:
            raise ValidationError({"in_use_to": "停用日期不能早于启用日期"})
        if self.profile:
            refuse_unknown_profile(self.profile)
        if self.pk and self._changes_its_rules():
            raise ValidationError({"profile": "本单位或者它的下级已有案卷或者期限，适用的规则档案不能再改"})

    def _changes_its_rules(self) -> bool:
        """Whether files begun under one profile would go on under another."""
        from agency.selectors import structure

        known = structure()
        above = known.profile_of(self.parent_id) if self.parent_id else known.profile
        if known.profile_of(self.pk) == (self.profile or above):
            return False
        bound = self.with_descendants()
        return FactRecord.objects.filter(unit__in=bound).exists() or Duty.objects.filter(unit__in=bound).exists()

    @property
    def is_outside(self) -> bool:
        """Whether it stands outside the bureau, which it supervises."""
        return self.kind == self.Kind.OUTSIDE

    @property
    def profile_title(self) -> str:
        """What its own profile is called; empty where it follows the unit above."""
        return rulebook().profile(self.profile).title if self.profile else ""

    def with_descendants(self) -> list[int]:
        """Ids of this unit and everything below it."""
        return below(self.pk, children_by_parent())


def refuse_unknown_profile(profile: str) -> None:
    """Raises ValidationError at `profile` when the rulebook knows no such profile."""
    known = [each.id for each in rulebook().profiles]
    if profile not in known:
        raise ValidationError({"profile": f"没有规则档案“{profile}”，可选：{'、'.join(known)}"})


def forget_structure() -> None:
    """Let agency.selectors read the structure anew in this transaction."""
    connection.agency_structure = None  # type: ignore[attr-defined]


def children_by_parent() -> dict[int | None, list[int]]:
    """The tree of units. A bureau has dozens, so one read of all serves every question about it."""
    from agency.selectors import structure

    return structure().children


def below(unit_id: int, children: dict[int | None, list[int]]) -> list[int]:
    """Ids of a unit and everything below it, in a tree already read. A tree that bites its tail still ends."""
    found: list[int] = []
    queue = [unit_id]
    while queue:
        pk = queue.pop()
        if pk not in found:
            found.append(pk)
            queue.extend(children.get(pk, []))
    return found


class AgencyProfile(models.Model):
    """The one agency of this installation: its name, its profile of binding instruments, its document prefixes."""

    unit = models.OneToOneField(Unit, models.PROTECT, verbose_name="机关")
    profile = models.CharField("规则档案", max_length=60)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    document_prefix = models.CharField("文号机关代字", max_length=20, help_text="例如：示人社监")
    address = models.CharField("地址", max_length=200, blank=True)
    telephone = models.CharField("电话", max_length=40, blank=True)
    bank_name = models.CharField("罚款代收银行", max_length=100, blank=True)
    reconsideration_body = models.CharField("行政复议机关", max_length=100, blank=True)
    court = models.CharField("管辖法院", max_length=100, blank=True)
    # What counts as a large fine (Penalty Law 63) no law entered here says: the agency enters it. None: not entered.
    large_fine = models.DecimalField(
        "较大数额罚款的标准（元）",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="达到这一数额的罚款，应当告知听证权利（行政处罚法第六十三条）；未录入的，由承办人判断",
    )
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "机关档案"
        constraints = [
            models.UniqueConstraint(
                models.Value(1), name="one_installation_serves_one_agency", violation_error_message="本系统已经设立机关"
            )
        ]

    def __str__(self) -> str:
        return self.unit.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        forget_structure()

    @classmethod
    def current(cls) -> Self | None:
        """The agency, or None before `manage.py create_agency`."""
        return cls.objects.select_related("unit").first()


def normalised_username(typed: str) -> str:
    """One account, one spelling: full-width letters and capitals, typed with a Chinese input method, are the same name."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


class OfficialManager(BaseUserManager["Official"]):
    def create_user(
        self, username: str, name: str, unit: Unit, password: str | None = None, **extra: object
    ) -> Official:
        official = self.model(username=username, name=name, unit=unit, **extra)
        official.set_password(password)
        official.full_clean(exclude=["password"])
        official.save(using=self._db)
        return official

    def get_by_natural_key(self, username: str | None) -> Official:
        return self.get(username=normalised_username(username or ""))

    def holding(
        self, role: Role, *, unit: Unit | int | None = None, on: date | None = None
    ) -> models.QuerySet[Official]:
        """Active officials who hold `role` on the day (today by default), in the unit where one is named."""
        day = on or timezone.localdate()
        held = Appointment.objects.filter(role=role, term__contains=day)
        if unit is not None:
            held = held.filter(unit=unit)
        return self.filter(is_active=True, pk__in=held.values("official")).order_by("pk")


class Official(AbstractBaseUser):
    """A person in service, who signs in. Never deleted: files name them for decades."""

    username = models.CharField(
        "用户名",
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9._-]*\Z", "用户名只能用小写字母、数字、点、横线和下划线，以字母或数字开头")
        ],
    )
    name = models.CharField("姓名", max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="officials", verbose_name="所在单位")
    email = models.EmailField("电子邮箱", blank=True)
    mobile = models.CharField("手机", max_length=20, blank=True)
    is_active = models.BooleanField("在用", default=True)
    served_from = models.DateField("任职起", default=timezone.localdate)
    served_to = models.DateField("任职止", null=True, blank=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    # Part of every session's fingerprint: one more, and all sessions of the account are over.
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[OfficialManager] = OfficialManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        constraints = [
            models.CheckConstraint(
                name="service_ends_after_it_begins",
                condition=Q(served_to__isnull=True) | Q(served_to__gte=F("served_from")),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_sign_in(self) -> bool:
        """The account is in use and its holder in service today."""
        today = timezone.localdate()
        return self.is_active and self.served_from <= today and (self.served_to is None or today <= self.served_to)

    @cached_property
    def appointments_today(self) -> list[Appointment]:
        [held] = together.read((_HELD,), {"official": self.pk, "today": timezone.localdate()})
        return held

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles held today. Cached for one request only: the object is loaded anew for each."""
        return frozenset(a.role for a in self.appointments_today)

    def has_role(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)

    @cached_property
    def _tree(self) -> dict[int | None, list[int]]:
        return children_by_parent()

    def units_as(self, *roles: Role) -> set[int]:
        """Units in which the official holds one of `roles`, with everything below them."""
        held = {appointment.unit_id for appointment in self.appointments_today if appointment.role in roles}
        return {pk for unit_id in held for pk in below(unit_id, self._tree)}

    @cached_property
    def unit_ids(self) -> list[int]:
        """Units whose files the official may see by office; single files are opened by a core.Grant."""
        return sorted(self.units_as(*SEES_OWN_UNITS))

    @cached_property
    def owing_unit_ids(self) -> list[int]:
        """Units whose duties stand on the official's own list."""
        return sorted(self.units_as(*OWES_FOR_UNITS))

    @cached_property
    def granted_unit_ids(self) -> list[int]:
        """Units through which a grant to a unit reaches the official."""
        return sorted(self.units_as(*READS_UNIT_GRANTS))

    @property
    def is_administrator(self) -> bool:
        """One of the three who run the installation and see no case (三员)."""
        return bool(self.roles & ADMINISTRATORS)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "agency.Official.session", f"{self.password} {self.session_generation}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def is_auditor(self) -> bool:
        """Reads the ledger and the audit of accounts, and no file."""
        return self.has_role(Role.AUDITOR)

    def leads(self, unit_id: int) -> bool:
        """Whether the official is the leader in charge (分管领导) or the chief of this unit."""
        return unit_id in self.units_as(Role.LEADER, Role.CHIEF)

    def heads(self, unit_id: int) -> bool:
        return unit_id in self.units_as(Role.SECTION_HEAD)

    def approves_as(self, approver: str, unit_id: int) -> bool:
        """Whether this is whose approval a rule wants (its `approver`) for this unit: what a section head may, a leader may too; what
        the chief (主要负责人) is to approve, nobody else.
        """
        if approver == "chief":
            return unit_id in self.units_as(Role.CHIEF)
        return self.leads(unit_id) or (approver == "section_head" and self.heads(unit_id))

    def works_in(self, unit_id: int) -> bool:
        return unit_id in self.units_as(Role.SECTION_STAFF, Role.SECTION_HEAD)

    def reviews_in(self, unit_id: int) -> bool:
        """Whether the official is a legal-affairs reviewer (法制审核人员) of this legal office."""
        return unit_id in self.units_as(Role.LEGAL_REVIEWER)

    # Django's admin shows configuration only, and only to the system administrator.
    @property
    def is_staff(self) -> bool:
        return self.is_active and self.has_role(Role.SYSTEM_ADMIN)

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return self.is_staff

    def has_perms(self, perm_list: Iterable[str], obj: object | None = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def get_absolute_url(self) -> str:
        return reverse("agency:official", args=[self.pk])


class Appointment(models.Model):
    """A role held in a unit over a term. The end of a term is felt by the next request."""

    official = models.ForeignKey(Official, models.PROTECT, related_name="appointments", verbose_name="人员")
    role = models.CharField("角色", max_length=20, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位")
    term = DateRangeField("任期")

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            ExclusionConstraint(
                name="one_role_once_at_a_time",
                violation_error_message="这个人在这个单位已经担任这个角色，任期不能重叠",
                expressions=[
                    ("official", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="nobody_holds_two_administrator_roles",
                expressions=[
                    ("official", RangeOperators.EQUAL),
                    ("role", RangeOperators.NOT_EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                condition=Q(role__in=sorted(ADMINISTRATORS)),
                violation_error_message="系统管理员、安全保密管理员、审计员不得由一人兼任",
            ),
            # So that an administrator never reads a case by office.
            ExclusionConstraint(
                name="administrators_hold_no_role_in_cases",
                expressions=[
                    ("official", RangeOperators.EQUAL),
                    (
                        Case(
                            When(role__in=sorted(ADMINISTRATORS), then=Value(1)),
                            default=Value(0),
                            output_field=models.SmallIntegerField(),
                        ),
                        RangeOperators.NOT_EQUAL,
                    ),
                    ("term", RangeOperators.OVERLAPS),
                ],
                violation_error_message="管理员不得兼任办案、审核、监督等业务角色，业务人员不得兼任管理员",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.official} {self.get_role_display()} {self.unit}"

    @property
    def first_day(self) -> date | None:
        return self.term.lower if self.term else None

    @property
    def last_day(self) -> date | None:
        """The last day of the term itself (the database keeps the day after), None while no end is set."""
        return self.term.upper - timedelta(days=1) if self.term and self.term.upper else None

    @property
    def is_over(self) -> bool:
        last = self.last_day
        return bool(self.term.isempty) or (last is not None and last < timezone.localdate())

    @property
    def is_current(self) -> bool:
        return timezone.localdate() in self.term


# Asked by every page: which roles, where, today.
_HELD: Final = Part(
    Appointment,
    "t.official_id = %(official)s AND t.term @> %(today)s::date",
    only=("official", "role", "unit"),
)


class Certificate(models.Model):
    """An enforcement certificate (行政执法证 or 劳动保障监察证), valid on the days it names."""

    class Kind(models.TextChoices):
        ENFORCEMENT = "enforcement", "行政执法证"
        INSPECTION = "inspection", "劳动保障监察证"

    official = models.ForeignKey(Official, models.PROTECT, related_name="certificates", verbose_name="持证人")
    kind = models.CharField("证件", max_length=12, choices=Kind)
    number = models.CharField("证号", max_length=40, unique=True)
    valid_from = models.DateField("有效期自")
    valid_to = models.DateField("有效期至")

    class Meta:
        verbose_name = verbose_name_plural = "执法证件"
        constraints = [
            models.CheckConstraint(name="certificate_ends_after_it_begins", condition=Q(valid_to__gte=F("valid_from")))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to

    def days_left(self, today: date) -> int:
        """Days after today on which it is still valid; negative when it has expired."""
        return (self.valid_to - today).days


class PastPassword(models.Model):
    """A password hash the official used before, so that rotation is not a change there and back."""

    official = models.ForeignKey(Official, models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "曾用密码"
        indexes = [models.Index(fields=["official", "-set_at"])]

    def __str__(self) -> str:
        return f"{self.official_id} {self.set_at:%Y-%m-%d}"
