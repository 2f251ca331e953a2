"""The service as people start it: a process, a loopback port and a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from tests.support.network import LOOPBACK, free_port

_START_SECONDS = 60
_STOP_SECONDS = 30


class Server:
    """``topthree serve`` in an instance folder.

    `environment` holds settings; none are inherited. What it prints is kept over restarts.
    """

    def __init__(self, instance: Path, environment: dict[str, str]) -> None:
        self.instance = instance
        self.port = free_port()
        self._environment = environment
        self._log = instance.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def output(self) -> str:
        """Everything printed so far, on either stream."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Start the process and wait until it answers."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TOPTHREE_", "FLASK_"))
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "topthree", "serve", "--port", str(self.port)],
                env=inherited
                | {
                    "PYTHONUNBUFFERED": "1",
                    "TOPTHREE_INSTANCE": str(self.instance),
                    # No test speaks to anything but loopback.
                    "TOPTHREE_CHECK_LINKS": "no",
                }
                | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """Ask it to end as an operator does, and make sure that it ended well."""
        process = self._take_process()
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"SIGTERM did not stop the server:\n{self.output}") from None
        if code != 0:
            raise AssertionError(f"The server stopped with {code}, not 0:\n{self.output}")

    def kill(self) -> None:
        """End it without any warning, as a machine does that loses power."""
        process = self._take_process()
        process.kill()
        process.wait()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _take_process(self) -> subprocess.Popen[bytes]:
        process, self._process = self._process, None
        if process is None:
            raise AssertionError("The server is not running.")
        return process

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        process.kill()
        process.wait()
        self._process = None
        raise AssertionError(f"The server does not start:\n{self.output}")

    def _answers(self) -> bool:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=_START_SECONDS)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            return False
        else:
            return True
        finally:
            connection.close()


#: Starts one with the settings given by name.
StartServer = Callable[..., Server]
