"""What the desk's first pages read."""

from __future__ import annotations

from core.alerts import unread_count

__all__ = ["unread_count"]
