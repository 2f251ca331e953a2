"""Stopping on a signal."""

from __future__ import annotations

import subprocess
import sys

_END_SECONDS = 20

#: Sends itself SIGTERM at the so-many-th step of waiting, for each of the first steps.
_A_SIGNAL_AT_EACH_STEP = """
import itertools, signal, sys
from topthree.app.stop_signals import StopSignal

for awaited in range(1, 17):
    steps = itertools.count(1)

    def step(frame, event, argument):
        if next(steps) == awaited:
            sys.settrace(None)
            signal.raise_signal(signal.SIGTERM)
        return step

    stop = StopSignal()
    sys.settrace(step)
    stop.wait()
    sys.settrace(None)
    print(awaited, flush=True)
"""


def test_a_signal_at_whatever_step_of_waiting_ends_it() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _A_SIGNAL_AT_EACH_STEP],
        timeout=_END_SECONDS,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [int(line) for line in ended.stdout.split()] == [*range(1, 17)]
