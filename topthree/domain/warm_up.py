"""How many may get mail each day from a domain or address that providers do not know yet (R-38)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import count

from topthree.domain.years import YEARS, is_plausible

#: Each day at most this many times the day before: more is what rate limits are for (Gmail).
GROWTH = 2

# By then any audience is covered; later days need no larger numbers.
_MOST_DOUBLINGS = 40
_PLAN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) +([0-9]{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The first day, and how many that day; twice as many each day after it."""

    start: date
    first_day: int

    def __post_init__(self) -> None:
        if self.first_day < 1:
            raise ValueError("A warm-up begins with at least one message on its first day.")


def shares(plan: Plan, today: date, audience: int) -> tuple[int, ...]:
    """Return how many of the audience get it today, tomorrow and so on, until all have it.

    The same audience is always cut the same way: give each day the next so many of one fixed
    order, most recently confirmed first, and nobody is in two shares.
    """
    days, left = [], audience
    for day in count((today - plan.start).days):
        if left <= 0:
            break
        days.append(min(left, _most(plan, day)))
        left -= days[-1]
    return tuple(days)


def parse_warm_up(text: str) -> Plan:
    """Read a plan such as ``2026-12-01 500``: the first day, and how many that day.

    :raises ValueError: with a sentence for whoever set it.
    """
    found = _PLAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"“{text}” is no warm-up. Write its first day and how many messages may go out then, "
            "as in 2026-12-01 500."
        )
    return Plan(start=_day(found[1]), first_day=int(found[2]))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"There is no day {text} to begin a warm-up on.") from error
    if not is_plausible(day):
        raise ValueError(f"A warm-up begins between {YEARS.start} and {YEARS.stop - 1}.")
    return day


def _most(plan: Plan, day: int) -> int:
    return int(plan.first_day * GROWTH ** min(max(day, 0), _MOST_DOUBLINGS))
