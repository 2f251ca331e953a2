"""Which addresses are connected to: those of the public Internet, by every way to write one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topthree.fetch.public_addresses import is_public

PRIVATE = [
    ip_network(each)
    for each in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.251",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.216.34",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:53aa:64c::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2600:1f18::5efe:7f00:1",
        "2600:1f18::200:5efe:a00:1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_the_public_internet_is_denied(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "100.63.255.255", "172.32.0.1", "2606:2800:220:1::1"]
)
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_public(ip_address(address))


@given(number=st.integers(0, 2**32 - 1))
@example(number=int(IPv4Address("169.254.169.254")))
def test_no_private_address_gets_through_in_any_dress(number: int) -> None:
    address = IPv4Address(number)
    dresses = (
        IPv6Address(f"::ffff:{address}"),
        IPv6Address(f"64:ff9b::{address}"),
        IPv6Address((0x2002 << 112) | (number << 80)),
        IPv6Address((0x2001_0000 << 96) | (number ^ 0xFFFF_FFFF)),
        IPv6Address((0x2600 << 112) | (0x5EFE << 32) | number),
    )

    assert not any(map(is_public, dresses))
    if any(address in network for network in PRIVATE):
        assert not is_public(address)


@given(number=st.integers(0, 2**128 - 1))
def test_an_address_that_the_standard_library_calls_private_is_denied(number: int) -> None:
    address = IPv6Address(number)

    assert not (is_public(address) and not address.is_global)


@given(number=st.integers(0, 2**32 - 1))
def test_an_address_that_the_standard_library_calls_public_is_allowed_but_for_known_ones(
    number: int,
) -> None:
    address = IPv4Address(number)
    known = (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "224.0.0.0/4",
    )

    if address.is_global and not any(address in ip_network(each) for each in known):
        assert is_public(address)
