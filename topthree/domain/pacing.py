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


def next_token_at(bucket: Bucket, level: Level, now: datetime) -> datetime:
    """Return when :func:`take` grants the next message; ``now`` if it does already."""
    filled = _refilled(bucket, level, now)
    missing = 1 - filled.tokens
    if missing <= _ROUNDING:
        return now
    # Rounded up: a microsecond too early would find nothing, and ask again.
    microseconds = math.ceil(missing / bucket.rate_per_second * 1e6)
    return filled.at + timedelta(microseconds=microseconds)


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


def _refilled(bucket: Bucket, level: Level, now: datetime) -> Level:
    """Return the level with what has flowed in since; a clock that went back brings nothing."""
    if now <= level.at:
        return Level(tokens=min(level.tokens, bucket.burst), at=min(level.at, now + CLOCK_SKEW))
    flowed = (now - level.at).total_seconds() * bucket.rate_per_second
    return Level(tokens=min(level.tokens + flowed, bucket.burst), at=now)
