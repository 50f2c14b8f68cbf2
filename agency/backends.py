"""Who may sign in, and whose session goes on."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from agency.models import Official
from core import together


class OfficialBackend(ModelBackend):
    """Accounts in use, of officials in service. Asked at sign-in and by every request, so that an end is felt at once."""

    def get_user(self, user_id: int) -> Official | None:
        try:
            official = together.one(Official, user_id)
        except Official.DoesNotExist:
            return None
        return official if self.user_can_authenticate(official) else None

    def user_can_authenticate(self, user: Official | AnonymousUser | None) -> bool:
        return isinstance(user, Official) and user.may_sign_in
