"""A real Postfix, alone or between us and a counting sink: its own configuration, queue, port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from smtplib import SMTP, SMTPException
from types import TracebackType
from typing import Self

from tests.support.network import LOOPBACK, free_port

_PROGRAM = "/usr/sbin/postfix"
_START_SECONDS = 30
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = /dev/stdout
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
{onward}
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtp_destination_concurrency_limit = 20
initial_destination_concurrency = 20
in_flow_delay = 0
local_recipient_maps =
alias_maps =
alias_database =
"""
_KEEP = "smtpd_end_of_data_restrictions = check_client_access static:HOLD"
_MASTER = """\
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


def why_not() -> str | None:
    """Return in one line why there can be no Postfix here, or None if there can."""
    if not Path(_PROGRAM).exists():
        return "not run: no Postfix here; `apt-get install postfix` brings it"
    if os.geteuid() != 0:
        return "not run: Postfix starts as root only"
    return None


class Postfix:
    """A relay that accepts from loopback and passes everything on to another port of it, if any.

    Otherwise it keeps what comes in its queue, on the disk. Nothing of the system's own Postfix is
    read or touched. Call only when `why_not` has no reason against it.
    """

    def __init__(self, onward: int | None) -> None:
        self.port = free_port()
        # Not under pytest's folder: Postfix's own account has to enter it.
        self._folder = Path(tempfile.mkdtemp(prefix="topthree-postfix-"))
        self._onward = onward
        self._log = self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._configure()
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def url(self) -> str:
        """The address as TOPTHREE_SMTP_URL takes it."""
        return f"smtp+plain://{LOOPBACK}:{self.port}"

    @property
    def _configuration(self) -> Path:
        return self._folder / "configuration"

    def _configure(self) -> None:
        self._folder.chmod(0o755)
        for name in ("configuration", "queue", "data"):
            (self._folder / name).mkdir(mode=0o755)
        shutil.chown(self._folder / "data", "postfix")
        onward = f"relayhost = [{LOOPBACK}]:{self._onward}" if self._onward else _KEEP
        main = _MAIN.format(folder=self._folder, onward=onward)
        (self._configuration / "main.cf").write_text(main)
        master = _MASTER.format(port=f"{LOOPBACK}:{self.port}")
        (self._configuration / "master.cf").write_text(master)

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [_PROGRAM, "-c", self._configuration, "start-fg"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the tests, which then end it themselves.
                start_new_session=True,
                # Files of the queue are for Postfix's account, whatever we keep to ourselves.
                umask=0o022,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.05)
        raise AssertionError(f"Postfix does not start:\n{self._log.read_text(errors='replace')}")

    def _answers(self) -> bool:
        try:
            with SMTP(LOOPBACK, self.port, timeout=5) as connection:
                return connection.noop()[0] == 250
        except (OSError, SMTPException):
            return False

    def _end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            subprocess.run(
                [_PROGRAM, "-c", self._configuration, "stop"],
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            self._process.wait(_START_SECONDS)
        shutil.rmtree(self._folder)
