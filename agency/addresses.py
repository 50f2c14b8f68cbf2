"""Where a request comes from."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the client, for lockouts and the audit.

    Anybody can write X-Forwarded-For. It is read only where BEHIND_PROXY says that a proxy of ours stands in front, and then only
    its last entry, the one that proxy has added itself.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        address = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        # A unix socket has no address; all its clients count as one.
        return "127.0.0.1"
