"""Measuring: how long, how much of the processor, how much memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

_ROUNDS = 5
_STATUS = Path("/proc/self/status")

_is_trial: ContextVar[bool] = ContextVar("is_trial", default=False)

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(slots=True, kw_only=True)
class Usage:
    """What something took of this process; filled in when it has ended."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    #: The most that the process has ever held; known on Linux only.
    peak_mb: float | None = None

    def per_second(self, count: int) -> float:
        """Return how many of this count were done in a second."""
        return count / self.seconds

    def cpu_us(self, count: int) -> float:
        """Return the microseconds of processor time for each of this count."""
        return self.cpu_seconds / count * 1e6


@contextmanager
def measured() -> Iterator[Usage]:
    """Measure what happens in the block, in all threads of this process."""
    usage = Usage()
    began, cpu_began = time.perf_counter(), time.process_time()
    yield usage
    usage.seconds = time.perf_counter() - began
    usage.cpu_seconds = time.process_time() - cpu_began
    usage.peak_mb = _peak_mb()


def seconds_for(action: Callable[[], object]) -> float:
    """Return the time that one call takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def least_cpu_seconds(action: Callable[[], object], *, calls: int, rounds: int = _ROUNDS) -> float:
    """Return the processor time of one call, from the quickest of some rounds of so many calls.

    For what waits for nothing; then a busy machine changes it little.
    """
    return min(_cpu_seconds_for(action, calls) for _ in range(rounds)) / calls


def only_try() -> None:
    """Do everything in this process from now on: quickly started, and the figures mean nothing."""
    _is_trial.set(True)


def in_a_process(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Do the work in a fresh process, so that its memory and processor time are its own."""
    if _is_trial.get():
        return work(*args, **kwargs)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *args, **kwargs).result()


def _cpu_seconds_for(action: Callable[[], object], calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        action()
    return time.process_time() - began


def _peak_mb() -> float | None:
    # Not ru_maxrss: in that, Linux counts what the parent held when it started this process.
    if not _STATUS.exists():
        return None
    fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) * 1024 / 1e6
