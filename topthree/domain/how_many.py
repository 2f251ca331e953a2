"""A number with its noun, as people say it."""

from __future__ import annotations


def how_many(count: int, noun: str, plural: str = "") -> str:
    """Return the number with its noun: “1 file”, “31,406 subscribers”, “2 addresses”.

    :param plural: where it is not the noun with an s.
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
