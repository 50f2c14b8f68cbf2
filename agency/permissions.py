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


def may_name_deputy(by: Official | None, official: Official) -> Permit:
    """A deputy for the days of a leave is named by the official, or by the head of their unit or a leader for somebody who cannot."""
    if official.is_administrator:
        return Permit.no("管理员不承担期限，无须指定代理人")
    if by is None or by.pk == official.pk or by.heads(official.unit_id) or by.leads(official.unit_id):
        return Permit.yes
    return Permit.no("代理人由本人、其科室负责人或者分管领导指定")


def may_stand_in(deputy: Official) -> Permit:
    """Who works on files here and is in service. Being told opens no file to them."""
    if not deputy.may_sign_in:
        return Permit.no("这个人现在不在岗")
    if deputy.is_administrator or not deputy.roles:
        return Permit.no("代理人应当是现有执法、审核或者领导职责的人员")
    return Permit.yes


def may_read_deliveries(by: Official) -> Permit:
    """What was sent to whom, without what it said: for those who keep it running and those who supervise."""
    if by.has_role(Role.SYSTEM_ADMIN, Role.SUPERVISOR):
        return Permit.yes
    return Permit.no("发送记录由系统管理员和监督人员查阅")
