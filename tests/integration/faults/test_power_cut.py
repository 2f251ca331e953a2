"""The power fails: what was recorded and not flushed may be forgotten, and no more than that."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.checker import require_kept
from tests.support.databases import migrate
from tests.support.faulty_runs import opened_run, view_of
from tests.support.installation import Installation, dismantle, install, with_wiring
from tests.support.nemesis import Watched, evidence_of
from tests.support.power import Files
from tests.support.sending import send_what_is_due
from topthree.domain.clock import utc_now
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.outcome import Outcome
from topthree.domain.sending.run import UncertainPolicy
from topthree.mail.transport import Connection, Envelope, Mail, Transport
from topthree.services.sending.claim_batch import BATCH
from topthree.services.sending.finish_run import take_up_again
from topthree.store.engine import connect_relaxed

AUDIENCE = 450
_STATES = "SELECT subscriber_id, status FROM deliveries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What both sides knew when the power could have failed."""

    files: Files
    #: How far the log had reached the disk for certain.
    safe: int
    arrived: int


@dataclass(slots=True, kw_only=True)
class Meter:
    """A way out that looks at the files of the database at each claim, and now and then."""

    transport: Transport
    path: Path
    sink: Watched
    every: int
    moments: list[Moment] = field(default_factory=list)
    _flushed: Files | None = None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self.transport.connect() as connection:
            yield MeteredConnection(connection=connection, meter=self)

    def note_flush(self) -> None:
        self._flushed = Files.read(self.path)

    def note_moment(self) -> None:
        assert self._flushed is not None
        files = Files.read(self.path)
        # A log that was begun anew since then holds nothing that was flushed as a whole.
        is_same = files.log_name == self._flushed.log_name
        safe = self._flushed.log_end if is_same else 32
        self.moments.append(Moment(files=files, safe=safe, arrived=len(self.sink.journal)))


@dataclass(slots=True, kw_only=True)
class MeteredConnection:
    connection: Connection
    meter: Meter

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        return self.connection.send(envelope, message)

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        # The claim was committed, and everything before it flushed, just now.
        self.meter.note_flush()
        for number, outcome in enumerate(self.connection.send_each(mails), start=1):
            if number % self.meter.every == 0:
                self.meter.note_moment()
            yield outcome

    def close(self) -> None:
        self.connection.close()


@pytest.fixture
def on_sqlite(tmp_path: Path, sink: Watched) -> Iterator[Installation]:
    database = tmp_path / "ledger.sqlite"
    migrate(f"sqlite:///{database}")
    with installed(database, tmp_path / "house", sink) as house:
        yield house


@contextmanager
def installed(
    database: Path, folder: Path, sink: Watched, **settings: str
) -> Iterator[Installation]:
    url = f"sqlite:///{database}"
    house = install(folder, url, TOPTHREE_SMTP_URL=sink.url, **settings)
    house.clock.now = utc_now()
    yield house
    dismantle(house)


def moments_of_a_run(house: Installation, sink: Watched, every: int) -> tuple[RunId, list[Moment]]:
    """Send a whole run over one connection and return moments of it."""
    run_id = opened_run(house, AUDIENCE)
    database = Path(str(house.premises().engine.url.database))
    meter = Meter(transport=house.wiring.transport, path=database, sink=sink, every=every)
    send_what_is_due(replace(house.wiring, transport=meter), run_id)
    return run_id, meter.moments


def test_a_claim_waits_for_the_disk_and_an_outcome_does_not(house: Installation) -> None:
    is_sqlite = house.premises().engine.dialect.name == "sqlite"
    ask, flushed, relaxed = (
        ("PRAGMA synchronous", 2, 1) if is_sqlite else ("SHOW synchronous_commit", "on", "off")
    )
    if not is_sqlite:
        # The tests' own server does not wait unless it is told.
        with house.wiring.writing() as session:
            name = session.scalar(text("SELECT current_database()"))
            session.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = 'on'"))
        house.premises().engine.dispose()

    with house.wiring.writing() as session:
        assert session.scalar(text(ask)) == flushed
    connection = connect_relaxed(house.premises().engine)
    assert connection.ask(ask, ())[0] == relaxed
    connection.close()


def test_whatever_the_disk_lost_the_database_is_whole_and_forgets_one_batch_at_the_most(
    on_sqlite: Installation, sink: Watched, tmp_path: Path, chance: random.Random
) -> None:
    _, moments = moments_of_a_run(on_sqlite, sink, every=7)
    worst = 0

    for moment in moments * 2:
        copy = tmp_path / "after.sqlite"
        moment.files.after_a_power_cut(moment.safe, chance).write(copy)
        with closing(sqlite3.connect(copy)) as connection:
            (health,) = connection.execute("PRAGMA integrity_check").fetchone()
            states = connection.execute(_STATES).fetchall()
        for file in tmp_path.glob("after.sqlite*"):
            file.unlink()
        sent = sum(status == DeliveryStatus.SENT for _, status in states)
        assert (health, len(states)) == ("ok", AUDIENCE)
        # Everything is sent in order, so that whoever is sent is among the first to arrive.
        assert sent <= moment.arrived
        worst = max(worst, moment.arrived - sent)

    assert 0 < worst <= BATCH + 1


@pytest.mark.parametrize("policy", list(UncertainPolicy))
def test_after_a_power_cut_the_rest_goes_out_and_one_batch_at_the_most_is_doubled_or_held(
    on_sqlite: Installation,
    sink: Watched,
    tmp_path: Path,
    chance: random.Random,
    policy: UncertainPolicy,
) -> None:
    run_id, moments = moments_of_a_run(on_sqlite, sink, every=45)
    journal = sink.arrivals()

    for number, moment in enumerate(chance.sample(moments, 2)):
        copy = tmp_path / f"after-{number}.sqlite"
        moment.files.after_a_power_cut(moment.safe, chance).write(copy)
        sink.journal[:] = journal[: moment.arrived]
        settings = {"TOPTHREE_ON_UNCERTAIN": policy.value}
        with installed(copy, on_sqlite.folder, sink, **settings) as house:
            # The machine has started once more.
            doubts = replace(house.wiring.doubts, machine_boot="another")
            started = with_wiring(house, doubts=doubts)
            take_up_again(started.wiring)
            send_what_is_due(started.wiring, run_id)

            held = view_of(started, run_id).counts[DeliveryStatus.HELD]
            holds = policy is UncertainPolicy.HOLD
            require_kept(
                evidence_of(started, sink, run_id), doubled_at_most=0 if holds else BATCH + 1
            )
            assert held <= (BATCH if holds else 0)
