"""A relay whose journal can be held against the ledger, and what it does to those who send."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing

from sqlalchemy import Engine, select, text

from tests.support.checker import Arrival, Evidence, date_of, digest_of
from tests.support.faults import Fault, Phase, Script
from tests.support.installation import Installation
from tests.support.sink import Kept, Manner, Sink
from tests.support.watching import wait_until
from topthree.domain.ids import RunId, SubscriberId
from topthree.services.sending.report_run import read_run
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.subscribers.subscribers import SubscriberRow

Act = Callable[[], None]


class Watched(Sink):
    """A sink that keeps of each message what the checker needs, in the order of their coming."""

    def __init__(self, *, pipelining: bool = True) -> None:
        super().__init__(Manner(pipelining=pipelining, keeps_content=True))
        self.journal: list[Arrival] = []
        #: Written into each arrival.
        self.life = 0
        #: Those whose next message is lost after the relay has taken it and gone away.
        self.loses: set[str] = set()
        self.script: Nemesis = Nemesis()
        self.accepted = _Entries(self)

    def arrivals(self) -> tuple[Arrival, ...]:
        return tuple(self.journal)

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.journal) >= count)

    def settle(self) -> None:
        """Wait until what a dead sender had written is read."""
        seen = -1
        while seen != len(self.journal):
            seen = len(self.journal)
            time.sleep(0.02)

    def enter(self, kept: Kept) -> None:
        if kept.recipient in self.loses:
            self.loses.discard(kept.recipient)
            return
        self.journal.append(
            Arrival(
                recipient=kept.recipient,
                message_id=kept.message_id,
                digest=digest_of(kept.content),
                date=date_of(kept.content),
                life=self.life,
            )
        )


class _Entries(list[Kept]):
    """What the sink writes into before it answers; only the digest of it is kept."""

    def __init__(self, sink: Watched) -> None:
        super().__init__()
        self._sink = sink

    def append(self, kept: Kept) -> None:
        self._sink.enter(kept)


class Nemesis(Script):
    """Faults, and acts: what is done while the relay has yet to answer, in the relay's thread."""

    def __init__(self) -> None:
        super().__init__()
        self._always: list[tuple[Phase, Act]] = []
        self._once: list[tuple[Phase, Iterator[int], Act]] = []
        #: What happens once to each of these recipients; found without a search.
        self.first_time: dict[str, Fault] = {}

    def at(self, phase: Phase, nth: int, act: Act) -> None:
        """Do this when the phase is reached for the nth time from now."""
        self._once.append((phase, iter(range(nth - 1, -1, -1)), act))

    def every(self, phase: Phase, act: Act) -> None:
        """Do this each time the phase is reached."""
        self._always.append((phase, act))

    def take(self, phase: Phase, recipients: Sequence[str]) -> Fault | None:
        for where, act in self._always:
            if where is phase:
                act()
        for where, countdown, act in self._once:
            if where is phase and next(countdown, None) == 0:
                act()
        named = self.first_time.get(recipients[0]) if recipients else None
        if named is not None and named.phase is phase:
            return self.first_time.pop(recipients[0])
        return super().take(phase, recipients)


def evidence_of(
    house: Installation,
    sink: Watched,
    run_id: RunId,
    *,
    names: Mapping[SubscriberId, str] | None = None,
    left_at: Mapping[str, int] | None = None,
) -> Evidence:
    """Put together what the relay and the ledger say about the run.

    :param names: addresses of before, for those who were erased since.
    """
    query = (
        select(DeliveryRow.subscriber_id, SubscriberRow.address, DeliveryRow.status)
        .join(SubscriberRow, SubscriberRow.id == DeliveryRow.subscriber_id)
        .where(DeliveryRow.run_id == run_id)
    )
    with house.wiring.reading() as session:
        run = read_run(session, run_id)
        rows = session.execute(query).all()
    known = names or {}
    return Evidence(
        arrivals=sink.arrivals(),
        ledger={
            known.get(subscriber_id) or address or f"erased {subscriber_id}": status
            for subscriber_id, address, status in rows
        },
        audience=run.audience,
        counts=run.counts,
        is_over=run.finished_at is not None,
        left_at=left_at or {},
    )


def some_moment(chance: random.Random, longest_seconds: float) -> None:
    """Let some time pass."""
    time.sleep(chance.uniform(0, longest_seconds))


def nobody_writes(engine: Engine) -> bool:
    """Tell whether no other process has a transaction under way in which it writes."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database), timeout=0.05)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return True
    others = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    # What runs in the server goes on to its end, whoever asked for it.
    time.sleep(0.05)
    with engine.connect() as connection:
        count: int = connection.scalars(others).one()
        return count == 0
