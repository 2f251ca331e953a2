"""The sender: a few threads, each with a connection, that send whatever runs are open."""

from __future__ import annotations

import logging
import threading

from topthree.domain.ids import RunId
from topthree.mail.transport import Connection, RelayUnavailable
from topthree.services.finish_run import finish_run, note_trouble, unfinished_runs
from topthree.services.send_batch import send_batch
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


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
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            try:
                self._send_what_is_due()
                pause = _FIRST_PAUSE_SECONDS
            except RelayUnavailable as error:
                # The relay's trouble costs no delivery an attempt.
                _log.warning("sending waits %.0f s: %s", pause, error)
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - a thread that ends would end the sending
                _log.exception("sending failed; trying again in %.0f s", pause)
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self._stop.wait(_IDLE_SECONDS)

    def _send_what_is_due(self) -> None:
        for run_id in unfinished_runs(self._wiring):
            if finish_run(self._wiring, run_id):
                continue
            try:
                send_run(self._wiring, run_id, self._stop)
            except RelayUnavailable as error:
                note_trouble(self._wiring, run_id, str(error))
                raise
            note_trouble(self._wiring, run_id, "")


def send_run(wiring: Wiring, run_id: RunId, stop: threading.Event) -> None:
    """Send all of the run that is due, over one connection, and close it if nothing is left.

    :raises RelayUnavailable: if the relay went away; what was not sent stays queued.
    """
    connection: Connection
    with wiring.transport.connect() as connection:
        while not stop.is_set() and send_batch(wiring, connection, run_id, stop.is_set):
            pass
    finish_run(wiring, run_id)
