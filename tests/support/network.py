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
    """Make every connection of this process to another machine an error, until it ends.

    Names of other machines are unknown, as they are on a machine without a network.
    """
    sys.addaudithook(_refuse_foreign)


def _refuse_foreign(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and not _is_local(arguments[1]):
        raise AssertionError(f"A test tried to reach {arguments[1]}; only loopback is allowed.")
    if event == "socket.getaddrinfo" and arguments[0] and not _is_loopback(arguments[0]):
        raise socket.gaierror(socket.EAI_NONAME, f"No test asks where {arguments[0]!r} is.")


def _is_local(address: object) -> bool:
    # What is not a tuple is a path, the name of a socket on this machine.
    return not isinstance(address, tuple) or _is_loopback(address[0])


def _is_loopback(name: object) -> bool:
    host = name.decode() if isinstance(name, bytes) else str(name)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
