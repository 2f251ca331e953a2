"""Proving that no entry of the audit log was changed, taken away or put in."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import BEGINNING, Link, link_after
from topthree.domain.ids import EntryId
from topthree.services.wiring import Wiring
from topthree.store.audit import chained_entries, count_entries, hash_of_entry, read_head

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found when the chain was gone through."""

    entries: int
    #: How many of them were gone through; all, unless a number was asked for.
    checked: int
    #: The end of the chain, to be noted elsewhere.
    end: Link
    #: In a sentence, where the chain is broken; empty if it is whole.
    problem: str


def verify(session: Session, *, newest: int | None = None, noted: Link | None = None) -> Verdict:
    """Go through the chain and say whether every entry is there, in its order and as written.

    :param newest: go through so many at the end only; the one before them is then believed.
    :param noted: an end of the chain that was written down elsewhere, which must still be in it.
    """
    head, count = read_head(session), count_entries(session)
    after = EntryId(0 if newest is None else max(0, head.id - newest))
    end, checked, problem = _follow(session, after)
    if not problem and end != head:
        problem = f"The chain ends at entry {end.id:,}, but has once reached {head.id:,}."
    if not problem and count != head.id:
        problem = f"There are {count:,} entries instead of {head.id:,}."
    if not problem and noted is not None and hash_of_entry(session, noted.id) != noted.hash:
        problem = f"Entry {noted.id:,} is not the one that was noted."
    return Verdict(entries=count, checked=checked, end=head, problem=problem)


def note_end(wiring: Wiring) -> None:
    """Write the end of the chain into the service's log.

    Whoever could write the whole chain anew owns the database, and not always the log.
    """
    with wiring.reading() as session:
        _log.info("the audit log ends with %s", read_head(session))


def _follow(session: Session, after: EntryId) -> tuple[Link, int, str]:
    """Return the last good link, how many were gone through, and where the chain is broken."""
    start = hash_of_entry(session, after) if after else BEGINNING
    if start is None:
        return Link(id=after, hash=BEGINNING), 0, f"Entry {after:,} is missing."
    link, checked = Link(id=after, hash=start), 0
    with closing(chained_entries(session, after)) as entries:
        for entry, kept in entries:
            if entry.id != link.id + 1:
                return link, checked, f"Entry {link.id + 1:,} is missing."
            following = link_after(link.hash, entry)
            if following.hash != kept:
                return link, checked, f"Entry {entry.id:,} is not as it was written."
            link, checked = following, checked + 1
    return link, checked, ""
