"""What the commands start: on which port, with which rights on files, and after which checks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy.orm import sessionmaker

from tests.support.databases import migrate
from tests.support.network import LOOPBACK
from topthree.app.launcher import EnvironmentLauncher
from topthree.cli.launcher import Check, CheckState
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Entry, Thing, ThingKind
from topthree.services.audit.log import record
from topthree.store.engine import make_engine, writing


def environment(instance: Path, **settings: str) -> Mapping[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("TOPTHREE_")
    }
    ours = {"TOPTHREE_INSTANCE": str(instance), "TOPTHREE_CHECK_LINKS": "no"}
    return inherited | ours | {"PYTHONUNBUFFERED": "1"} | settings


@contextmanager
def serving_on_any_port(instance: Path) -> Iterator[str]:
    """Start the service with other people's rights open, and yield what it prints at the start."""
    process = subprocess.Popen(
        ["sh", "-c", 'umask 022; exec "$0" -m topthree serve --port 0', sys.executable],
        env=environment(instance),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        yield "".join(lines)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_a_port_that_the_system_chose_is_printed_answers_and_stands_in_every_link(
    tmp_path: Path,
) -> None:
    with serving_on_any_port(tmp_path / "instance") as printed:
        ports = {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)/", printed)}
        assert len(ports) == 1
        connection = HTTPConnection(LOOPBACK, ports.pop(), timeout=30)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()

    assert "/desk/sign-in/" in printed


def test_nobody_else_can_read_what_the_service_writes(tmp_path: Path) -> None:
    instance = tmp_path / "instance"

    with serving_on_any_port(instance):
        files = [file for file in instance.rglob("*") if file.exists()]
        modes = {file.name: file.stat().st_mode & 0o077 for file in files}

    assert "topthree.sqlite3" in modes
    assert set(modes.values()) == {0}


@pytest.mark.parametrize(
    "words", [["-m", "topthree"], ["-m", "flask", "--app", "wsgi"]], ids=["topthree", "flask"]
)
def test_every_command_keeps_its_files_from_others(tmp_path: Path, words: list[str]) -> None:
    instance = tmp_path / "instance"
    script = 'umask 022; exec "$0" "$@"'

    subprocess.run(
        ["sh", "-c", script, sys.executable, *words, "db", "upgrade"],
        env=environment(instance),
        check=True,
        capture_output=True,
    )

    assert (instance / "topthree.sqlite3").stat().st_mode & 0o077 == 0


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    monkeypatch.setenv("TOPTHREE_INSTANCE", str(tmp_path / "instance"))
    return Doctor(monkeypatch)


class Doctor:
    """“topthree doctor” under settings of the test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def find(self, **settings: str) -> dict[str, Check]:
        for name, value in settings.items():
            self._monkeypatch.setenv(name, value)
        launcher = EnvironmentLauncher()
        found = {check.name: check for check in launcher.checks()}
        launcher.close()
        return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOPTHREE_DATABASE_URL", "postgresql://u:p@h:port/d"),
        ("TOPTHREE_PUBLIC_URL", "https://müller.example"),
        ("TOPTHREE_BOUNCE_ADDRESS", "bounces"),
        ("TOPTHREE_SESSION_IDLE_MINUTES", "0"),
        ("TOPTHREE_SESSION_HOURS", "half"),
        # Passkeys cannot be bound to 127.0.0.1.
        ("TOPTHREE_PASSKEYS", "yes"),
    ],
)
def test_the_doctor_names_a_setting_that_cannot_be_used(
    doctor: Doctor, name: str, value: str
) -> None:
    found = doctor.find(**{name: value})

    assert found["settings"].state is CheckState.FAILED
    assert name in found["settings"].found


@pytest.mark.parametrize(
    ("at", "zone", "state"),
    [
        ("02:30", "America/New_York", CheckState.WARNING),
        ("01:00", "America/New_York", CheckState.WARNING),
        ("06:00", "America/New_York", CheckState.OK),
        ("02:30", "America/Phoenix", CheckState.OK),
    ],
)
def test_the_doctor_warns_of_an_hour_that_clocks_leave_out_or_repeat(
    doctor: Doctor, at: str, zone: str, state: CheckState
) -> None:
    hour = doctor.find(TOPTHREE_SEND_AT=at, TOPTHREE_TIME_ZONE=zone)["hour"]

    assert hour.state is state
    assert ("TOPTHREE_SEND_AT" in hour.advice) is (state is CheckState.WARNING)


def test_the_doctor_finds_an_audit_log_that_was_changed(doctor: Doctor, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'audited.sqlite3'}"
    migrate(url)
    engine = make_engine(url)
    with writing(sessionmaker(engine)) as session:
        about = Thing(kind=ThingKind.DATABASE)
        entry = Entry(who=TERMINAL, act=Act.DATABASE_COPIED, about=about)
        record(session, entry, datetime(2026, 11, 23, tzinfo=UTC))
    whole = doctor.find(TOPTHREE_DATABASE_URL=url)["audit log"]
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_entries_no_update")
        connection.exec_driver_sql("UPDATE audit_entries SET who_name = 'Kim'")
    engine.dispose()

    changed = doctor.find(TOPTHREE_DATABASE_URL=url)["audit log"]

    assert (whole.state, changed.state) == (CheckState.OK, CheckState.FAILED)
    assert "Entry 1 is not as it was written" in changed.found
