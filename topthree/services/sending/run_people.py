"""Who got an issue: the people of a run with what came of it, one by one or as rows for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import Who
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.refusal import NotFound
from topthree.domain.sending.delivery import DeliveryEvent, DeliveryStatus
from topthree.domain.sending.run_words import DELIVERY_WORDS, reason_words
from topthree.domain.spreadsheet import inert
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.sending.steer_run import settle_held
from topthree.services.wiring import Wiring
from topthree.store.sending.run_people import PersonOfRun, find_person, held_after, people_of

__all__ = [
    "NOBODY",
    "PEOPLE_COLUMNS",
    "PeoplePage",
    "PersonOfRun",
    "export_people",
    "list_people",
    "settle_all_held",
    "who_got_it",
]

#: The columns of the file.
PEOPLE_COLUMNS = (
    "address",
    "outcome",
    "reason",
    "code",
    "relay's words",
    "attempts",
    "time",
)
NOBODY = SubscriberId(0)
_PART = 5_000
_HELD_PART = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Some people of a run, and after whom the next page begins; None: there is none."""

    people: tuple[PersonOfRun, ...]
    next_after: SubscriberId | None


def list_people(
    session: Session,
    run_id: RunId,
    status: DeliveryStatus | None,
    *,
    after: SubscriberId = NOBODY,
    limit: int,
) -> PeoplePage:
    """Return a page of the people of the run, of one status or of any."""
    found = people_of(session, run_id, status, after=after, limit=limit + 1)
    people = found[:limit]
    return PeoplePage(
        people=people, next_after=people[-1].subscriber_id if len(found) > limit else None
    )


def who_got_it(session: Session, run_id: RunId, address: EmailAddress) -> PersonOfRun:
    """Return what came of the run to this address.

    :raises NotFound: if it was not meant for it.
    """
    person = find_person(session, run_id, address.key)
    if person is None:
        message = (
            f"This issue was not meant for {address}: the address did not subscribe when the run"
            " began, or must not be written to."
        )
        raise NotFound(message)
    return person


def export_people(
    reading: Callable[[], AbstractContextManager[Session]],
    run_id: RunId,
    status: DeliveryStatus | None = None,
) -> Iterator[tuple[str, ...]]:
    """Yield one row a person, in the order of ``PEOPLE_COLUMNS``, safe for a spreadsheet.

    In parts: nothing stays open while whoever reads them is slow.
    """
    after: SubscriberId | None = NOBODY
    while after is not None:
        with reading() as session:
            page = list_people(session, run_id, status, after=after, limit=_PART)
        yield from (_row(person) for person in page.people)
        after = page.next_after


def settle_all_held(wiring: Wiring, run_id: RunId, decision: DeliveryEvent, who: Who) -> int:
    """Decide alike about everything that is held; return how many it was about."""
    settled, after = 0, NOBODY
    while True:
        with wiring.reading() as session:
            part = held_after(session, run_id, after, _HELD_PART)
        if not part:
            return settled
        settled += settle_held(wiring, run_id, decision, part, who)
        after = part[-1]


def _row(person: PersonOfRun) -> tuple[str, ...]:
    cells = (
        person.address or "",
        DELIVERY_WORDS[person.status].name,
        reason_words(person.status, person.cause),
        str(person.code or ""),
        person.reply,
        str(person.attempts),
        person.ended_at.isoformat() if person.ended_at else "",
    )
    return tuple(inert(cell) for cell in cells)
