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
from statistics import mean

from bench.measure import Usage
from bench.report import Row
from bench.sink import remote_sink
from tests.support.network import LOOPBACK, free_port

_CONNECTIONS = 10
_BACKLOG = "200"
_PATIENCE_SECONDS = 10


def why_not() -> str:
    """Say why smtp-source cannot be the reference; empty if it can."""
    if _find("smtp-source") and _find("smtp-sink"):
        return ""
    return "Not compared with smtp-source: it is not installed (Debian's package is “postfix”)."


class SmtpSource:
    """smtp-source with one message into one sink, measured as often as asked.

    The machine drifts, so it is asked before and after whatever is compared with it, and the mean
    counts. Where it is not installed, nothing is measured and nothing is compared.
    """

    def __init__(
        self, port: int, message: bytes, n: int, folder: Path, *, connections: int = _CONNECTIONS
    ) -> None:
        self._port = port
        self._connections = connections
        self._n = n
        self._file = folder / "message"
        self._file.write_bytes(message.replace(b"\r\n", b"\n"))
        self._measured: list[Usage] = []

    def measure(self) -> None:
        """Send the message so many times over connections that are kept."""
        if why_not():
            return
        options = ("-s", str(self._connections), "-d", "-m", str(self._n), "-F", str(self._file))
        envelope = ("-f", "letters@topthree.example", "-t", "a.teacher@school-1.example")
        command = [_find("smtp-source"), *options, *envelope, f"{LOOPBACK}:{self._port}"]
        began, cpu_began = time.perf_counter(), _cpu_of_children()
        subprocess.run(command, check=True)  # noqa: S603 - nothing in it is anyone else's
        usage = Usage(
            seconds=time.perf_counter() - began, cpu_seconds=_cpu_of_children() - cpu_began
        )
        self._measured.append(usage)

    def compared(self, per_second: float) -> dict[str, float]:
        """Return a rate as a ratio to the mean of the last two measurements."""
        if not self._measured:
            return {}
        return {"× smtp-source": per_second / self._rate(self._measured[-2:])}

    def rows(self) -> tuple[Row, ...]:
        """Return the mean of all measurements."""
        if not self._measured:
            return ()
        times = len(self._measured)
        figures = {
            "messages/s": self._rate(self._measured),
            "CPU µs": mean(usage.cpu_us(self._n) for usage in self._measured),
            "× smtp-source": 1.0,
        }
        what = f"smtp-source, {self._connections} connections (mean of {times})"
        return (Row(what=what, figures=figures),)

    def _rate(self, measured: list[Usage]) -> float:
        return mean(usage.per_second(self._n) for usage in measured)


@contextmanager
def fastest_sink() -> Iterator[tuple[int, str]]:
    """Give port and name of smtp-sink, or of the tests' own sink where that is not installed."""
    if why_not():
        with remote_sink() as sink:
            yield sink.port, "our sink"
    else:
        with _smtp_sink() as port:
            yield port, "smtp-sink"


@contextmanager
def _smtp_sink() -> Iterator[int]:
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
