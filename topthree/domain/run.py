"""A run: one sending of one issue, and the states it passes."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """A run is done when no delivery of it is left to try."""

    RUNNING = "running"
    DONE = "done"
