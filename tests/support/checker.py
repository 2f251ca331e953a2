"""Counts what a run lost, doubled or claimed wrongly, from the relay's journal and the ledger."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from topthree.domain.sending.delivery import UNFINISHED, DeliveryStatus

#: Whoever did not get it, and of whom the ledger says why.
_EXPLAINED = frozenset(
    {
        DeliveryStatus.FAILED,
        DeliveryStatus.SKIPPED,
        DeliveryStatus.HELD,
        DeliveryStatus.CANCELLED,
    }
)
_OWN_FIELDS = re.compile(
    rb"^(?:To|Date|Message-ID|List-Unsubscribe): .*\r\n(?:[ \t].*\r\n)*", re.MULTILINE
)
_LINK = re.compile(rb"^List-Unsubscribe: <[^>]*/([^/>]+)/?>", re.MULTILINE)
_DATE = re.compile(rb"^Date: (.*)\r\n", re.MULTILINE)
_SOFT_BREAK = b"=\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message that the relay kept, written down before it answered."""

    recipient: str
    message_id: str
    #: Of all that two copies of one message must have in common.
    digest: str
    #: Moved on by whole days when a copy is sent days later (R-10).
    date: str = ""
    #: How many conversations with senders had been cut when it came.
    life: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of one run from both sides."""

    arrivals: Sequence[Arrival]
    #: Of each member of the audience, by address.
    ledger: Mapping[str, DeliveryStatus]
    audience: int
    #: How many the service itself says there are in each state.
    counts: Mapping[DeliveryStatus, int]
    is_over: bool
    #: Arrivals from here on came after this person had left.
    left_at: Mapping[str, int]
    #: Whether copies may have been sent on different days.
    takes_days: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What is wrong with a run, each a promise of docs/reliability.md broken; doubles are counted.

    Empty is well.
    """

    #: P1: without the message, and nothing says why.
    lost: tuple[str, ...]
    #: P1: the counts, and what they do not add up to.
    unbalanced: tuple[str, ...]
    #: P2: sent, says the ledger, and the relay has nothing.
    false_sent: tuple[str, ...]
    #: P4: copies of one message that differ, by Message-ID; or one person with several.
    two_faced: tuple[str, ...]
    #: P5: got a message that was begun after they had left.
    after_leaving: tuple[str, ...]
    #: Got a message, and are not in the audience.
    strangers: tuple[str, ...]


def examine(evidence: Evidence) -> Findings:
    """Hold the two sides against each other."""
    got = {arrival.recipient for arrival in evidence.arrivals}
    return Findings(
        lost=_lost(evidence, got) if evidence.is_over else (),
        unbalanced=_unbalanced(evidence),
        false_sent=tuple(
            sorted(
                recipient
                for recipient, status in evidence.ledger.items()
                if status is DeliveryStatus.SENT and recipient not in got
            )
        ),
        two_faced=_two_faced(evidence),
        after_leaving=tuple(
            arrival.recipient
            for place, arrival in enumerate(evidence.arrivals)
            if place >= evidence.left_at.get(arrival.recipient, len(evidence.arrivals))
        ),
        strangers=tuple(sorted(got - evidence.ledger.keys())),
    )


def doubles(arrivals: Sequence[Arrival]) -> int:
    """Count the messages that came in addition to each recipient's first."""
    return len(arrivals) - len({arrival.recipient for arrival in arrivals})


def doubles_by_life(arrivals: Sequence[Arrival]) -> Counter[int]:
    """Count the doubled messages by the life of the sender in which the copy before was taken."""
    counted: Counter[int] = Counter()
    latest: dict[str, int] = {}
    for arrival in arrivals:
        if arrival.recipient in latest:
            counted[latest[arrival.recipient]] += 1
        latest[arrival.recipient] = arrival.life
    return counted


def require_kept(evidence: Evidence, *, doubled_at_most: int = 0) -> None:
    """Fail, saying what is wrong, unless every promise was kept.

    :raises AssertionError: otherwise.
    """
    findings = examine(evidence)
    wrong = [
        f"{field.name}: {len(found)}, such as {', '.join(found[:3])}"
        for field in fields(findings)
        if (found := getattr(findings, field.name))
    ]
    doubled = doubles(evidence.arrivals)
    if doubled > doubled_at_most:
        counts = Counter(arrival.recipient for arrival in evidence.arrivals)
        worst = ", ".join(f"{recipient} x{times}" for recipient, times in counts.most_common(3))
        wrong.append(f"doubled: {doubled} where {doubled_at_most} are allowed, such as {worst}")
    if wrong:
        states = {str(status): count for status, count in evidence.counts.items() if count}
        wrong.append(f"of {evidence.audience}: {states}, {len(evidence.arrivals)} arrivals")
        raise AssertionError("\n".join(wrong))


def date_of(message: bytes) -> str:
    """Return the Date of a message."""
    found = _DATE.search(message)
    return found[1].decode() if found else ""


def digest_of(message: bytes) -> str:
    """Reduce a message to what is the same in every copy of it, whoever gets it, and whenever."""
    link = _LINK.search(message)
    shared = _OWN_FIELDS.sub(b"", message).replace(_SOFT_BREAK, b"")
    if link:
        shared = shared.replace(link[1], b"")
    return hashlib.sha256(shared).hexdigest()


def _lost(evidence: Evidence, got: set[str]) -> tuple[str, ...]:
    return tuple(
        sorted(
            recipient
            for recipient, status in evidence.ledger.items()
            if status in UNFINISHED or (recipient not in got and status not in _EXPLAINED)
        )
    )


def _unbalanced(evidence: Evidence) -> tuple[str, ...]:
    rows = Counter(evidence.ledger.values())
    wrong = [
        f"{rows[status]} {status}, said to be {evidence.counts.get(status, 0)}"
        for status in DeliveryStatus
        if rows[status] != evidence.counts.get(status, 0)
    ]
    if rows.total() != evidence.audience:
        wrong.append(f"{rows.total()} rows for an audience of {evidence.audience}")
    return tuple(wrong)


def _two_faced(evidence: Evidence) -> tuple[str, ...]:
    faces = {
        (
            arrival.message_id,
            arrival.recipient,
            arrival.digest,
            "" if evidence.takes_days else arrival.date,
        )
        for arrival in evidence.arrivals
    }
    by_name = Counter(face[0] for face in faces)
    by_person = Counter(face[1] for face in faces)
    return tuple(sorted(name for name, times in (by_name | by_person).items() if times > 1))
