"""The age of a database: whether it is a copy that has forgotten what was done since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: A copy is raised past whatever any machine has seen since it was made, so that the others, which
#: share it, do not take it for a copy again.
_LEAP = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a database says about its own age."""

    #: Raised from time to time while letters may leave; each machine keeps the last it has seen.
    number: int
    #: When it was last raised; None: never yet.
    raised_at: datetime | None
    #: Only copies have it: when they were made.
    copied_at: datetime | None


def has_forgotten(mark: Mark | None, seen: int | None, *, is_shared: bool) -> bool:
    """Tell whether letters may have left of which the database does not know.

    :param mark: None where a backup leaves it out on purpose, as those of PostgreSQL do.
    :param seen: the last number that this machine has seen; None: it has seen none.
    :param is_shared: whether other machines use the database too. Then one that has seen nothing
        is new; otherwise it is the database that is not from here.
    """
    if mark is None or mark.copied_at is not None:
        return True
    if seen is None:
        return mark.number > 0 and not is_shared
    return mark.number < seen


def raised(mark: Mark | None, seen: int | None, *, is_copy: bool) -> int:
    """Return the number that the database gets next."""
    return max(mark.number if mark else 0, seen or 0) + (_LEAP if is_copy else 1)
