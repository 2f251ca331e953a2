"""Learning from the relay's own log who has got an issue of which the ledger does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Entry, run_thing
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.refusal import Conflict
from topthree.domain.sending.delivery import (
    UNFINISHED,
    DeliveryEvent,
    DeliveryStatus,
    states_that_answer,
)
from topthree.domain.sending.run import RunStatus
from topthree.mail.message import issue_message_id
from topthree.mail.relay_log import accepted_message_ids
from topthree.services.audit.log import note
from topthree.services.sending.report_run import run_there
from topthree.services.wiring import Wiring
from topthree.store.sending.deliveries import count_finally
from topthree.store.sending.reconciling import count_as_sent, next_deliveries
from topthree.store.sending.runs import lock_run

#: So many deliveries are looked at in one transaction: nobody waits long for the database.
_PART = 5_000
_IS_SENT = "This run is being sent. Pause it first, then ask the relay's log."
_WAITS = (*UNFINISHED, DeliveryStatus.HELD)
_CAN_BE_COUNTED = states_that_answer(DeliveryEvent.COUNT_AS_SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What the log and the ledger say together about one run."""

    #: Accepted by the relay and not yet sent by the ledger; counted as sent now.
    matched: int
    #: Accepted by the relay, and sent by the ledger too.
    already_sent: int
    #: Accepted by the relay, but in a state that this does not change: left since, for example.
    left_alone: int
    #: Of ours, but of other runs, or no issue at all.
    unknown: int
    #: Neither in the log nor sent: these wait for the run to be resumed.
    still_to_send: int


class _Found(Enum):
    MATCHED = auto()
    ALREADY_SENT = auto()
    LEFT_ALONE = auto()
    STILL_TO_SEND = auto()
    NOTHING = auto()


_IN_THE_LOG = (_Found.MATCHED, _Found.ALREADY_SENT, _Found.LEFT_ALONE)


def reconcile_run(
    wiring: Wiring, run_id: RunId, logs: Iterable[Path], *, dry_run: bool
) -> Reconciliation:
    """Count as sent what the relay's log shows to be accepted, found by its Message-ID.

    May be broken off and repeated: what was counted stays counted.

    :raises NotFound: if there is no such run.
    :raises Conflict: if it is running: its sender would be at the same deliveries.
    :raises Refusal: if a log cannot be read; nothing is changed then.
    """
    with wiring.reading() as session:
        run = run_there(session, run_id)
        if run.status is RunStatus.RUNNING:
            raise Conflict(_IS_SENT)
        salt = run.salt
    domain = wiring.newsletter.domain
    accepted = set(accepted_message_ids(logs, domain))
    found: Counter[_Found] = Counter()
    for part in _parts(wiring, run_id):
        which = [
            _look(status, is_accepted=_message_id(run_id, to, domain, salt) in accepted)
            for to, status in part
        ]
        found.update(which)
        missing = [to for (to, _), what in zip(part, which, strict=True) if what is _Found.MATCHED]
        if missing and not dry_run:
            _count(wiring, run_id, missing)
    if not dry_run:
        about = run_thing(run_id, run.day)
        details = {"counted as sent": found[_Found.MATCHED]}
        note(wiring, Entry(who=TERMINAL, act=Act.RUN_RECONCILED, about=about, details=details))
    return Reconciliation(
        matched=found[_Found.MATCHED],
        already_sent=found[_Found.ALREADY_SENT],
        left_alone=found[_Found.LEFT_ALONE],
        unknown=len(accepted) - sum(found[which] for which in _IN_THE_LOG),
        still_to_send=found[_Found.STILL_TO_SEND],
    )


def _parts(wiring: Wiring, run_id: RunId) -> Iterator[list[tuple[SubscriberId, DeliveryStatus]]]:
    last = SubscriberId(0)
    while True:
        with wiring.reading() as session:
            part = next_deliveries(session, run_id, last, _PART)
        if not part:
            return
        yield part
        last = part[-1][0]


def _look(status: DeliveryStatus, *, is_accepted: bool) -> _Found:
    if not is_accepted:
        return _Found.STILL_TO_SEND if status in _WAITS else _Found.NOTHING
    if status is DeliveryStatus.SENT:
        return _Found.ALREADY_SENT
    return _Found.MATCHED if status in _CAN_BE_COUNTED else _Found.LEFT_ALONE


def _message_id(run_id: RunId, to: SubscriberId, domain: str, salt: str) -> str:
    return issue_message_id(run_id, to, domain=domain, salt=salt)


def _count(wiring: Wiring, run_id: RunId, missing: list[SubscriberId]) -> None:
    now = wiring.clock()
    with wiring.writing() as session:
        run = lock_run(session, run_id)
        if run is None or run.status is RunStatus.RUNNING:
            raise Conflict(_IS_SENT)
        count_as_sent(session, run_id, missing, now)
        if run.finished_at is not None:
            count_finally(session, run)
