"""Several lines of work in one thread, and what each of them waits for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from topthree.jobs.switchboard import Switchboard
from topthree.mail.waiting import current_waiting

LONG_SECONDS = 60.0


@pytest.fixture
def board() -> Iterator[Switchboard]:
    board = Switchboard()
    yield board
    board.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_line_that_waits_lets_the_others_go_on(
    board: Switchboard, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    seen = []

    def hear() -> None:
        board.until_readable(ours, LONG_SECONDS)
        seen.append(ours.recv(10))

    def speak() -> None:
        seen.append(b"spoken")
        theirs.send(b"heard")

    board.run([hear, speak])

    assert seen == [b"spoken", b"heard"]


def test_a_line_writes_on_when_the_other_side_has_read(
    board: Switchboard, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    ours.settimeout(0)
    filled = _fill(ours)
    seen = []

    def write() -> None:
        board.until_writable(ours, LONG_SECONDS)
        seen.append("written")

    def read() -> None:
        seen.append("read")
        left = filled
        while left:
            left -= len(theirs.recv(left))

    board.run([write, read])

    assert seen == ["read", "written"]


def test_what_does_not_come_in_time_is_an_error_of_its_line_alone(
    board: Switchboard, pair: tuple[socket.socket, socket.socket]
) -> None:
    seen = []

    def wait_in_vain() -> None:
        with pytest.raises(TimeoutError):
            board.until_readable(pair[0], 0.01)
        seen.append("left")

    def sleep() -> None:
        board.sleep(0.05)
        seen.append("awake")

    board.run([wait_in_vain, sleep])

    assert seen == ["left", "awake"]


def test_whoever_sleeps_is_woken_by_another_thread(board: Switchboard) -> None:
    woken = threading.Timer(0.05, board.wake)
    woken.start()

    board.run([lambda: board.sleep(LONG_SECONDS)] * 2)

    woken.join()


def test_a_call_that_blocks_keeps_only_its_own_line_waiting(board: Switchboard) -> None:
    may_end = threading.Event()
    seen: list[str] = []

    def dial() -> None:
        assert board.apart(lambda: may_end.wait(LONG_SECONDS))
        seen.append("connected")

    def go_on() -> None:
        seen.append("went on")
        may_end.set()

    board.run([dial, go_on])

    assert seen == ["went on", "connected"]


def test_what_a_call_apart_raises_is_raised_where_it_was_asked_for(board: Switchboard) -> None:
    seen = []

    def dial() -> None:
        with pytest.raises(ConnectionRefusedError):
            board.apart(_refuse)
        seen.append("refused")

    board.run([dial])

    assert seen == ["refused"]


def test_a_line_ends_and_the_others_go_on_without_it(board: Switchboard) -> None:
    ended: list[int] = []

    def line(number: int) -> Callable[[], None]:
        def work() -> None:
            for _ in range(number):
                board.sleep(0.001)
            ended.append(number)

        return work

    board.run([line(3), line(1), line(2)])

    assert ended == [1, 2, 3]


def test_lines_know_how_they_wait_and_nobody_else_does(board: Switchboard) -> None:
    outside = current_waiting()
    inside = []

    board.run([lambda: inside.append(current_waiting())])

    assert inside == [board]
    assert current_waiting() is outside is not board


def _fill(sock: socket.socket) -> int:
    """Write until nothing more fits; return how much did."""
    filled = 0
    try:
        while True:
            filled += sock.send(b"x" * 65_536)
    except BlockingIOError:
        return filled


def _refuse() -> None:
    raise ConnectionRefusedError
