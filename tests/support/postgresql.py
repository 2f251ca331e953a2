"""A PostgreSQL cluster for one session of tests, on loopback, thrown away afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.support.databases import migrate
from tests.support.network import LOOPBACK, free_port
from tests.support.scratch import make_scratch

_ACCOUNT = "postgres"
_TEMPLATE = "topthree_template"
_START_SECONDS = 60
# Nothing in it has to outlive a power cut.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "100",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "log_min_messages": "fatal",
}


def find_binaries() -> Path | None:
    """Return the folder with initdb and postgres of the newest PostgreSQL here, or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name)
    )
    on_path = shutil.which("initdb")
    if on_path:
        folders.insert(0, Path(on_path).resolve().parent)
    complete = [folder for folder in folders if (folder / "initdb").exists()]
    return complete[-1] if complete else None


def why_not() -> str | None:
    """Return in one line why there can be no cluster here, or None if there can."""
    if find_binaries() is None:
        return "PostgreSQL is not installed; `make test` installs it where it may"
    if os.geteuid() == 0 and not _account_exists():
        return f"PostgreSQL never runs as root, and there is no account named {_ACCOUNT}"
    return None


class Cluster:
    """One server process with its own data folder; a migrated template is cloned for each test."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        # Not under pytest's folder: only its owner may enter that, and root cannot be the owner.
        self._folder = make_scratch("postgresql")
        self._log = self._folder / "log"
        self._port = free_port()
        self._numbers = count(1)
        self._strategy = ""
        self._server: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls) -> Self:
        """Make the cluster and its template. Call only when `why_not` has no reason against it."""
        binaries = find_binaries()
        if binaries is None:
            raise AssertionError(why_not())
        cluster = cls(binaries)
        try:
            cluster._boot()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def fresh(self) -> Iterator[str]:
        name = f"test_{next(self._numbers)}"
        self._administer(f"CREATE DATABASE {{}} TEMPLATE {{}} {self._strategy}", name, _TEMPLATE)
        yield self._url(name)
        self._administer("DROP DATABASE {} WITH (FORCE)", name)

    def stop(self) -> None:
        """End the server without waiting for clients, and remove everything it wrote."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(_START_SECONDS)
        shutil.rmtree(self._folder)

    def _boot(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, _ACCOUNT)
        self._spawn(
            "initdb",
            f"--pgdata={self._folder / 'data'}",
            f"--username={_ACCOUNT}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ).wait()
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        self._server = self._spawn(
            "postgres", "-D", f"{self._folder / 'data'}", "-p", str(self._port), *settings
        )
        self._wait_until_up()
        self._strategy = self._cheapest_strategy()
        self._administer("CREATE DATABASE {}", _TEMPLATE)
        migrate(self._url(_TEMPLATE))

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._binaries / program, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=_ACCOUNT if os.geteuid() == 0 else None,
                # Ctrl-C is for the tests, which then end the server themselves.
                start_new_session=True,
            )

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._server is None or self._server.poll() is not None:
                break
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"PostgreSQL does not start:\n{self._log.read_text(errors='replace')}")

    def _cheapest_strategy(self) -> str:
        """Copy files, as PostgreSQL 14 did, and not each page through the log, which costs more."""
        with self._connect() as connection:
            return "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""

    def _administer(self, statement: str, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))
        with self._connect() as connection:
            connection.execute(query)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK, port=self._port, user=_ACCOUNT, dbname="postgres", autocommit=True
        )

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://{_ACCOUNT}@{LOOPBACK}:{self._port}/{database}"


def _account_exists() -> bool:
    try:
        pwd.getpwnam(_ACCOUNT)
    except KeyError:
        return False
    return True
