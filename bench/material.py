"""What the benchmarks work on: an issue of everyday size, teachers drawn by a seed, a house."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

from sqlalchemy import insert, literal, select

from tests.support.databases import migrate
from tests.support.installation import Installation, dismantle, install
from topthree.domain.clock import seconds_since_boot, utc_now
from topthree.domain.subscribers.subscription import SubscriptionStatus
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.issue_file import decode_issue, read_issue
from topthree.store.subscribers.subscribers import SubscriberRow, SubscriptionRow

SEED = 3
ISSUES = Path(__file__).parents[1] / "issues"
#: Nobody listens here; for what never sends.
NO_RELAY = "smtp+plain://127.0.0.1:9"

_ISSUE = ISSUES / "2026-11-19" / "issue.md"
_AT_ONCE = 10_000
_SCHOOLS = 400
_CONFIRMED = SubscriptionStatus.CONFIRMED.value
_SUBSCRIPTION = ["subscriber_id", "status", "source", "tries", "requested_at", "confirmed_at"]
_WHEN = SubscriptionRow.requested_at.type


def everyday_content() -> IssueContent:
    """Return an issue whose message has about 30 kB."""
    return read_issue(decode_issue(_ISSUE.read_bytes(), name=_ISSUE.name), name=_ISSUE.name).content


def addresses(count: int) -> Iterator[str]:
    """Yield so many different addresses; the same ones every time."""
    random = Random(SEED)
    for number in range(count):
        initial = random.choice("abcdefghijklmnoprstw")
        yield f"{initial}.teacher{number}@school-{random.randrange(_SCHOOLS)}.example"


def database_of(folder: Path) -> Path:
    """Return where a house in this folder keeps its database, unless told otherwise."""
    return folder / "topthree.sqlite3"


@contextmanager
def opened_house(
    folder: Path, relay_url: str = NO_RELAY, *, database_url: str = ""
) -> Iterator[Installation]:
    """Give the installation in this folder, which may be new; its time is the real one.

    Its database is a SQLite file in the folder unless another is named.
    """
    url = database_url or f"sqlite:///{database_of(folder)}"
    folder.mkdir(exist_ok=True)
    migrate(url)
    house = install(folder, url, TOPTHREE_SMTP_URL=relay_url)
    house.clock.now = utc_now()
    real = replace(house.wiring, clock=utc_now, elapsed=seconds_since_boot)
    yield replace(house, wiring=real)
    dismantle(house)


def add_teachers(house: Installation, count: int) -> None:
    """Add confirmed subscribers straight to the tables, which takes a moment and no import."""
    numbered = enumerate(addresses(count), 1)
    while portion := list(islice(numbered, _AT_ONCE)):
        now = house.clock()
        subscribers = [
            {
                "id": number,
                "address": address,
                "address_key": address,
                "address_hash": hashlib.sha256(address.encode()).digest(),
                "created_at": now,
            }
            for number, address in portion
        ]
        consented = select(
            SubscriberRow.id,
            *map(literal, (_CONFIRMED, "a benchmark", 0)),
            *[literal(now, _WHEN)] * 2,
        ).where(SubscriberRow.id >= portion[0][0])
        with house.wiring.writing() as session:
            # Not through the session, to which each row is an object.
            connection = session.connection()
            if connection.dialect.name == "sqlite":
                # The keys come in no order, so that a million of them need room.
                connection.exec_driver_sql("PRAGMA cache_size=-600000")
            connection.execute(insert(SubscriberRow), subscribers)
            connection.execute(insert(SubscriptionRow).from_select(_SUBSCRIPTION, consented))
    # What is measured starts with the memory that the service gives itself.
    house.wiring.sessions.kw["bind"].dispose()
