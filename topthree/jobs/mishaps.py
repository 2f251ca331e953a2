"""What whoever sends does when it is not the relay that stands in the way."""

from __future__ import annotations

import logging

from topthree.domain.ids import RunId
from topthree.services.sending.finish_run import note_trouble
from topthree.services.sending.send_run import Stop, recover
from topthree.services.wiring import Wiring
from topthree.store.sending.ledger import Ledger, LedgerUnavailable

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
_OUR_TROUBLE = "The sending failed on our side; the log says why. It is tried again."


def note_our_trouble(wiring: Wiring, run_id: RunId) -> None:
    """Tell the desk of a mistake of ours, which the log has explained."""
    note_trouble(wiring, run_id, _OUR_TROUBLE)


def wait_for_database(
    wiring: Wiring, ledger: Ledger, run_id: RunId, error: LedgerUnavailable, stop: Stop
) -> None:
    """Wait until what was sent is written down: before that, nothing else is sent.

    When told to stop, it is tried once more; then only the message in flight is in doubt.
    """
    _log.warning("run %d waits for the database: %s", run_id, error)
    while True:
        is_last = stop.wait(_PAUSE_SECONDS)
        try:
            recover(wiring, ledger)
        except LedgerUnavailable as still:
            _log.warning("the database is still away: %s", still)
            if is_last:
                return
        else:
            return
