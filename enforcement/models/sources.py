"""Where a case comes from, and against whom."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code_is_valid(code: str) -> bool:
    """GB 32100-2015: 18 characters, the last one checks the others (weights 3^i mod 31)."""
    if len(code) != 18 or any(character not in CREDIT_CODE_ALPHABET for character in code):
        return False
    total = sum(CREDIT_CODE_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return CREDIT_CODE_ALPHABET.index(code[17]) == (31 - total % 31) % 31


def validate_credit_code(code: str) -> None:
    if not credit_code_is_valid(code):
        raise ValidationError("统一社会信用代码有误：应为18位，校验位须相符（GB 32100），请核对营业执照")


class Party(models.Model):
    """Whom a case is about, as known in that case. Each case keeps its own row, so a later change of name rewrites no past file."""

    class Category(models.TextChoices):
        NATURAL_PERSON = "natural_person", "自然人"
        ORGANISATION = "organisation", "法人及非法人组织"
        SELF_EMPLOYED = "self_employed", "个体工商户"

    class IdType(models.TextChoices):
        IDENTITY_CARD = "identity_card", "身份证"
        PASSPORT = "passport", "护照号"
        HK_MACAO_PERMIT = "hk_macao_permit", "港澳居民来往内地通行证"
        TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
        FOREIGN_RESIDENT = "foreign_resident", "外国人永久居留身份证"

    name = models.CharField("名称（姓名）", max_length=200)
    category = models.CharField("类别", max_length=20, choices=Category, default=Category.ORGANISATION)
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, blank=True, db_index=True, validators=[validate_credit_code]
    )
    legal_representative = models.CharField("法定代表人（负责人）", max_length=80, blank=True)
    address = models.CharField("地址", max_length=300)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, blank=True)
    id_number = models.CharField("证件号码", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "当事人"
        constraints = [
            models.CheckConstraint(
                name="a_party_is_named_with_its_address_penalty_law_59", condition=~Q(name="") & ~Q(address="")
            ),
            models.CheckConstraint(
                name="a_legal_person_has_its_credit_code", condition=~Q(category="organisation") | ~Q(credit_code="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """One registered source of a case (案源)."""

    class Channel(models.TextChoices):
        COMPLAINT = "complaint", "投诉"
        REPORT = "report", "举报"
        INSPECTION = "inspection", "日常巡视检查"
        WRITTEN_REVIEW = "written_review", "书面材料审查"
        TRANSFER = "transfer", "其他机关移送"
        ASSIGNED = "assigned", "上级交办"

    number = models.CharField("案源编号", max_length=60, unique=True)
    channel = models.CharField("来源", max_length=20, choices=Channel)
    received_at = models.DateTimeField("收到时间")
    summary = models.TextField("反映的事实")
    unit = models.ForeignKey("agency.Unit", models.PROTECT, related_name="+", verbose_name="受理科室")
    # Kept secret from everybody but the case's own officers and their head (inspection regulation 9).
    complainant_name = models.CharField("投诉举报人", max_length=80, blank=True)
    complainant_phone = models.CharField("投诉举报人电话", max_length=40, blank=True)
    workers_affected = models.PositiveIntegerField("涉及劳动者人数", null=True, blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "案源"
        constraints = [
            models.CheckConstraint(
                name="a_source_says_what_happened_inspection_regulation_14", condition=~Q(summary="")
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SourceEdit(models.Model):
    """One change of what was registered of a source or its party: what stood there, what stands there now, by whom.

    As secret as the source itself: an old telephone number tells no less who complained (inspection regulation 9).
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="edits")
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "案源登记修改"
        ordering = ("edited_at", "pk")
        constraints = [models.CheckConstraint(name="a_source_edit_changes_something", condition=~Q(before=F("after")))]

    def __str__(self) -> str:
        return f"{self.label} {self.edited_at:%Y-%m-%d}"

    @property
    def label(self) -> str:
        return label_of(self.field)


def label_of(field: str) -> str:
    """What pages call a field of the source, or of its party."""
    model = Source if field in {each.name for each in Source._meta.get_fields()} else Party
    return str(model._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
