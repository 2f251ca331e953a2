"""How far a run is: figures of one moment, how fast it goes, and how it goes with each domain."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run_words import Standing, outlook_words, reason_words
from topthree.services.sending.report_run import Counts, RunView, read_run
from topthree.store.sending.paces import recent_closures
from topthree.store.sending.run_figures import (
    DomainCount,
    Said,
    Unsent,
    count_by_domain,
    said_about,
    tally,
    unsent_by_cause,
)

_LATELY = timedelta(minutes=1)
_SHORTEST = timedelta(seconds=1)
_DOMAINS_SHOWN = 20
#: Whose words are shown for a domain: those that tell most about how it stands now.
_SPEAKS_FIRST = (
    DeliveryStatus.DEFERRED,
    DeliveryStatus.HELD,
    DeliveryStatus.FAILED,
    DeliveryStatus.SENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was counted of a run, and when."""

    at: datetime
    counts: Counts
    #: Within the minute before.
    accepted_lately: int
    unsent: tuple[Unsent, ...]

    @property
    def missed(self) -> tuple[Unsent, ...]:
        """Those to whom it can be sent after all: cancelled, or failed for no fault of theirs."""
        return tuple(unsent for unsent in self.unsent if _is_missed(unsent))

    @property
    def missed_count(self) -> int:
        """How many those are."""
        return sum(unsent.count for unsent in self.missed)

    @property
    def next_try(self) -> datetime | None:
        """When the first of those who were asked to wait is due."""
        put_off = [each for each in self.unsent if each.status is DeliveryStatus.DEFERRED]
        return min((unsent.due_from for unsent in put_off), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainLine:
    """How it goes with the addresses of one domain."""

    #: Empty: the addresses were erased since.
    domain: str
    counts: Counts
    #: About one delivery: the last one tried of those that tell most.
    said: Said | None = None
    why: str = ""

    @property
    def size(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def not_accepted(self) -> int:
        """How many of them the relay has not accepted."""
        return self.size - self.counts[DeliveryStatus.SENT]

    @property
    def waiting(self) -> int:
        """How many were not tried yet, or are being tried."""
        return self.counts[DeliveryStatus.QUEUED] + self.counts[DeliveryStatus.CLAIMED]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByDomain:
    """The domains with the most that was not accepted, and the rest in one line."""

    at: datetime
    lines: tuple[DomainLine, ...]
    other_domains: int
    others: DomainLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A provider, or a domain, that asked for less and is sent nothing for now."""

    name: str
    until: datetime


def resting(session: Session, now: datetime) -> tuple[Resting, ...]:
    """Return who is sent nothing for now, whichever run it is for; the first to end comes first."""
    found = (
        Resting(name=name.removeprefix("@"), until=state.closed_until)
        for name, state in recent_closures(session, now).items()
        if state.closed_until is not None and state.closed_until > now
    )
    return tuple(sorted(found, key=lambda each: (each.until, each.name)))


def read_progress(session: Session, run_id: RunId, now: datetime) -> tuple[RunView, Figures]:
    """Return the run and its figures, counted now.

    :raises NotFound: if there is none.
    """
    counted: list[Figures] = []

    def count(session: Session, run_id: RunId) -> Counts:
        counted.append(count_figures(session, run_id, now))
        return counted[0].counts

    run = read_run(session, run_id, count)
    return run, counted[0] if counted else count_figures(session, run_id, now, run.counts)


def count_figures(
    session: Session, run_id: RunId, now: datetime, known: Counts | None = None
) -> Figures:
    """Count how far the run is; of a finished one the counts are known."""
    counts, lately = known, 0
    if counts is None:
        counted = tally(session, run_id, since=now - _LATELY)
        counts, lately = counted.counts, counted.accepted_since
    is_all_sent = counts[DeliveryStatus.SENT] == sum(counts.values())
    return Figures(
        at=now,
        counts=counts,
        accepted_lately=lately,
        unsent=() if is_all_sent else unsent_by_cause(session, run_id),
    )


def count_domains(session: Session, run_id: RunId, now: datetime) -> ByDomain:
    """Count how it goes with each domain."""
    counted = _by_domain(count_by_domain(session, run_id))
    lines = sorted(
        (DomainLine(domain=domain, counts=_counts(found)) for domain, found in counted.items()),
        key=lambda line: (-line.not_accepted, -line.size, line.domain),
    )
    shown, others = lines[:_DOMAINS_SHOWN], lines[_DOMAINS_SHOWN:]
    speakers = {line.domain: _speaker(counted[line.domain]) for line in shown}
    said = said_about(session, run_id, [one.last for one in speakers.values() if one])
    return ByDomain(
        at=now,
        lines=tuple(_spoken(line, speakers[line.domain], said) for line in shown),
        other_domains=len(others),
        others=DomainLine(domain="", counts=_total(others)),
    )


def outlook(run: RunView, figures: Figures, zone: tzinfo) -> str:
    """Return how fast the run goes and how long it still takes, in words."""
    counts = figures.counts
    span = max(min(figures.at - run.opened_at, _LATELY), _SHORTEST)
    standing = Standing(
        status=run.status,
        is_prepared=run.prepared_at is not None,
        is_seeded=run.seeds_accepted_at is not None,
        is_over=run.finished_at is not None,
        audience=run.audience,
        waiting=counts[DeliveryStatus.QUEUED] + counts[DeliveryStatus.CLAIMED],
        put_off=counts[DeliveryStatus.DEFERRED],
        next_try=figures.next_try,
        per_second=figures.accepted_lately / span.total_seconds(),
        give_up_at=run.give_up_at,
        now=figures.at.astimezone(zone),
    )
    return outlook_words(standing)


def _is_missed(unsent: Unsent) -> bool:
    if unsent.status is DeliveryStatus.FAILED:
        return unsent.cause is None or unsent.cause.can_be_sent_again
    return unsent.status is DeliveryStatus.CANCELLED


def _by_domain(counted: Iterable[DomainCount]) -> dict[str, list[DomainCount]]:
    domains: dict[str, list[DomainCount]] = defaultdict(list)
    for each in counted:
        domains[each.domain].append(each)
    return domains


def _counts(found: Iterable[DomainCount]) -> Counts:
    return dict.fromkeys(DeliveryStatus, 0) | {each.status: each.count for each in found}


def _total(lines: Iterable[DomainLine]) -> Counts:
    total: Counter[DeliveryStatus] = Counter()
    for line in lines:
        total.update(line.counts)
    return {status: total[status] for status in DeliveryStatus}


def _speaker(found: Iterable[DomainCount]) -> DomainCount | None:
    of_status = {each.status: each for each in found}
    return next((of_status[status] for status in _SPEAKS_FIRST if status in of_status), None)


def _spoken(
    line: DomainLine, speaker: DomainCount | None, said: Mapping[SubscriberId, Said]
) -> DomainLine:
    heard = said.get(speaker.last) if speaker else None
    if speaker is None or heard is None:
        return line
    return replace(line, said=heard, why=reason_words(speaker.status, heard.cause))
