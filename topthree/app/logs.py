"""The log: one line an event on standard error, and never an address in it."""

from __future__ import annotations

import logging

from topthree.domain.subscribers.address import without_addresses

_SHAPE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_NOISY = ("apscheduler", "alembic", "waitress", "CSSUTILS", "procrastinate")


class DiscreetFormatter(logging.Formatter):
    """Masks every address in a line, those in tracebacks and in a database's words too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text without addresses."""
        return without_addresses(super().format(record))


def log_to_stderr() -> None:
    """Let the process log; libraries only what somebody has to look at."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter(_SHAPE))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
