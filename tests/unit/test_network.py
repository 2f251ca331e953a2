from __future__ import annotations

import socket

import pytest

from tests.support.network import LOOPBACK, free_port


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_no_test_can_reach_another_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    with socket.socket(family) as client, pytest.raises(AssertionError, match="only loopback"):
        client.connect((address, 25))


def test_no_test_asks_where_another_machine_is() -> None:
    with pytest.raises(socket.gaierror, match="letters"):
        socket.create_connection(("letters.example", 25))


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server((LOOPBACK, free_port())) as listener:
        client = socket.create_connection(listener.getsockname())
        client.close()
