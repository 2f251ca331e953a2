"""Waiting for what others do, and looking at the run they do it to."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.support.installation import Installation
from topthree.services.sending.report_run import RunView, list_runs

PATIENCE_SECONDS = 60.0


def wait_until(is_so: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as it is so; fail if that takes too long."""
    deadline = time.monotonic() + patience_seconds
    while not is_so():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.02)


def only_run(house: Installation) -> RunView:
    """Return the one run there is."""
    with house.wiring.reading() as session:
        (run,) = list_runs(session)
        return run
