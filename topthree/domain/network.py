"""The network that a visitor comes from, which limits go by; the address itself is not kept."""

from __future__ import annotations

import ipaddress

_PREFIXES = {4: 24, 6: 64}


def network_of(ip: str) -> str:
    """Return the network that one household or school shares: IPv4 /24, IPv6 /64."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        # A caller by IPv4 who is seen through a socket for IPv6 is the same caller.
        address = address.ipv4_mapped or address
    return str(ipaddress.ip_network(f"{address}/{_PREFIXES[address.version]}", strict=False))
