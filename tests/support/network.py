"""Loopback addresses for the tests, and a guard so that no test speaks to anything else."""

from __future__ import annotations

import ipaddress
import socket
import sys

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port on the loopback interface that nothing listened on a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def forbid_foreign_connections() -> None:
    """Make every connection of this process to another machine an error, until it ends."""
    sys.addaudithook(_refuse_foreign)


def _refuse_foreign(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and not _is_local(arguments[1]):
        raise AssertionError(f"A test tried to reach {arguments[1]}; only loopback is allowed.")


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # A path: a socket of this machine.
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
