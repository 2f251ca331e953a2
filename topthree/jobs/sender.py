"""The sender: a few threads, each with a connection, that send whatever runs are open."""

from __future__ import annotations

import logging
import threading

from topthree.domain.ids import RunId
from topthree.mail.transport import RelayUnavailable
from topthree.services.finish_run import finish_run, has_due, note_trouble, unfinished_runs
from topthree.services.heed_reply import heed_relay
from topthree.services.send_batch import ClaimLost, RunRests
from topthree.services.send_run import recover, send_run
from topthree.services.wiring import Wiring
from topthree.store.ledger import Ledger, LedgerUnavailable

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_OUR_TROUBLE = "The sending failed on our side; the log says why. It is tried again."


class Sender:
    """Starts and stops the threads; stopping waits for the messages in flight and no longer."""

    def __init__(self, wiring: Wiring, connections: int) -> None:
        self._wiring = wiring
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"sender-{number}")
            for number in range(1, connections + 1)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the messages in flight and end; what was not sent stays queued."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                with self._wiring.ledger() as ledger:
                    self._work_with(ledger)
            except LedgerUnavailable as error:
                _log.warning("nothing is sent while the database is away: %s", error)
                self._stop.wait(_FIRST_PAUSE_SECONDS)

    def _work_with(self, ledger: Ledger) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            if self._send_what_is_due(ledger):
                pause = _FIRST_PAUSE_SECONDS
                self._stop.wait(_IDLE_SECONDS)
            else:
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _send_what_is_due(self, ledger: Ledger) -> bool:
        """Send the due part of every open run; tell whether nothing stood in the way.

        A run that cannot be sent keeps no other waiting.
        """
        try:
            done = [self._send_due_part(ledger, run) for run in unfinished_runs(self._wiring)]
        except Exception:  # noqa: BLE001 - a thread that ends would end the sending
            _log.exception("the open runs cannot be read")
            return False
        return all(done)

    def _send_due_part(self, ledger: Ledger, run_id: RunId) -> bool:
        try:
            if not finish_run(self._wiring, run_id) and has_due(self._wiring, run_id):
                send_run(self._wiring, ledger, run_id, self._stop)
                note_trouble(self._wiring, run_id, "")
        except RelayUnavailable as error:
            # The relay's trouble costs no delivery an attempt.
            _log.warning("run %d waits: %s", run_id, error)
            heed_relay(self._wiring, run_id, error)
            return False
        except RunRests:
            _log.info("run %d rests until the next probe", run_id)
        except ClaimLost:
            _log.warning("run %d: another worker has taken over", run_id)
        except LedgerUnavailable as error:
            _log.warning("run %d waits for the database: %s", run_id, error)
            self._recover(ledger)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("run %d cannot be sent", run_id)
            note_trouble(self._wiring, run_id, _OUR_TROUBLE)
            return False
        return True

    def _recover(self, ledger: Ledger) -> None:
        """Wait until what was sent is written down: before that, nothing else is sent.

        When told to stop, it is tried once more; then only the message in flight is in doubt.
        """
        while True:
            is_last = self._stop.wait(_FIRST_PAUSE_SECONDS)
            try:
                recover(self._wiring, ledger)
            except LedgerUnavailable as error:
                _log.warning("the database is still away: %s", error)
            else:
                return
            if is_last:
                return
