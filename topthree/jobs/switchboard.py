"""Several conversations in one thread: whoever has to wait lets the others go on."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, cast

from greenlet import getcurrent, greenlet

from topthree.mail.waiting import waiting_by

T = TypeVar("T")


@dataclass(slots=True)
class _Rest:
    """A line at rest: until something happens to its socket, or until it is called."""

    line: greenlet
    deadline: float
    #: None: it waits for no socket.
    file: int | None


class Switchboard:
    """Runs lines of work that mostly wait, one at a time, until each has come to its end.

    Threads would do it as well, but not as fast: each message has a dozen places at which threads
    hand the interpreter to each other. Here a line goes on until it must wait for its relay.
    It is a :class:`topthree.mail.waiting.Waiting`.
    """

    def __init__(self) -> None:
        self._exchange: greenlet | None = None
        self._poll = select.poll()
        self._at_socket: dict[int, _Rest] = {}
        self._asleep: dict[greenlet, _Rest] = {}
        #: Lines that another thread has called back.
        self._called: deque[greenlet] = deque()
        self._bell, self._ear = socket.socketpair()
        for end in (self._bell, self._ear):
            end.settimeout(0)
        self._poll.register(self._ear, select.POLLIN)

    def run(self, works: list[Callable[[], None]]) -> None:
        """Do all of this work; return when all of it is done."""
        self._exchange = getcurrent()
        lines = [greenlet(self._in_turn(work)) for work in works]
        for line in lines:
            line.switch()
        while not all(line.dead for line in lines):
            self._connect_next()

    def wake(self) -> None:
        """Let every line that sleeps look around; for other threads."""
        with suppress(BlockingIOError, OSError):
            self._bell.send(b"!")

    def close(self) -> None:
        """Let go of the bell; nothing is running any more."""
        self._bell.close()
        self._ear.close()

    def sleep(self, seconds: float) -> None:
        """Let the others go on for so many seconds, or until :meth:`wake`."""
        line = getcurrent()
        self._asleep[line] = _Rest(line, time.monotonic() + seconds, None)
        self._switch_away()

    def until_readable(self, sock: socket.socket, seconds: float) -> None:
        """Let the others go on until something has come, or the other side has hung up.

        :raises TimeoutError: if neither happens for so many seconds.
        """
        self._rest_at(sock, select.POLLIN, seconds)

    def until_writable(self, sock: socket.socket, seconds: float) -> None:
        """Let the others go on until more can be written.

        :raises TimeoutError: if nothing can for so many seconds.
        """
        self._rest_at(sock, select.POLLOUT, seconds)

    def apart(self, call: Callable[[], T]) -> T:
        """Let the others go on while the call blocks a thread of its own."""
        line = getcurrent()
        results: list[T] = []
        errors: list[BaseException] = []

        def work() -> None:
            try:
                results.append(call())
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                errors.append(error)
            self._called.append(line)
            self.wake()

        threading.Thread(target=work, name=f"{threading.current_thread().name}-apart").start()
        while not results and not errors:
            self._switch_away()
        if errors:
            raise errors[0]
        return results[0]

    def _in_turn(self, work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            with waiting_by(self):
                work()

        return run

    def _switch_away(self) -> None:
        cast("greenlet", self._exchange).switch()

    def _rest_at(self, sock: socket.socket, event: int, seconds: float) -> None:
        file = sock.fileno()
        self._poll.register(file, event)
        self._at_socket[file] = _Rest(getcurrent(), time.monotonic() + seconds, file)
        self._switch_away()

    def _connect_next(self) -> None:
        for file, _ in self._poll.poll(self._milliseconds_left()):
            if file == self._ear.fileno():
                self._answer_bell()
            elif (rest := self._at_socket.get(file)) is not None:
                self._end(rest)
                rest.line.switch()
        self._end_overdue()

    def _milliseconds_left(self) -> float | None:
        rests = (*self._at_socket.values(), *self._asleep.values())
        if not rests:
            return None
        return max(0.0, min(rest.deadline for rest in rests) - time.monotonic()) * 1_000

    def _answer_bell(self) -> None:
        with suppress(BlockingIOError):
            while self._ear.recv(1_024):
                pass
        while self._called:
            self._called.popleft().switch()
        for rest in list(self._asleep.values()):
            self._end(rest)
            rest.line.switch()

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for rest in (*self._at_socket.values(), *self._asleep.values()):
            if rest.deadline > now:
                continue
            self._end(rest)
            if rest.file is None:
                rest.line.switch()
            else:
                rest.line.throw(TimeoutError("timed out"))

    def _end(self, rest: _Rest) -> None:
        if rest.file is None:
            del self._asleep[rest.line]
        else:
            del self._at_socket[rest.file]
            self._poll.unregister(rest.file)
