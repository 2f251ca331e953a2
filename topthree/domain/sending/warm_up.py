"""How many may get mail each day from a domain or address that providers do not know yet (R-38)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from topthree.domain.years import YEARS, is_plausible

#: A day brings at most this many times the largest one before it: more is what rate limits are for
#: (Gmail).
GROWTH = 2

_DAY = timedelta(days=1)
_PLAN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) +([0-9]{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The first day, and how many that day; later ones grow by what went out before them."""

    start: date
    first_day: int

    def __post_init__(self) -> None:
        if self.first_day < 1:
            raise ValueError("A warm-up begins with at least one message on its first day.")


def shares(
    plan: Plan, today: date, audience: int, planned: Mapping[date, int]
) -> tuple[tuple[date, int], ...]:
    """Return on which days from today how many of the audience get it, until all have it.

    The same audience is always cut the same way: give each day the next so many of one fixed
    order, most recently confirmed first, and nobody is in two shares.

    :param planned: how many messages go out on which days already, because of other issues.
    """
    totals, days, left = dict(planned), [], audience
    day = today
    while left > 0:
        room = _most_on(plan, day, totals) - totals.get(day, 0)
        share = min(left, room)
        if share > 0:
            days.append((day, share))
            totals[day] = totals.get(day, 0) + share
            left -= share
        day += _DAY
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


def _most_on(plan: Plan, day: date, planned: Mapping[date, int]) -> int:
    """Return how many messages may go out on a day, given how many do on others.

    What counts is mail that providers have seen, and not days that went by: after two weeks without
    any, a day may bring twice what the largest one brought before, and no more.
    """
    before = (count for other, count in planned.items() if plan.start <= other < day)
    return max(plan.first_day, GROWTH * max(before, default=0))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"There is no day {text} to begin a warm-up on.") from error
    if not is_plausible(day):
        raise ValueError(f"A warm-up begins between {YEARS.start} and {YEARS.stop - 1}.")
    return day
