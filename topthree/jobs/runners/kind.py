"""Which runner keeps the jobs going."""

from __future__ import annotations

from enum import StrEnum


class RunnerKind(StrEnum):
    """The value is what TOPTHREE_JOBS says."""

    #: In the process that serves the pages, or in one worker.
    EMBEDDED = "embedded"
    #: In workers on any number of machines, over one PostgreSQL.
    DISTRIBUTED = "procrastinate"
