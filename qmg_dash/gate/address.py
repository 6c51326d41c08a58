"""Which addresses are this machine's alone, and which count as one."""

from __future__ import annotations

import ipaddress


def local(host: str | None) -> bool:
    """Whether a host means this machine and no other; None is every address."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


def network(host: str) -> str:
    """What counts as one address: itself, or an IPv6 network, which one person has whole."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and not address.ipv4_mapped:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
