"""What an official may be, and what each role opens. Other apps name roles from here; who holds them is asked of the official."""

from __future__ import annotations

from django.db.models import TextChoices


class Role(TextChoices):
    """What an official may be. Nobody holds two of the last three (三员分立)."""

    SECTION_STAFF = "section_staff", "承办人"
    SECTION_HEAD = "section_head", "科室负责人"
    LEGAL_REVIEWER = "legal_reviewer", "法制审核人员"
    DISCLOSURE_REVIEWER = "disclosure_reviewer", "公示审核人员"
    RECORDS_CUSTODIAN = "records_custodian", "档案与音像管理员"
    LEADER = "leader", "分管领导"
    CHIEF = "chief", "主要负责人"
    SUPERVISOR = "supervisor", "监督人员"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全保密管理员"
    AUDITOR = "auditor", "审计员"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
# These see the files of the unit they are appointed to, and of every unit below it.
SEES_OWN_UNITS = frozenset(
    {Role.SECTION_STAFF, Role.SECTION_HEAD, Role.RECORDS_CUSTODIAN, Role.LEADER, Role.CHIEF, Role.SUPERVISOR}
)
# What these units owe is theirs to do or to answer for.
OWES_FOR_UNITS = frozenset({Role.SECTION_STAFF, Role.SECTION_HEAD, Role.LEGAL_REVIEWER, Role.LEADER, Role.CHIEF})
# A file opened to a unit is opened to those who act on other units' files for it, not to everybody who works there.
READS_UNIT_GRANTS = frozenset(
    {
        Role.SECTION_HEAD,
        Role.LEGAL_REVIEWER,
        Role.DISCLOSURE_REVIEWER,
        Role.RECORDS_CUSTODIAN,
        Role.LEADER,
        Role.CHIEF,
        Role.SUPERVISOR,
    }
)
