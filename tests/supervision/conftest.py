"""An invented bureau: two sections, a legal office, its leader, its supervisor, an administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from agency.models import AgencyProfile, Appointment, Official, Role, Unit
from core import duties, facts
from core.facts import Fact, Subject
from core.models import FactRecord
from supervision.models import PlanReport
from supervision.plan import owed
from supervision.services import report_plan_item

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A year that is over, so that no test depends on the day it runs; time is passed in.
YEAR = 2025

CONTENTS: dict[int | str, dict[str, str]] = {
    3: {
        "task": "工资支付检查",
        "basis": "劳动保障监察条例",
        "subjects": "建筑业用人单位",
        "time": "3月至11月",
        "frequency": "每季度一次",
        "methods": "现场检查",
    },
    5: {
        "subjects": "全体执法人员",
        "time": "6月、9月",
        "content": "公共法律知识和专业法律知识",
        "form": "集中授课",
        "hours": "60课时",
    },
    9: {},
}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# The bare shape of facts of the apps below, so that figures are tested without walking a whole case.
@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Fact):
    name = "enforcement.decision_made"
    label = "作出行政处罚决定"
    act_kind: str = "penalty"
    is_major: bool = True
    has_fine: bool = False
    text_digest: str = "d1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Fact):
    name = "disclosure.published"
    label = "公示"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMade(Fact):
    name = "recording.made"
    label = "形成音像记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStored(Fact):
    name = "recording.stored"
    label = "录像入库"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionIssued(Fact):
    name = "legalreview.opinion_issued"
    label = "出具法制审核意见"
    case: int
    opinion: str = "agree"
    text_digest: str = "d1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageAccepted(Fact):
    name = "legalreview.package_accepted"
    label = "接收完备的送审材料"


@dataclass
class Bureau:
    """The people and units of the tests, and the acts they take."""

    root: Unit
    section: Unit
    other: Unit
    legal: Unit
    make: Callable[..., Official]
    people: dict[str, Official] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Official:
        try:
            return self.people[name]
        except KeyError as unknown:
            raise AttributeError(name) from unknown

    def case(self, number: int) -> Subject:
        return Subject(stream=f"case:{number}", title=f"某某示例{number}公司案", url=f"/desk/cases/{number}/")

    def decide(self, number: int, at: datetime, *, unit: Unit | None = None, **payload: Any) -> FactRecord:
        fact = Decided(subject=self.case(number), unit=(unit or self.section).pk, **payload)
        return facts.record(fact, happened_at=at, by=self.people["clerk"])

    def publish(self, number: int, at: datetime, *, unit: Unit | None = None) -> FactRecord:
        notice = Subject(stream=f"notice:{number}", title="公示", url=f"/desk/disclosure/{number}/")
        fact = Published(subject=notice, unit=(unit or self.section).pk, anchor=f"case:{number}")
        return facts.record(fact, happened_at=at, by=self.people["clerk"])

    def report(
        self, item: int | str, at: datetime, *, by: str = "clerk", unit: Unit | None = None, **changes: Any
    ) -> PlanReport:
        given: dict[str, Any] = {
            "contents": CONTENTS.get(item, {}),
            "remarks": "",
            "is_nil": False,
            "attachment": attachment(),
        } | changes
        period = str(changes.pop("year", YEAR))
        given.pop("year", None)
        due = owed(unit_id=(unit or self.section).pk, period=period, item=str(item))
        return report_plan_item(owed=due, by=self.people[by], happened_at=at, **given)


def attachment(name: str = "年度计划.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7 example", content_type="application/pdf")


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    settings.STORE_DIR = tmp_path / "store"


@pytest.fixture(autouse=True)
def _unwired(monkeypatch: pytest.MonkeyPatch) -> None:
    """The apps below are not asked to follow facts of cases that do not exist."""
    from collections import defaultdict

    from core import registry

    monkeypatch.setattr(registry, "_handlers", defaultdict(list))


@pytest.fixture
def bureau(db: None) -> Bureau:
    root = Unit.objects.create(name="示例市人力资源和社会保障局", short_name="市人社局", kind=Unit.Kind.BUREAU)
    AgencyProfile.objects.create(unit=root, profile="weihai-hrss", document_prefix="示人社")

    def unit(name: str, short: str, kind: Unit.Kind, position: int) -> Unit:
        return Unit.objects.create(name=name, short_name=short, kind=kind, parent=root, position=position)

    section = unit("示例劳动保障监察科", "监察科", Unit.Kind.SECTION, 1)
    other = unit("示例就业促进科", "就业科", Unit.Kind.SECTION, 2)
    legal = unit("示例政策法规科", "法规科", Unit.Kind.LEGAL, 3)

    def make(name: str, *held: tuple[Role, Unit]) -> Official:
        person = Official.objects.create(username=f"u{Official.objects.count()}", name=name, unit=held[0][1])
        for role, where in held:
            Appointment.objects.create(official=person, role=role, unit=where, term=DateRange(date(2019, 1, 1), None))
        return person

    people = {
        "clerk": make("张示例", (Role.SECTION_STAFF, section)),
        "head": make("吴样例", (Role.SECTION_HEAD, section)),
        "stranger": make("李样本", (Role.SECTION_STAFF, other)),
        "legal_head": make("周范例", (Role.SECTION_HEAD, legal)),
        "leader": make("郑示范", (Role.LEADER, root)),
        "supervisor": make("王试例", (Role.SUPERVISOR, root)),
        "administrator": make("冯样板", (Role.SYSTEM_ADMIN, root)),
    }
    return Bureau(root, section, other, legal, make, people)


@pytest.fixture
def opened(bureau: Bureau) -> Bureau:
    """The bureau after a sweep in 2025: that year's periodic duties are open."""
    duties.open_periodic(moment("2025-03-01T09:00"))
    return bureau


@pytest.fixture
def signed_in() -> Callable[[Official], Client]:
    def sign_in(official: Official) -> Client:
        client = Client()
        client.force_login(official, backend="agency.backends.OfficialBackend")
        return client

    return sign_in
