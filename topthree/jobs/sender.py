"""The sender: a few lines of work, each with a connection, that send whatever runs are open."""

from __future__ import annotations

import logging
import threading
from contextlib import closing

from topthree.domain.ids import RunId
from topthree.jobs.mishaps import note_our_trouble, wait_for_database
from topthree.jobs.switchboard import Switchboard
from topthree.mail.transport import RelayUnavailable
from topthree.services.sending.finish_run import finish_run, has_due, note_trouble, unfinished_runs
from topthree.services.sending.heed_reply import heed_relay
from topthree.services.sending.send_batch import ClaimLost, RunRests
from topthree.services.sending.send_run import Stop, send_run
from topthree.services.wiring import Wiring
from topthree.store.sending.ledger import Ledger, LedgerUnavailable

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


class Sender:
    """Starts and stops the sending; stopping waits for the messages in flight and no longer.

    Where the database is part of this process, all connections share a thread, for there is
    nothing else to wait for than the relay. A database that answers from elsewhere is waited for
    as well, and so each connection has a thread of its own.
    """

    def __init__(self, wiring: Wiring, connections: int) -> None:
        lines, threads = (connections, 1) if wiring.has_database_inside else (1, connections)
        self._threads = [_SendingThread(wiring, number, lines) for number in range(1, threads + 1)]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the messages in flight and end; what was not sent stays queued."""
        for thread in self._threads:
            thread.ask_to_stop()
        for thread in self._threads:
            thread.join()


class _SendingThread(threading.Thread):
    """A thread with some lines of work; it is also what tells each of them when to stop."""

    def __init__(self, wiring: Wiring, number: int, lines: int) -> None:
        super().__init__(name=f"sender-{number}")
        self._wiring = wiring
        self._lines = lines
        self._is_stopping = False
        #: None while it does not run: a process that stands by holds nothing open.
        self._switchboard: Switchboard | None = None

    def run(self) -> None:
        """Send until told to stop."""
        lines = [_Line(self._wiring, self) for _ in range(self._lines)]
        with closing(Switchboard()) as self._switchboard:
            self._switchboard.run([line.work for line in lines])

    def ask_to_stop(self) -> None:
        """Let each line end with the message in flight."""
        self._is_stopping = True
        if self._switchboard is not None:
            self._switchboard.wake()

    def is_set(self) -> bool:
        """Tell whether to stop."""
        return self._is_stopping

    def wait(self, timeout: float) -> bool:
        """Let the other lines go on for so many seconds, or until it is time to stop."""
        if not self._is_stopping and self._switchboard is not None:
            self._switchboard.sleep(timeout)
        return self._is_stopping


class _Line:
    """One connection's work: run after run, whatever stands in the way."""

    def __init__(self, wiring: Wiring, stop: Stop) -> None:
        self._wiring = wiring
        self._stop = stop

    def work(self) -> None:
        """Send what is due, and look again, until told to stop."""
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
            wait_for_database(self._wiring, ledger, run_id, error, self._stop)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("run %d cannot be sent", run_id)
            note_our_trouble(self._wiring, run_id)
            return False
        return True
