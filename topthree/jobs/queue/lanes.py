"""Lanes: what a job needs to send, kept open between jobs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from topthree.domain.sending.backoff import reconnection_delay
from topthree.mail.transport import Connection
from topthree.services.sending.send_batch import Way
from topthree.services.wiring import Wiring

#: Well below the five minutes after which a relay hangs up by itself.
_IDLE_SECONDS = 10.0


class Lane:
    """One ledger and, while it is of use, one connection to the relay; for one job at a time."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self.ledger = wiring.ledger()
        self._connection: AbstractContextManager[Connection] | None = None
        self._way: Way | None = None
        self._failures = 0
        self.idle_since = 0.0

    def way(self) -> Way:
        """Return the connection with the ledger; the relay is dialled if need be.

        :raises RelayUnavailable: if it does not answer.
        """
        if self._way is None:
            connecting = self._wiring.transport.connect()
            self._way = Way(connection=connecting.__enter__(), ledger=self.ledger)
            self._connection = connecting
        return self._way

    def succeeded(self) -> None:
        """Note that the relay took what it was given."""
        self._failures = 0

    def failed(self) -> float:
        """Hang up, and return how many seconds to leave the relay alone."""
        self.hang_up()
        self._failures += 1
        return reconnection_delay(self._failures).total_seconds()

    def hang_up(self) -> None:
        """Take leave of the relay."""
        connection, self._connection, self._way = self._connection, None, None
        if connection is not None:
            connection.__exit__(None, None, None)

    def close(self) -> None:
        """Let go of everything."""
        self.hang_up()
        self.ledger.__exit__(None, None, None)


class Lanes:
    """The lanes that no job has at the moment; there are as many as jobs ran at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._free: list[Lane] = []
        self._guard = threading.Lock()

    @contextmanager
    def borrowed(self) -> Iterator[Lane]:
        """Give a lane; after an error that the job did not expect it is not used again.

        :raises LedgerUnavailable: if the database is away.
        """
        lane = self._take() or Lane(self._wiring)
        try:
            yield lane
        except BaseException:
            lane.close()
            raise
        lane.idle_since = self._wiring.elapsed()
        with self._guard:
            self._free.append(lane)

    def hang_up_idle(self) -> None:
        """Take leave of the relay where nothing was sent for a while, before it does so itself."""
        latest = self._wiring.elapsed() - _IDLE_SECONDS
        with self._guard:
            for lane in self._free:
                if lane.idle_since < latest:
                    lane.hang_up()

    def close(self) -> None:
        """Let go of every lane."""
        while lane := self._take():
            lane.close()

    def _take(self) -> Lane | None:
        """Return the lane that was used last, so that the others fall idle."""
        with self._guard:
            return self._free.pop() if self._free else None
