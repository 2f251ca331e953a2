"""Postfix's own tools for measuring mail: smtp-source sends, smtp-sink takes, both written in C."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Usage
from tests.support.network import LOOPBACK, free_port

SESSIONS = 10
_BACKLOG = "200"
_PATIENCE_SECONDS = 10


def why_not() -> str:
    """Say why smtp-source cannot be the reference; empty if it can."""
    if _find("smtp-source") and _find("smtp-sink"):
        return ""
    return "Not compared with smtp-source: it is not installed (Debian's package is “postfix”)."


def send_by_smtp_source(port: int, message: bytes, n: int, folder: Path) -> Usage:
    """Send the message so many times over connections that are kept."""
    file = folder / "message"
    file.write_bytes(message.replace(b"\r\n", b"\n"))
    options = ("-s", str(SESSIONS), "-d", "-m", str(n), "-F", str(file))
    envelope = ("-f", "letters@topthree.example", "-t", "a.teacher@school-1.example")
    command = [_find("smtp-source"), *options, *envelope, f"{LOOPBACK}:{port}"]
    began, cpu_began = time.perf_counter(), _cpu_of_children()
    subprocess.run(command, check=True)  # noqa: S603 - nothing in it is anyone else's
    return Usage(seconds=time.perf_counter() - began, cpu_seconds=_cpu_of_children() - cpu_began)


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Give the port of an smtp-sink that runs until the end of the block."""
    port = free_port()
    # It refuses to be root.
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [_find("smtp-sink"), *account, f"{LOOPBACK}:{port}", _BACKLOG]
    process = subprocess.Popen(command)  # noqa: S603 - nothing in it is anyone else's
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _find(tool: str) -> str:
    """Return where the tool is, empty if nowhere; Debian keeps it where only root's PATH leads."""
    return shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
