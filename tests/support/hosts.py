"""Hosts for the tests: each a process group, in a network of its own where one can be made.

Run as a program, it is the first process on such a host.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.passage import let_in, let_out

_STOP_SECONDS = 30
_SET_FLAGS = 0x8914
_UP_AND_RUNNING = 0x41

_PATIENCE_SECONDS = 30


@cache
def network_of_its_own() -> tuple[str, ...]:
    """Return the command that gives a program a network of its own; empty where none does."""
    command = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--net", "--map-root-user")
    try:
        tried = subprocess.run([*command, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        return ()
    return command if tried.returncode == 0 else ()


class Network:
    """Lets hosts reach these ports of ours, each at the same number on its own loopback."""

    def __init__(self, folder: Path, ports: Sequence[int]) -> None:
        self.folder = folder
        self.ports = ports
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._serve, name="network")

    def __enter__(self) -> Self:
        self.folder.mkdir()
        # In its own thread from the first, since a browser has its loop in this one.
        self._thread.start()
        for port in self.ports:
            listening = asyncio.run_coroutine_threadsafe(let_in(self.folder, port), self._loop)
            self._servers.append(listening.result(_PATIENCE_SECONDS))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        self._loop.run_forever()
        for server in self._servers:
            server.close()
        # One more round, in which connections of hosts that are gone are closed.
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()


class Host:
    """A machine with an instance folder of its own, on which ``topthree worker`` runs."""

    def __init__(self, instance: Path, network: Network, environment: dict[str, str]) -> None:
        self._instance = instance
        self._network = network
        self._environment = environment
        self._log = instance.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """Everything printed so far, on either stream."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def worker(self) -> str:
        """The name of its worker in the ledger."""
        return (self._instance / "worker-id").read_text().strip()

    def start(self) -> None:
        """Start the worker; it is at work when it says so."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TOPTHREE_")}
        ours = {
            "PYTHONUNBUFFERED": "1",
            "TOPTHREE_INSTANCE": str(self._instance),
            "TOPTHREE_CHECK_LINKS": "no",
        }
        own_network = network_of_its_own()
        ports = map(str, self._network.ports if own_network else ())
        program = [sys.executable, "-m", "tests.support.hosts", str(self._network.folder), *ports]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*own_network, *program],
                env=inherited | ours | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # The host is the group, which dies as a whole.
                start_new_session=True,
            )

    def cut_power(self) -> None:
        """End everything on the host without any warning."""
        process = self._take_process()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> int:
        """Ask the worker to end as an operator does; return how it ended."""
        process = self._take_process()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"SIGTERM did not stop the worker:\n{self.output}") from None

    def end(self) -> None:
        """Make sure that nothing of the host is left."""
        if self._process is not None:
            self.cut_power()

    def _take_process(self) -> subprocess.Popen[bytes]:
        process, self._process = self._process, None
        if process is None:
            raise AssertionError("The host is not running.")
        return process


def main() -> int:
    """Join the network, run the worker, pass SIGTERM on to it, and return how it ended."""
    folder, *ports = sys.argv[1:]
    if ports:
        _bring_loopback_up()
    joined = threading.Event()
    joining = threading.Thread(
        target=asyncio.run, args=[_join(Path(folder), [*map(int, ports)], joined)], daemon=True
    )
    joining.start()
    joined.wait()
    worker = subprocess.Popen([sys.executable, "-m", "topthree", "worker"])
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    while True:
        # A signal may reach another thread, and is heard when this one next does something.
        with suppress(subprocess.TimeoutExpired):
            return worker.wait(0.2)


async def _join(folder: Path, ports: Sequence[int], joined: threading.Event) -> None:
    servers = [await let_out(folder, port) for port in ports]
    joined.set()
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        request = struct.pack("16sh14x", b"lo", _UP_AND_RUNNING)
        fcntl.ioctl(anything, _SET_FLAGS, request)


if __name__ == "__main__":
    sys.exit(main())
