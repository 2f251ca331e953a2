"""How fast mail may leave: a token bucket as arithmetic on a value that outlives a restart."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

#: How far the clocks of two threads or hosts that share a level may be apart. A clock that goes
#: back by less earns nothing twice; one that goes back by more keeps no one waiting for longer.
CLOCK_SKEW = timedelta(seconds=5)

#: What a pace can be given by, in seconds.
UNITS: Mapping[str, int] = MappingProxyType({"s": 1, "min": 60, "h": 3_600})

# What is left of a token by binary fractions is no reason to wait for the next microsecond.
_ROUNDING = 1e-6
_PACE = re.compile(r"([0-9]{1,9}) ?/ ?([a-z]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """In any span of time, at most rate times span, and ``burst`` more."""

    rate_per_second: float
    #: Tokens that can be saved up: what may leave at once after a rest.
    burst: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rate_per_second) and self.rate_per_second > 0):
            raise ValueError("A pace must be more than nothing.")
        if self.burst < 1:
            raise ValueError("At least one message must be able to leave at once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How full a bucket was, and when; kept as a row, it goes on after a restart."""

    #: Below zero while places are reserved ahead.
    tokens: float
    at: datetime


def full(bucket: Bucket, now: datetime) -> Level:
    """Return the level of a bucket that was never used."""
    return Level(tokens=bucket.burst, at=now)


def take(bucket: Bucket, level: Level, now: datetime, wanted: int) -> tuple[int, Level]:
    """Return how many of the wanted messages may leave now, and the level after them."""
    filled = _refilled(bucket, level, now)
    granted = max(0, min(wanted, math.floor(filled.tokens + _ROUNDING)))
    return granted, Level(tokens=filled.tokens - granted, at=filled.at)


def reserve(
    bucket: Bucket, level: Level, now: datetime, wanted: int
) -> tuple[tuple[datetime, ...], Level]:
    """Return when each of the wanted messages may leave, and the level after them.

    All of them get a place, so that nobody has to ask again: tokens are taken before they are
    there, and the level goes below zero.
    """
    filled = _refilled(bucket, level, now)
    turns = tuple(_when(bucket, filled, now, number) for number in range(1, wanted + 1))
    return turns, Level(tokens=filled.tokens - len(turns), at=filled.at)


def forgiven(bucket: Bucket, level: Level, now: datetime, last_turn: datetime) -> Level:
    """Return the level without the places after the last turn that anybody still waits for.

    Those who had them were cancelled, or left.
    """
    filled = _refilled(bucket, level, now)
    waiting = max(0.0, (last_turn - filled.at).total_seconds())
    return Level(tokens=max(filled.tokens, -waiting * bucket.rate_per_second), at=filled.at)


def next_token_at(bucket: Bucket, level: Level, now: datetime, wanted: int = 1) -> datetime:
    """Return when :func:`take` grants so many messages; ``now`` if it does already.

    No more are ever granted at once than the burst.
    """
    return _when(bucket, _refilled(bucket, level, now), now, min(wanted, bucket.burst))


def parse_pace(text: str) -> Bucket:
    """Read a pace such as ``10/s``, ``600/min`` or ``20000/h``, with a burst of one second of it.

    :raises ValueError: with a sentence for whoever set it.
    """
    found = _PACE.fullmatch(text.strip().lower())
    if found is None or found[2] not in UNITS:
        raise ValueError(
            f"“{text}” is no pace. Write a whole number of messages by s, min or h, as in 600/min."
        )
    number, seconds = int(found[1]), UNITS[found[2]]
    if number == 0:
        raise ValueError(f"“{text}” would let nothing leave. Leave the pace empty for no limit.")
    return Bucket(rate_per_second=number / seconds, burst=-(-number // seconds))


def _when(bucket: Bucket, filled: Level, now: datetime, number: int) -> datetime:
    """Return when the token of this number is there, counted from 1."""
    missing = number - filled.tokens
    if missing <= _ROUNDING:
        return now
    # Rounded up: a microsecond too early would find nothing, and ask again.
    microseconds = math.ceil(missing / bucket.rate_per_second * 1e6)
    return filled.at + timedelta(microseconds=microseconds)


def _refilled(bucket: Bucket, level: Level, now: datetime) -> Level:
    """Return the level with what has flowed in since; a clock that went back brings nothing."""
    if now <= level.at:
        return Level(tokens=min(level.tokens, bucket.burst), at=min(level.at, now + CLOCK_SKEW))
    flowed = (now - level.at).total_seconds() * bucket.rate_per_second
    return Level(tokens=min(level.tokens + flowed, bucket.burst), at=now)
