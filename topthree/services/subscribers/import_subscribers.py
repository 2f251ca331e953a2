"""Importing subscribers from a CSV file: streamed, each bad row named, nobody brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Details, Entry, Thing, ThingKind
from topthree.domain.ids import SubscriberId
from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Invalid, Problem, Refusal
from topthree.domain.subscribers.address import EmailAddress
from topthree.domain.subscribers.subscription import ConsentKind, SubscriptionStatus
from topthree.mail.address_syntax import parse_address
from topthree.services.audit.log import note
from topthree.services.subscribers.subscriber_file import NotACsv, Row, read_rows
from topthree.services.wiring import Wiring
from topthree.store.installation import hash_addresses
from topthree.store.subscribers.new_subscribers import add_unless_known, lock_subscribers_by_key
from topthree.store.subscribers.subscribers import (
    ConsentRow,
    SubscriptionRow,
    known_subscribers,
    suppressed_hashes,
)

_AT_ONCE = 2_000
_CONSENT_LIMIT = 500
_SHOWN = 60
#: A file with more bad rows than this is not a list of addresses.
_BAD_ROWS_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was not imported, and why."""

    line: int
    reason: str
    #: The beginning of what stood there.
    shown: str


@dataclass(slots=True)
class ImportReport:
    """What became of the rows."""

    added: int = 0
    #: Subscribed already.
    already: int = 0
    #: Left before; an import never brings anyone back.
    left: int = 0
    suppressed: int = 0
    #: Asked for the letter and has yet to confirm: the import is no confirmation.
    pending: int = 0
    bad_count: int = 0
    bad: list[BadRow] = field(default_factory=list)
    #: Why the file could not be read to its end; what stands before that place was imported.
    broken: str = ""

    def count_known(self, status: SubscriptionStatus) -> None:
        """Count somebody whose newest subscription is there already."""
        match status:
            case SubscriptionStatus.ENDED:
                self.left += 1
            case SubscriptionStatus.CONFIRMED:
                self.already += 1
            case SubscriptionStatus.PENDING:
                self.pending += 1

    def refuse(self, line: int, reason: str, shown: str) -> None:
        """Name a bad row."""
        self.bad_count += 1
        if len(self.bad) < _BAD_ROWS_KEPT:
            self.bad.append(BadRow(line=line, reason=reason, shown=shown[:_SHOWN]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the addresses come from, and on what ground they may be written to."""

    #: What the operator states about the consent; kept with every subscription.
    consent: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """Somebody to add."""

    address: EmailAddress
    hash: bytes


def import_subscribers(
    wiring: Wiring,
    raw: BinaryIO,
    source: Source,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> ImportReport:
    """Add everyone in the file as confirmed, except who is known or has left.

    Commits every few thousand rows; running it again adds nobody twice.

    :param progress: called with the number of bytes read since the last call.
    :raises Invalid: without a statement of consent.
    """
    checked = _checked(source)
    report = ImportReport()
    portion: dict[str, EmailAddress] = {}
    try:
        for row in read_rows(raw, progress):
            _read_row(row, portion, report)
            if len(portion) >= _AT_ONCE:
                _add(wiring, portion, checked, report)
                portion.clear()
    except NotACsv as error:
        report.broken = str(error)
    _add(wiring, portion, checked, report)
    _note(wiring, checked, report)
    return report


def _note(wiring: Wiring, source: Source, report: ImportReport) -> None:
    details: Details = {
        "added": report.added,
        "not added": report.already + report.left + report.suppressed + report.pending,
        "bad": report.bad_count,
        "consent": source.consent,
    }
    about = Thing(kind=ThingKind.SUBSCRIBERS, label=source.name)
    note(wiring, Entry(who=TERMINAL, act=Act.PEOPLE_IMPORTED, about=about, details=details))


def _read_row(row: Row, portion: dict[str, EmailAddress], report: ImportReport) -> None:
    if row.status not in ("", SubscriptionStatus.CONFIRMED):
        reason = f"Its status is “{row.status}”: only who has confirmed is imported."
        report.refuse(row.line, reason, row.cell)
        return
    try:
        address = parse_address(row.cell)
    except Refusal as error:
        report.refuse(row.line, str(error), row.cell)
        return
    if address.key in portion:
        report.already += 1
    portion[address.key] = address


def _checked(source: Source) -> Source:
    consent = normalise_line(source.consent)
    problems = line_problems("consent", "The statement of consent", consent, _CONSENT_LIMIT)
    if not consent:
        message = "Say on what ground these people may be written to, with --consent."
        problems.append(Problem(field="consent", message=message))
    if problems:
        raise Invalid(*problems)
    return Source(consent=consent, name=source.name)


def _add(
    wiring: Wiring, portion: dict[str, EmailAddress], source: Source, report: ImportReport
) -> None:
    if not portion:
        return
    with wiring.writing() as session:
        fresh = _those_to_add(session, portion, report)
        report.added += _insert(wiring, session, fresh, report, source)


def _those_to_add(
    session: Session, portion: Mapping[str, EmailAddress], report: ImportReport
) -> dict[str, _Fresh]:
    """Return who may be added, by key; everyone else is counted in the report."""
    statuses = known_subscribers(session, list(portion))
    hashes = hash_addresses(session, list(portion))
    suppressed = suppressed_hashes(session, list(hashes.values()))
    fresh = {}
    for key, address in portion.items():
        if key in statuses:
            report.count_known(statuses[key])
        elif hashes[key] in suppressed:
            report.suppressed += 1
        else:
            fresh[key] = _Fresh(address=address, hash=hashes[key])
    return fresh


def _insert(
    wiring: Wiring,
    session: Session,
    fresh: Mapping[str, _Fresh],
    report: ImportReport,
    source: Source,
) -> int:
    """Add them and return how many there were; whoever signs up meanwhile is left to that."""
    now = wiring.clock()
    add_unless_known(
        session,
        # In one order everywhere, so that two imports never wait for each other in a circle.
        [
            {"address": str(each.address), "address_key": key, "address_hash": each.hash}
            | {"created_at": now}
            for key, each in sorted(fresh.items())
        ],
    )
    ids = lock_subscribers_by_key(session, list(fresh))
    meanwhile = known_subscribers(session, list(fresh))
    for status in meanwhile.values():
        report.count_known(status)
    added = [ids[key] for key in fresh if key not in meanwhile]
    _subscribe(session, added, source, now)
    return len(added)


def _subscribe(
    session: Session, ids: Sequence[SubscriberId], source: Source, now: datetime
) -> None:
    if not ids:
        return
    where_from = f"import of {source.name}"
    subscriptions = [
        {
            "subscriber_id": subscriber_id,
            "status": SubscriptionStatus.CONFIRMED,
            "source": where_from,
            "requested_at": now,
            "confirmed_at": now,
            "tries": 0,
        }
        for subscriber_id in ids
    ]
    session.execute(insert(SubscriptionRow), subscriptions)
    made = select(SubscriptionRow.id).where(SubscriptionRow.subscriber_id.in_(ids))
    records = [
        {
            "subscription_id": subscription_id,
            "kind": ConsentKind.IMPORTED,
            "at": now,
            "wording": source.consent,
            "source": where_from,
        }
        for subscription_id in session.scalars(made)
    ]
    session.execute(insert(ConsentRow), records)
