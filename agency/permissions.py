"""Who may do what to units, accounts and roles. None instead of an official is the server's command line, which may do everything."""

from __future__ import annotations

from agency import selectors
from agency.models import Official
from agency.roles import ADMINISTRATORS, Role
from core.access import Permit


def may_configure(by: Official | None) -> Permit:
    """Units, accounts and certificates are entered by the system administrator."""
    if by is None or by.has_role(Role.SYSTEM_ADMIN):
        return Permit.yes
    return Permit.no("单位、账号和证件由系统管理员登记")


def may_appoint(by: Official | None, official: Official) -> Permit:
    """Roles are given and ended by the security administrator, never to oneself."""
    if by is None:
        return Permit.yes
    if not by.has_role(Role.SECURITY_ADMIN):
        return Permit.no("任职和免职由安全保密管理员办理")
    if by.pk == official.pk:
        return Permit.no("不得给自己任职或者免职")
    return Permit.yes


def may_secure(by: Official | None, official: Official) -> Permit:
    """Passwords are reset and accounts locked and unlocked by the security administrator, never the own account.

    Not by the system administrator: whoever resets the security administrator's password could sign in as both.
    """
    if by is None:
        return Permit.yes
    if not by.has_role(Role.SECURITY_ADMIN):
        return Permit.no("重置密码、停用和解锁由安全保密管理员办理")
    if by.pk == official.pk:
        return Permit.no("不得对自己的账号办理；忘记密码时，由服务器管理人员用命令重置")
    return Permit.yes


def may_read_audit(by: Official) -> Permit:
    """The audit of accounts is the auditor's to read."""
    if by.is_auditor:
        return Permit.yes
    return Permit.no("审计记录由审计员查阅")


def may_see_contacts(by: Official, official: Official) -> Permit:
    """Telephone, mail and user name of others are for those who keep the accounts."""
    if by.pk == official.pk or by.roles & ADMINISTRATORS:
        return Permit.yes
    return Permit.no("联系方式由本人和管理员查阅")


def may_keep_calendar(by: Official) -> Permit:
    """The holiday notice is entered and undone by those who answer for the legal office, or for the agency where it has none."""
    office = selectors.owner_of("legal_affairs", 0)
    if office is not None and by.pk in selectors.recipients_of(office):
        return Permit.yes
    return Permit.no("放假安排由法制科室的人员录入和撤销")
