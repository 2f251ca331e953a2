"""Asking the provider: whoever is slow, silent or endless is given up on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support.network import LOOPBACK
from topthree.fetch.chosen import Chosen, NoAnswer

_OK = b"HTTP/1.1 200 OK\r\n"
_LONG = 100
#: Between the bytes of a provider that drips, and how long each waits for the next.
_PAUSE, _PATIENCE = 0.02, 0.2


@contextmanager
def provider(said: bytes, *, pause: float) -> Iterator[str]:
    """Answer one request byte by byte, and then hold the line until the test is over."""
    is_over = threading.Event()
    with socket.create_server((LOOPBACK, 0)) as server:

        def answer() -> None:
            with server.accept()[0] as line, suppress(OSError):
                line.recv(65_536)
                for number in range(len(said)):
                    line.sendall(said[number : number + 1])
                    is_over.wait(pause)
                is_over.wait()

        thread = threading.Thread(target=answer, name="provider")
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.getsockname()[1]}/"
        finally:
            is_over.set()
            thread.join()


def test_an_answer_that_comes_in_time_is_taken() -> None:
    with provider(_OK + b"Content-Length: 2\r\n\r\n{}", pause=0) as url:
        assert Chosen().get(url) == {}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        _OK + b"X: " + b"x" * _LONG + b"\r\nContent-Length: 2\r\n\r\n{}",
        _OK + b"Content-Length: %d\r\n\r\n" % (_LONG + 2) + b" " * _LONG + b"{}",
    ],
    ids=["silent", "dripping headers", "dripping content"],
)
def test_whoever_is_silent_or_drips_is_given_up_on(said: bytes) -> None:
    with provider(said, pause=_PAUSE) as url, pytest.raises(NoAnswer, match="Timeout"):
        Chosen(seconds=_PATIENCE).get(url)
