"""Which addresses of the Internet belong to everybody: all others are never connected to (T20)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

IpAddress = IPv4Address | IPv6Address

# The registries of special addresses (RFC 6890), spelled out: what the standard library calls
# global differs from version to version.
_NEVER = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's agent, which every machine in it can reach
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: holds an address of IPv4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
# All of IPv6 that has been given out. Loopback, local and link-local, multicast, mapped addresses
# and those of NAT64 lie outside.
_GIVEN_OUT = IPv6Network("2000::/3")
#: The middle of an address that ISATAP makes of one of IPv4, with and without the universal bit.
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_public(address: IpAddress) -> bool:
    """Tell whether this is an address that anybody on the Internet can reach."""
    if isinstance(address, IPv6Address):
        middle = (int(address) >> 32) & 0xFFFF_FFFF
        if address.scope_id or address not in _GIVEN_OUT or middle in _ISATAP:
            return False
    return not any(address in network for network in _NEVER)
