"""Two machines, one database, a real Postfix: one dies half-way, and everybody is counted."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.engine import make_url

from tests.support import postfix
from tests.support.databases import Databases
from tests.support.hosts import Host, Network, network_of_its_own
from tests.support.installation import Installation, dismantle, install
from tests.support.postfix import Postfix
from tests.support.sink import Manner as SinkManner
from tests.support.sink import Sink
from tests.support.watching import only_run
from topthree.domain.clock import utc_now
from topthree.domain.editors.permission import Role
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus, UncertainPolicy
from topthree.jobs.queue.schema import upgrade_queue
from topthree.jobs.runners.kind import RunnerKind
from topthree.services.sending.open_run import send_now
from topthree.store.engine import make_engine
from topthree.store.sending.deliveries import ClaimRow, DeliveryRow
from topthree.store.subscribers.subscribers import SubscriberRow

#: `make soak` counts 20,000, with either runner and with either policy about the uncertain.
_COUNT = "TOPTHREE_TEST_TWO_HOSTS"
COUNT = int(os.environ.get(_COUNT, "2000"))
CONNECTIONS = 4
_PATIENCE_SECONDS = 60 + COUNT / 50


class Manner(NamedTuple):
    """How both hosts send."""

    runner: RunnerKind
    policy: UncertainPolicy


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(SinkManner(pipelining=True)) as sink:
        yield sink


@pytest.fixture
def relay(sink: Sink) -> Iterator[Postfix]:
    if reason := postfix.why_not():
        pytest.skip(reason)
    with Postfix(sink.port) as relay:
        yield relay


@pytest.fixture
def house(
    postgresql_databases: Databases, tmp_path: Path, relay: Postfix
) -> Iterator[Installation]:
    """A database with everybody in it, and the queue's tables."""
    for url in postgresql_databases.fresh():
        engine = make_engine(url)
        upgrade_queue(engine)
        engine.dispose()
        house = install(tmp_path / "house", url, TOPTHREE_SMTP_URL=relay.url)
        house.clock.now = utc_now()
        house.add_subscribers(*(f"teacher-{n}@school-{n % 200}.example" for n in range(COUNT)))
        yield house
        dismantle(house)


@pytest.fixture(
    params=[
        (RunnerKind.DISTRIBUTED, UncertainPolicy.RESEND),
        (RunnerKind.DISTRIBUTED, UncertainPolicy.HOLD),
        (RunnerKind.EMBEDDED, UncertainPolicy.HOLD),
    ],
    ids=" ".join,
)
def manner(request: pytest.FixtureRequest) -> Manner:
    """With which runner they send, and what becomes of what nobody knows."""
    manner = Manner(*request.param)
    if manner.policy is UncertainPolicy.HOLD and _COUNT not in os.environ:
        pytest.skip("make soak kills a host that holds what is uncertain; it takes a while")
    return manner


@pytest.fixture
def hosts(
    house: Installation, manner: Manner, tmp_path: Path, relay: Postfix
) -> Iterator[tuple[Host, Host]]:
    url = house.app.config["SQLALCHEMY_DATABASE_URI"]
    environment = {
        "TOPTHREE_JOBS": manner.runner,
        "TOPTHREE_ON_UNCERTAIN": manner.policy,
        "TOPTHREE_DATABASE_URL": url,
        "TOPTHREE_SMTP_URL": relay.url,
        "TOPTHREE_SECRET_KEYS": (house.folder / "secret-key").read_text(),
        "TOPTHREE_CONNECTIONS": str(CONNECTIONS),
    }
    ports = [relay.port, make_url(url).port or 0]
    kind = "a network of its own" if network_of_its_own() else "a process group only"
    sys.stdout.write(f"Each host has {kind}; {COUNT:,} messages.\n")
    with ExitStack() as stack:
        network = stack.enter_context(Network(tmp_path / "network", ports))
        first, second = (Host(tmp_path / name, network, environment) for name in ("one", "two"))
        for host in (first, second):
            stack.callback(host.end)
            host.start()
        wait_until(
            lambda: all("are running" in host.output for host in (first, second)), (first, second)
        )
        yield first, second


def test_everybody_is_counted_when_one_host_dies_and_the_other_is_stopped_and_started(
    house: Installation, manner: Manner, hosts: tuple[Host, Host], sink: Sink
) -> None:
    died_with = kill_one_and_restart_the_other(house, manner, hosts, sink)

    run = only_run(house)
    held = addresses_of(house, DeliveryRow.status == DeliveryStatus.HELD)
    # Editors get mail of their own meanwhile, of slots that come with nothing approved.
    came = Counter(kept.recipient for kept in sink.accepted if kept.unsubscribe_url)
    doubled = {recipient for recipient, count in came.items() if count > 1}
    copies = came.total() - len(came)
    sys.stdout.write(
        f"{len(came):,} mailboxes reached, {copies} of them twice, {len(held)} held.\n"
    )
    assert died_with, "the host died idle"
    assert run.counts[DeliveryStatus.SENT] + len(held) == run.audience == COUNT
    assert len(came.keys() | held) == COUNT
    # Who was asked to stop wrote to nobody twice, and who died to one for each connection, or has
    # them held by name.
    assert doubled | held <= died_with
    may_be_doubled = CONNECTIONS if manner.policy is UncertainPolicy.RESEND else 0
    assert copies <= may_be_doubled
    assert len(held) <= CONNECTIONS - may_be_doubled


def kill_one_and_restart_the_other(
    house: Installation, manner: Manner, hosts: tuple[Host, Host], sink: Sink
) -> set[str]:
    """Send an issue meanwhile, to the end; return whose deliveries the one had that died."""
    dies, goes_on = hosts
    publisher = house.add_editor("Sends", Role.PUBLISHER)
    send_now(house.wiring, house.schedule_approved_issue(), publisher)

    wait_until(lambda: len(sink.accepted) > COUNT // 4, hosts)
    dies.cut_power()
    died_with = addresses_held_by(house, dies)
    wait_until(lambda: len(sink.accepted) > COUNT // 2, hosts)
    assert goes_on.stop() == 0
    assert addresses_held_by(house, goes_on) == set()
    goes_on.start()
    if manner.runner is RunnerKind.EMBEDDED:
        # Without a queue nobody else knows that it died, and what it had waits for it, or its
        # lease.
        dies.start()
    wait_until(lambda: only_run(house).status is RunStatus.DONE, hosts)
    wait_until_it_rests(sink)
    return died_with


def wait_until(is_so: Callable[[], bool], hosts: tuple[Host, Host]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            printed = "\n".join(host.output for host in hosts)
            raise AssertionError(f"It takes too long. The hosts said:\n{printed}")
        time.sleep(0.02)


def wait_until_it_rests(sink: Sink) -> None:
    """Wait until the relay has passed on what it has accepted."""
    count = -1
    while count != len(sink.accepted):
        count = len(sink.accepted)
        time.sleep(0.5)


def addresses_held_by(house: Installation, host: Host) -> set[str]:
    """Whose deliveries the host has in hand."""
    claims = select(ClaimRow.id).where(ClaimRow.worker == host.worker)
    return addresses_of(house, DeliveryRow.claim_id.in_(claims))


def addresses_of(house: Installation, which: ColumnElement[bool]) -> set[str]:
    """Whose deliveries are such."""
    query = select(SubscriberRow.address)
    query = query.join(DeliveryRow, DeliveryRow.subscriber_id == SubscriberRow.id).where(which)
    with house.wiring.reading() as session:
        return {address for address in session.scalars(query) if address}
