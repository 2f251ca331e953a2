"""Twenty thousand teachers, and a process that is killed once and asked to stop once on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path

import pytest

from tests.support.installation import Installation, dismantle, install
from tests.support.network import LOOPBACK
from tests.support.server import Server
from tests.support.sink import Manner, Sink
from tests.support.watching import only_run, wait_until
from topthree.domain.clock import utc_now
from topthree.domain.editors.permission import Role
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.sending.open_run import send_now
from topthree.services.subscribers.subscribe import SignUp, subscribe
from topthree.services.subscribers.unsubscribe import look_at_leaving
from topthree.tokens import Purpose

COUNT = 20_000
CONNECTIONS = 4
_PATIENCE_SECONDS = 200


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(Manner(pipelining=True)) as sink:
        yield sink


@pytest.fixture
def house(database_url: str, tmp_path: Path, sink: Sink) -> Iterator[Installation]:
    """Twenty thousand confirmed subscribers, one who waits, and an issue that is being sent."""
    installation = install(tmp_path / "house", database_url, TOPTHREE_SMTP_URL=sink.url)
    installation.clock.now = utc_now()
    installation.add_subscribers(*(f"teacher-{n}@school-{n % 200}.example" for n in range(COUNT)))
    waiting = EmailAddress(local="waiting", domain="school.example")
    with installation.wiring.writing() as session:
        sign_up = SignUp(address=waiting, source="a test", ip=LOOPBACK)
        subscribe(session, sign_up, installation.clock())
    issue_id = installation.schedule_approved_issue()
    publisher = installation.add_editor("Sends", Role.PUBLISHER)
    send_now(installation.wiring, issue_id, publisher)
    yield installation
    dismantle(installation)


@pytest.fixture
def server(house: Installation, database_url: str, sink: Sink, tmp_path: Path) -> Iterator[Server]:
    key = (house.folder / "secret-key").read_text()
    environment = {
        "TOPTHREE_DATABASE_URL": database_url,
        "TOPTHREE_SMTP_URL": sink.url,
        "TOPTHREE_SECRET_KEYS": key,
        "TOPTHREE_CONNECTIONS": str(CONNECTIONS),
    }
    server = Server(tmp_path / "server", environment)
    yield server
    if server.is_running:
        server.stop()


def test_each_confirmed_teacher_gets_the_issue_though_the_process_is_killed_and_stopped(
    house: Installation, server: Server, sink: Sink
) -> None:
    server.start()
    wait_until(lambda: len(sink.accepted) > COUNT // 4, _PATIENCE_SECONDS)
    server.kill()
    server.start()
    wait_until(lambda: len(sink.accepted) > COUNT // 2, _PATIENCE_SECONDS)
    doubled_by_the_kill = doubled(sink)
    server.stop()
    server.start()
    wait_until(lambda: only_run(house).status is RunStatus.DONE, _PATIENCE_SECONDS)

    run = only_run(house)
    issues = [kept for kept in sink.accepted if kept.unsubscribe_url]
    assert len({kept.recipient for kept in issues}) == COUNT == run.audience
    assert run.counts[DeliveryStatus.SENT] == COUNT
    assert "waiting@school.example" not in {kept.recipient for kept in issues}
    assert doubled_by_the_kill <= CONNECTIONS
    assert doubled(sink) == doubled_by_the_kill
    assert_every_link_is_its_recipients_own(house, sink)
    assert_links_work_over_http(house, server, sink)


def doubled(sink: Sink) -> int:
    """How many messages came in addition to each recipient's first."""
    counts = Counter(kept.recipient for kept in tuple(sink.accepted) if kept.unsubscribe_url)
    return sum(counts.values()) - len(counts)


def assert_every_link_is_its_recipients_own(house: Installation, sink: Sink) -> None:
    tokens = house.wiring.tokens
    named = {
        kept.recipient: tokens.read(
            Purpose.UNSUBSCRIBE, kept.unsubscribe_url.rstrip("/").rpartition("/")[2], utc_now()
        )
        for kept in sink.accepted
        if kept.unsubscribe_url
    }
    assert len(set(named.values())) == COUNT
    assert len({kept.message_id for kept in sink.accepted if kept.unsubscribe_url}) == COUNT


def assert_links_work_over_http(house: Installation, server: Server, sink: Sink) -> None:
    chosen = {kept.recipient: kept for kept in islice(sink.accepted, 0, None, COUNT // 50)}
    for kept in (kept for kept in chosen.values() if kept.unsubscribe_url):
        path = "/" + kept.unsubscribe_url.split("/", 3)[3]
        connection = HTTPConnection(LOOPBACK, server.port, timeout=30)
        connection.request("POST", path, body="List-Unsubscribe=One-Click")
        assert connection.getresponse().status == 200
        connection.close()
        with house.wiring.reading() as session:
            token = path.rstrip("/").rpartition("/")[2]
            view = look_at_leaving(session, house.wiring.tokens, token, utc_now())
        assert not view.is_subscribed
        assert view.masked_address[1:] == "•••@" + kept.recipient.rpartition("@")[2]
