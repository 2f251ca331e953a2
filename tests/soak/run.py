"""One run from its opening to its end, through deaths, freezes, stops, refusals and departures."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from sqlalchemy import select

from tests.soak.history import History
from tests.support.checker import doubles, doubles_by_life, examine, require_kept
from tests.support.crashing import Life, Pace, Sending, life_in, sending
from tests.support.databases import migrate
from tests.support.faults import Fault, Phase
from tests.support.faulty_runs import is_over, opened_run, view_of
from tests.support.installation import Installation, dismantle, install
from tests.support.nemesis import Watched, evidence_of, some_moment
from tests.support.postgresql import Cluster
from tests.support.watching import wait_until
from topthree.domain.clock import utc_now
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import UncertainPolicy
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.store.subscribers.subscribers import SubscriberRow
from topthree.tokens import Purpose

AUDIENCE = 2_500
CONNECTIONS = 4
#: A life ends when it has brought about so many messages, or a little before or after.
_MESSAGES_A_LIFE = 120
#: With so few left to send, nobody is killed any more.
_FEW = 250
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one run."""

    runs: int
    kills: int
    stops: int
    freezes: int
    messages: int
    lost: int
    doubled: int
    #: How many copies nobody can rule out: one a connection and kill, and none where they are held.
    doubled_at_most: int
    held: int
    false_sent: int
    after_leaving: int
    #: Whether any promise was broken.
    broken: int


def kill_through_a_run(chance: random.Random, history: History, cluster: Cluster | None) -> Result:
    """Send one issue while everything goes wrong, and hold the relay against the ledger."""
    policy = chance.choice(list(UncertainPolicy))
    on_postgresql = cluster is not None and chance.random() < 0.3
    with (
        Watched(pipelining=chance.random() < 0.7) as sink,
        _database(cluster, on_postgresql) as url,
    ):
        house = install(Path(tempfile.mkdtemp(prefix="topthree-soak-")), url)
        house.clock.now = utc_now()
        try:
            ordeal = _Ordeal(house, sink, policy, chance, history)
            history.write("opened", policy=policy, on_postgresql=on_postgresql)
            return ordeal.go_through()
        finally:
            dismantle(house)


class _Ordeal:
    def __init__(
        self,
        house: Installation,
        sink: Watched,
        policy: UncertainPolicy,
        chance: random.Random,
        history: History,
    ) -> None:
        self._house, self._sink, self._chance, self._history = house, sink, chance, history
        self._policy = policy
        self._run_id: RunId = opened_run(house, AUDIENCE)
        self._life: Life = life_in(house, TOPTHREE_SMTP_URL=sink.url, TOPTHREE_ON_UNCERTAIN=policy)
        self._left_at: dict[str, int] = {}
        self._done = dict.fromkeys(("kill", "stop", "freeze"), 0)
        self._refuse_some()

    def go_through(self) -> Result:
        while not self._is_almost_over():
            self._live_a_little()
            self._let_some_leave()
        # What was put off is due within a second.
        with sending(replace(self._life, pace=Pace.of(600))) as last:
            wait_until(self._is_over)
            last.ask_to_end()
            last.wait()
        return self._result()

    def _is_over(self) -> bool:
        return is_over(self._house, self._run_id)

    def _is_almost_over(self) -> bool:
        return view_of(self._house, self._run_id).counts[DeliveryStatus.QUEUED] < _FEW

    def _live_a_little(self) -> None:
        goal = len(self._sink.journal) + self._chance.randint(1, 2 * _MESSAGES_A_LIFE)
        with sending(self._life) as sender:
            wait_until(lambda: len(self._sink.journal) >= goal or self._is_almost_over())
            some_moment(self._chance, 0.03)
            way = self._chance.choices(("kill", "stop", "freeze"), weights=(7, 2, 1))[0]
            self._end(sender, way)
        self._sink.settle()
        self._done[way] += 1
        self._history.write(way, life=self._sink.life, arrived=len(self._sink.journal))
        self._sink.life += 1

    def _end(self, sender: Sending, way: str) -> None:
        if way == "freeze":
            sender.freeze()
            time.sleep(0.1)
            sender.wake()
        if way == "kill":
            sender.kill()
        else:
            sender.ask_to_end()
            assert sender.wait() == 0

    def _refuse_some(self) -> None:
        for number in self._chance.sample(range(AUDIENCE), 60):
            reply = self._chance.choice(("550 5.1.1 nobody", "552 5.2.2 full", ""))
            self._sink.script.first_time[f"teacher-{number}@school-{number % 20}.example"] = Fault(
                phase=self._chance.choice((Phase.RCPT, Phase.FINAL_DOT if reply else Phase.DATA)),
                refuse=reply or None,
                drop=not reply,
            )

    def _let_some_leave(self) -> None:
        """Let some leave while nobody sends, so that it is certain who was first."""
        house, now = self._house, utc_now()
        query = select(SubscriberRow.id, SubscriberRow.address).order_by(SubscriberRow.id.desc())
        with house.wiring.writing() as session:
            everybody = session.execute(query).all()
            for subscriber_id, address in self._chance.sample(everybody, 5):
                token = house.wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber_id, now)
                unsubscribe(session, house.wiring.tokens, token, by_one_click=True, now=now)
                self._left_at.setdefault(str(address), len(self._sink.journal))

    def _result(self) -> Result:
        evidence = evidence_of(self._house, self._sink, self._run_id, left_at=self._left_at)
        findings = examine(evidence)
        holds = self._policy is UncertainPolicy.HOLD
        at_most = 0 if holds else self._done["kill"] * CONNECTIONS
        broken = self._complaint(at_most)
        if broken:
            self._history.write("broken", found=broken)
            sys.stderr.write(f"{broken}\n")
        return Result(
            runs=1,
            kills=self._done["kill"],
            stops=self._done["stop"],
            freezes=self._done["freeze"],
            messages=len(evidence.arrivals),
            lost=len(findings.lost),
            doubled=doubles(evidence.arrivals),
            doubled_at_most=at_most,
            held=view_of(self._house, self._run_id).counts[DeliveryStatus.HELD],
            false_sent=len(findings.false_sent),
            after_leaving=len(findings.after_leaving),
            broken=int(bool(broken)),
        )

    def _complaint(self, at_most: int) -> str:
        evidence = evidence_of(self._house, self._sink, self._run_id, left_at=self._left_at)
        try:
            require_kept(evidence, doubled_at_most=at_most)
        except AssertionError as error:
            return str(error)
        worst = max(doubles_by_life(evidence.arrivals).values(), default=0)
        return f"{worst} doubled by one death" if worst > CONNECTIONS else ""


@contextmanager
def _database(cluster: Cluster | None, on_postgresql: bool) -> Iterator[str]:  # noqa: FBT001 - private
    if cluster is not None and on_postgresql:
        yield from cluster.fresh()
        return
    with tempfile.TemporaryDirectory(prefix="topthree-soak-") as folder:
        url = f"sqlite:///{folder}/ledger-{next(_numbers)}.sqlite"
        migrate(url)
        yield url
