"""Which addresses are this machine's alone."""

from __future__ import annotations

import ipaddress


def local(host: str | None) -> bool:
    """Whether a host means this machine and no other; None is every address."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
