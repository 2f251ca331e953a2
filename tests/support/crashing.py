"""Senders in processes of their own, which can be killed, frozen, or made to end at a given step.

Each is forked from a process that has imported everything already and done nothing else, so that
a hundred of them cost seconds. Nothing of a database or a conversation is carried over a fork.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Self

from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.support.installation import Installation
from topthree.app.stop_signals import StopSignal
from topthree.app.wire import wire
from topthree.domain.clock import seconds_since_boot, utc_now
from topthree.domain.ids import IssueId
from topthree.domain.sending.outcome import Outcome
from topthree.jobs.runners.embedded import EmbeddedRunner
from topthree.jobs.sender import Sender
from topthree.mail.transport import Connection, Envelope, Mail, Transport
from topthree.services.identity.editor_view import EditorView
from topthree.services.sending import prepare_run
from topthree.services.sending.finish_run import take_up_again
from topthree.services.sending.open_run import send_now
from topthree.services.wiring import Wiring
from topthree.settings import read_settings
from topthree.store.engine import make_engine

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.support.crashing"])
_END_SECONDS = 30
_PLUG_PULLED = 9


class Step(StrEnum):
    """Where a sender ends of itself, as if the plug had been pulled."""

    CLAIM_COMMITTED = "after the claim was committed"
    ACCEPTED = "after the relay has accepted, before that is written down"
    OUTCOME_COMMITTED = "after the outcome was committed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A clock that runs so many times as fast as the world's, the same in every process."""

    speed: float
    began_at: datetime
    began_seconds: float

    @classmethod
    def of(cls, speed: float) -> Self:
        return cls(speed=speed, began_at=utc_now(), began_seconds=seconds_since_boot())

    def now(self) -> datetime:
        return self.began_at + timedelta(seconds=self.elapsed() - self.began_seconds)

    def elapsed(self) -> float:
        return self.began_seconds + (seconds_since_boot() - self.began_seconds) * self.speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What one sender is told on its way."""

    environment: tuple[tuple[str, str], ...]
    connections: int = 4
    #: Empty: the instance's own name.
    worker: str = ""
    ends_at: tuple[Step, int] | None = None
    pace: Pace | None = None
    #: With schedule and lock, as the service runs; otherwise only what sends.
    is_whole: bool = False


def life_in(house: Installation, **settings: str) -> Life:
    """Return the life of a sender on the installation's own database, with these settings."""
    engine = house.premises().engine
    environment = {
        "TOPTHREE_INSTANCE": str(house.folder),
        "TOPTHREE_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "TOPTHREE_PUBLIC_URL": "http://letters.example",
        "TOPTHREE_CHECK_LINKS": "no",
        **settings,
    }
    return Life(environment=tuple(environment.items()))


class Sending:
    """One such process."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        pid = self._process.pid
        assert pid is not None
        return pid

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        """Pull the plug."""
        self._process.kill()
        self.wait()

    def ask_to_end(self) -> None:
        self._process.terminate()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        self._process.join(_END_SECONDS)
        code = self._process.exitcode
        if code is None:
            os.kill(self.pid, signal.SIGUSR1)
            raise AssertionError("The sender does not end; standard error says where it is.")
        return code


@contextmanager
def sending(life: Life) -> Iterator[Sending]:
    """Send in a process of its own; whatever still runs at the end is killed."""
    yield from _spawned(_live, life)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The run that a process is to open before it ends."""

    issue_id: IssueId
    publisher: EditorView
    #: So many subscribers are prepared in one transaction.
    part: int
    #: How many transactions it commits, the first of which writes the run down.
    commits: int


@contextmanager
def opening(life: Life, what: Opening) -> Iterator[Sending]:
    """Open a run in a process that ends on the way."""
    yield from _spawned(_open, life, what)


def _spawned(target: object, *arguments: object) -> Iterator[Sending]:
    process = _CONTEXT.Process(target=target, args=arguments)  # type: ignore[arg-type]
    process.start()
    sending = Sending(process)
    try:
        yield sending
    finally:
        if sending.is_alive:
            process.kill()
        sending.wait()
        process.close()


def _live(life: Life) -> None:
    # Shows where a sender hangs that does not end.
    faulthandler.register(signal.SIGUSR1)
    stop = StopSignal()
    wiring = _wired(life)
    if life.is_whole:
        folder = Path(dict(life.environment)["TOPTHREE_INSTANCE"])
        runner = EmbeddedRunner(wiring, instance=folder, connections=life.connections)
        runner.start()
        stop.wait()
        runner.stop()
        return
    take_up_again(wiring)
    sender = Sender(wiring, life.connections)
    sender.start()
    stop.wait()
    sender.stop()


def _open(life: Life, what: Opening) -> None:
    # Parts of their usual size would take an audience of many thousands.
    vars(prepare_run)["_PART"] = what.part
    countdown = iter(range(what.commits - 1, -1, -1))

    def end_in_time(_session: Session) -> None:
        if next(countdown, None) == 0:
            os._exit(_PLUG_PULLED)

    wiring = _wired(life)
    event.listen(Session, "after_commit", end_in_time)
    send_now(wiring, what.issue_id, what.publisher)


def _wired(life: Life) -> Wiring:
    settings = read_settings(dict(life.environment))
    wiring = wire(settings, make_engine(settings.database_url), utc_now)
    changes: dict[str, object] = {}
    if life.worker:
        changes["worker"] = life.worker
    if life.pace is not None:
        changes |= {"clock": life.pace.now, "elapsed": life.pace.elapsed}
    if life.ends_at is not None:
        changes["transport"] = _Doomed(wiring.transport, *life.ends_at)
    return replace(wiring, **changes)  # type: ignore[arg-type]


class _Doomed:
    """A transport of a process that ends at a step."""

    def __init__(self, transport: Transport, step: Step, nth: int) -> None:
        self._transport = transport
        self._step = step
        self._countdown = iter(range(nth - 1, -1, -1))

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._transport.connect() as connection:
            yield _DoomedConnection(connection, self)

    def reach(self, step: Step) -> None:
        if step is self._step and next(self._countdown, None) == 0:
            os._exit(_PLUG_PULLED)


class _DoomedConnection:
    def __init__(self, connection: Connection, doom: _Doomed) -> None:
        self._connection = connection
        self._doom = doom

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        return self._connection.send(envelope, message)

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        self._doom.reach(Step.CLAIM_COMMITTED)
        for outcome in self._connection.send_each(mails):
            self._doom.reach(Step.ACCEPTED)
            yield outcome
            # Who comes back for more has written this one down.
            self._doom.reach(Step.OUTCOME_COMMITTED)

    def close(self) -> None:
        self._connection.close()
