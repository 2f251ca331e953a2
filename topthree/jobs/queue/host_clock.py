"""Whether this machine's clock agrees with the database's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from topthree.domain.refusal import Refusal

#: Leases last for minutes, and machines that ask for the time are off by less than a second.
_MOST = timedelta(seconds=30)


def refuse_wrong_clock(engine: Engine, clock: Callable[[], datetime]) -> None:
    """See that this machine and the database mean the same moment by now.

    :raises Refusal: if they are more than half a minute apart.
    """
    with engine.connect() as connection:
        before = clock()
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs(theirs - before)
    if apart > _MOST:
        raise Refusal(
            f"The clock of this machine and the database's are {apart.total_seconds():,.0f}"
            " seconds apart. Set both by a time server (NTP), then start again."
        )
