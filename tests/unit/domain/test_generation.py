"""Which database is a copy that has forgotten something."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from topthree.domain.generation import Mark, has_forgotten, raised

AT = datetime(2026, 11, 23, 20, 31, tzinfo=UTC)


def mark(number: int, copied_at: datetime | None = None) -> Mark:
    return Mark(number=number, raised_at=AT, copied_at=copied_at)


@pytest.mark.parametrize(
    ("found", "seen", "is_shared", "expected"),
    [
        (mark(0), None, False, False),
        (mark(7), 7, False, False),
        (mark(9), 7, True, False),
        (mark(7), None, True, False),
        (mark(6), 7, False, True),
        (mark(6), 7, True, True),
        (mark(7), None, False, True),
        (mark(7, copied_at=AT), 7, False, True),
        (mark(7, copied_at=AT), None, True, True),
        (None, 7, False, True),
        (None, None, True, True),
    ],
    ids=[
        "a first start",
        "the next start",
        "another machine was there meanwhile",
        "a new machine",
        "older than what this machine saw",
        "older than what this machine of several saw",
        "a database from somewhere else",
        "a marked copy",
        "a marked copy on a new machine",
        "a dump",
        "a dump on a new machine",
    ],
)
def test_a_copy_is_known_and_nothing_else_is_taken_for_one(
    found: Mark | None, seen: int | None, *, is_shared: bool, expected: bool
) -> None:
    assert has_forgotten(found, seen, is_shared=is_shared) is expected


def test_a_number_only_ever_grows_past_what_was_seen() -> None:
    assert raised(mark(6), 7, is_copy=False) == 8
    assert raised(mark(9), 7, is_copy=False) == 10
    assert raised(None, None, is_copy=False) == 1


def test_after_a_restore_no_other_machine_takes_the_database_for_a_copy_again() -> None:
    seen_elsewhere = 500_000
    following = raised(mark(6), 7, is_copy=True)

    assert not has_forgotten(mark(following), seen_elsewhere, is_shared=True)
