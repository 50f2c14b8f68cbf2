"""Password rules as a profile, one-time passwords, and when a password has run out."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from agency.models import Official, PastPassword


@dataclass(frozen=True, slots=True)
class PasswordProfile:
    """One school of password rules. `classes` of four: small letters, capitals, digits, others; 0 of anything means no such rule."""

    id: str
    label: str
    min_length: int
    classes: int = 0
    remembered: int = 0
    max_age: timedelta | None = None
    warn_before: timedelta = timedelta(days=14)


PROFILES: Final = {
    profile.id: profile
    for profile in (
        PasswordProfile(
            id="dengbao3",
            label="网络安全等级保护第三级",
            min_length=10,
            classes=3,
            remembered=5,
            max_age=timedelta(days=90),
        ),
        # Long passwords that are not known to be common, and no forced change (OWASP ASVS).
        PasswordProfile(id="asvs", label="OWASP ASVS", min_length=12),
    )
}


def profile() -> PasswordProfile:
    """The profile named by PASSWORD_PROFILE."""
    return PROFILES[settings.PASSWORD_PROFILE]


def classes_in(password: str) -> int:
    """How many of the four classes of characters a password uses."""
    kinds = (str.islower, str.isupper, str.isdigit)
    found = {next((n for n, is_kind in enumerate(kinds) if is_kind(character)), len(kinds)) for character in password}
    return len(found)


class ProfileValidator:
    """Length, composition and history as the profile asks; common and personal passwords have validators of their own."""

    def validate(self, password: str, user: Official | None = None) -> None:
        rules = profile()
        errors = []
        if len(password) < rules.min_length:
            errors.append(ValidationError(f"密码至少{rules.min_length}位", code="password_too_short"))
        if classes_in(password) < rules.classes:
            errors.append(
                ValidationError(
                    f"密码须包含大写字母、小写字母、数字、其他符号中的至少{rules.classes}类", code="password_too_plain"
                )
            )
        if user is not None and user.username and user.username.lower() in password.lower():
            errors.append(ValidationError("密码不能包含用户名", code="password_names_the_account"))
        if user is not None and user.pk and self._was_used(password, user, rules.remembered):
            errors.append(ValidationError(f"不能使用最近{rules.remembered}次用过的密码", code="password_used_before"))
        if errors:
            raise ValidationError(errors)

    @staticmethod
    def _was_used(password: str, user: Official, remembered: int) -> bool:
        if not remembered:
            return False
        before = PastPassword.objects.filter(official=user).order_by("-set_at", "-pk")[: remembered - 1]
        return any(check_password(password, each) for each in (user.password, *(past.password for past in before)))

    def get_help_text(self) -> str:
        rules = profile()
        parts = [f"至少{rules.min_length}位"]
        if rules.classes:
            parts.append(f"包含大写字母、小写字母、数字、其他符号中的至少{rules.classes}类")
        if rules.remembered:
            parts.append(f"不与最近{rules.remembered}次相同")
        return "，".join(parts) + "；不能是常见密码，不能包含用户名，不能与姓名相近。"


# Without the characters that are read wrongly from paper or over the telephone.
_LETTERS_SMALL = "".join(set(string.ascii_lowercase) - set("lo"))
_LETTERS_CAPITAL = "".join(set(string.ascii_uppercase) - set("IO"))
_DIGITS = "23456789"


def one_time_password() -> str:
    """A random password to be changed at the first sign-in: three groups of five, about 87 bits."""
    alphabet = _LETTERS_SMALL + _LETTERS_CAPITAL + _DIGITS
    while True:
        groups = ["".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(3)]
        password = "-".join(groups)
        if classes_in(password) == 4:
            return password


def expires_at(official: Official) -> datetime | None:
    """When the password must be changed, None where the profile or the account knows no such moment."""
    max_age = profile().max_age
    if max_age is None or official.password_changed_at is None:
        return None
    return official.password_changed_at + max_age


def must_be_changed(official: Official, now: datetime) -> bool:
    """Whether nothing else may be done before the password is changed."""
    expiry = expires_at(official)
    return official.must_change_password or (expiry is not None and expiry <= now)


def warning(official: Official, now: datetime) -> str:
    """What to tell an official whose password will run out soon; empty otherwise."""
    expiry = expires_at(official)
    if expiry is None or not now < expiry <= now + profile().warn_before:
        return ""
    days = (expiry - now).days
    return f"密码还有{days}天到期，请及时修改" if days else "密码今天到期，请及时修改"


def forget_oldest(official: Official) -> None:
    """Keep no more old hashes than the longest memory of any profile needs."""
    longest = max(each.remembered for each in PROFILES.values())
    kept = PastPassword.objects.filter(official=official).order_by("-set_at", "-pk").values("pk")[:longest]
    PastPassword.objects.filter(official=official).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


def context() -> dict[str, Any]:
    """What the password page says about its rules."""
    rules = profile()
    return {"rules": ProfileValidator().get_help_text(), "profile": rules.label, "max_age": rules.max_age}
