"""System checks that stop the start: settings of accounts that would fail only when somebody signs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from agency.passwords import PROFILES


@checks.register
def password_profile_is_known(app_configs: Any, **kwargs: Any) -> Sequence[checks.CheckMessage]:
    """PASSWORD_PROFILE names a profile that exists."""
    if settings.PASSWORD_PROFILE in PROFILES:
        return []
    known = "、".join(PROFILES)
    return [checks.Error(f"PASSWORD_PROFILE 不能是“{settings.PASSWORD_PROFILE}”，可选：{known}", id="mingcha.E010")]
