"""The bureau's sections and its invented people, one account for each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agency.models import AgencyProfile, Official, Unit
from agency.roles import Role
from agency.services import appoint, create_agency, create_official, create_unit, issue_certificate

# Printed by `make run`; a demonstration has no secrets.
PASSWORD = "Mingcha-2026-shili"  # noqa: S105

BUREAU = "威海市人力资源和社会保障局"
# key, name, short name, kind
UNITS = (
    ("legal", "政策法规科", "法规科", Unit.Kind.LEGAL),
    ("inspection", "劳动保障监察科", "监察科", Unit.Kind.SECTION),
    ("relations", "劳动关系科", "劳动关系科", Unit.Kind.SECTION),
    ("employment", "就业促进和失业保险科", "就业科", Unit.Kind.SECTION),
    ("training", "职业能力建设科", "职建科", Unit.Kind.SECTION),
    ("office", "办公室", "办公室", Unit.Kind.OFFICE),
)
SUPERVISORS = "威海市行政执法监督局"


@dataclass(frozen=True, slots=True)
class Person:
    """One invented official: what they may do, and where."""

    username: str
    name: str
    unit: str
    roles: tuple[tuple[Role, str], ...]
    certificate: str = ""
    says: str = ""


PEOPLE = (
    Person("zhang", "张示例", "inspection", ((Role.SECTION_STAFF, "inspection"),), "示例证001", "承办人（监察科）"),
    Person("li", "李样本", "inspection", ((Role.SECTION_STAFF, "inspection"),), "示例证002", "承办人（监察科）"),
    Person("feng", "冯示范", "inspection", ((Role.SECTION_STAFF, "inspection"),), "示例证003"),
    Person("wu", "吴样例", "inspection", ((Role.SECTION_HEAD, "inspection"),), "示例证004", "科室负责人（监察科）"),
    Person("he", "何示例", "relations", ((Role.SECTION_STAFF, "relations"),), "示例证011", "承办人（劳动关系科）"),
    Person("lv", "吕样本", "relations", ((Role.SECTION_STAFF, "relations"),), "示例证012"),
    Person("shi", "施样例", "relations", ((Role.SECTION_HEAD, "relations"),), "示例证013", "科室负责人（劳动关系科）"),
    Person("cao", "曹示范", "employment", ((Role.SECTION_STAFF, "employment"),), "示例证021"),
    Person("yan", "严样例", "employment", ((Role.SECTION_HEAD, "employment"),), "示例证022"),
    Person("hua", "华示例", "training", ((Role.SECTION_STAFF, "training"),), "示例证031"),
    Person("jin", "金样本", "training", ((Role.SECTION_HEAD, "training"),), "示例证032"),
    Person("zhao", "赵样本", "legal", ((Role.LEGAL_REVIEWER, "legal"),), says="法制审核人员"),
    Person("qian", "钱示范", "legal", ((Role.LEGAL_REVIEWER, "legal"),), says="法制审核人员"),
    Person("sun", "孙样例", "office", ((Role.DISCLOSURE_REVIEWER, "office"),), says="公示审核人员"),
    Person("chen", "陈示例", "office", ((Role.RECORDS_CUSTODIAN, "bureau"),), says="档案与音像管理员"),
    Person("zhou", "周范本", "bureau", ((Role.LEADER, "bureau"),), says="分管领导"),
    Person("zheng", "郑范本", "bureau", ((Role.CHIEF, "bureau"),), says="主要负责人"),
    Person("wang", "王范例", "legal", ((Role.SUPERVISOR, "bureau"),), says="监督人员"),
    Person("system", "系统管理员甲", "office", ((Role.SYSTEM_ADMIN, "bureau"),), says="系统管理员"),
    Person("security", "安全管理员乙", "office", ((Role.SECURITY_ADMIN, "bureau"),), says="安全保密管理员"),
    Person("auditor", "审计员丙", "office", ((Role.AUDITOR, "bureau"),), says="审计员"),
)

SERVING_SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and every unit, by key."""

    units: dict[str, Unit]
    people: dict[str, Official]


def settle(today: date) -> Cast:
    """Set up the bureau, its units and people. Certificates run for years, but one that is about to expire."""
    profile = create_agency(
        name=BUREAU,
        short_name="市人社局",
        profile="weihai-hrss",
        document_prefix="威人社监",
        credit_code="11370000MB0000000X",
        is_demo=True,
        in_use_from=SERVING_SINCE,
    )
    AgencyProfile.objects.filter(pk=profile.pk).update(
        address="威海市示例路1号",
        telephone="0631-0000000",
        bank_name="示例银行威海示例支行",
        reconsideration_body="威海市人民政府",
        court="威海市示例区人民法院",
    )
    units = {"bureau": profile.unit}
    for position, (key, name, short, kind) in enumerate(UNITS):
        units[key] = create_unit(
            by=None,
            name=name,
            short_name=short,
            kind=kind,
            parent=profile.unit,
            position=position,
            in_use_from=SERVING_SINCE,
        )
    units["outside"] = create_unit(
        by=None,
        name=SUPERVISORS,
        short_name="监督局",
        kind=Unit.Kind.OUTSIDE,
        position=90,
        in_use_from=SERVING_SINCE,
    )
    people = {}
    for person in PEOPLE:
        official = create_official(
            by=None,
            username=person.username,
            name=person.name,
            unit=units[person.unit],
            password=PASSWORD,
            must_change_password=False,
            email=f"{person.username}@mingcha.example",
            served_from=SERVING_SINCE,
        )
        for role, unit in person.roles:
            appoint(by=None, official=official, role=role, unit=units[unit], first_day=SERVING_SINCE)
        if person.certificate:
            last_day = date(today.year, 12, 31) if person.username == "feng" else date(today.year + 3, 12, 31)
            issue_certificate(
                by=None,
                official=official,
                kind="inspection",
                number=person.certificate,
                valid_from=SERVING_SINCE,
                valid_to=last_day,
            )
        people[person.username] = official
    return Cast(units, people)


def accounts() -> list[tuple[str, str, str]]:
    """User name, name and role of the accounts that a visitor wants to know."""
    return [(person.username, person.name, person.says) for person in PEOPLE if person.says]
