"""What names a published issue in addresses, in one spelling."""

from __future__ import annotations

from datetime import date

import pytest

from topthree.domain.archive.issue_key import IssueKey, key_of, parse_key

THE_DAY = date(2026, 12, 3)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (key_of(THE_DAY, 27, None), "2026-12-03"),
        (key_of(THE_DAY, 28, THE_DAY), "2026-12-03-correction-28"),
    ],
)
def test_a_key_reads_back_as_what_it_was(key: IssueKey, text: str) -> None:
    assert str(key) == text
    assert parse_key(text) == key


@pytest.mark.parametrize(
    "text",
    [
        *("", "20261203", "2026-12-3", "2026-02-30", "2026-W49-4", "2026-12-03-", "2026-12-03/"),
        *("2026-12-03-correction-", "2026-12-03-correction-028", "2026-12-03-correction-0"),
        *("2026-12-03-correction-9999999999", "2026-12-03-28", "\u0662026-12-03", "2026-12-03\n"),
    ],
)
def test_there_is_no_second_spelling(text: str) -> None:
    assert parse_key(text) is None
