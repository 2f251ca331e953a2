"""Looking, for as long as this process may send, whether the database was restored from a copy."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from topthree.services.installation.notice_restore import notice_restore
from topthree.services.sending.finish_run import unfinished_runs
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)

#: A copy of which nobody told us is known for one if it was made this long before the crash:
#: while letters leave, a short time, and otherwise a minute, which is so many times as long.
_EVERY_SECONDS = 5.0
_TIMES_AT_REST = 12


@contextmanager
def watching_for_a_restore(wiring: Wiring, instance: Path) -> Iterator[None]:
    """Look before the block, now and then during it, and after it.

    Before: nothing may leave until it is known. After: what was done meanwhile lies behind the
    number that is kept outside of the database.
    """
    notice_restore(wiring, instance)
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(wiring, instance, ended), name="restore-watch")
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()
        _look(wiring, instance)


def _watch(wiring: Wiring, instance: Path, ended: threading.Event) -> None:
    for turn in count(1):
        if ended.wait(_EVERY_SECONDS):
            return
        _look(wiring, instance, only_if_sending=turn % _TIMES_AT_REST != 0)


def _look(wiring: Wiring, instance: Path, *, only_if_sending: bool = False) -> None:
    try:
        if not only_if_sending or unfinished_runs(wiring):
            notice_restore(wiring, instance)
    except Exception:  # noqa: BLE001 - the next look tries again; a database may be away
        _log.exception("it is not known whether the database was restored")
