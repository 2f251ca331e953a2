"""Items for the bank as text, and the sample bank that a first start puts there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from topthree.domain.bank.bank_file import read_bank_file
from topthree.domain.writing.issue_file import Malformed, decode_issue
from topthree.domain.writing.item import Section, missing_parts

SAMPLE = Path(__file__).parents[4] / "issues" / "bank" / "bank.md"


def test_the_sample_bank_has_something_ready_of_each_section() -> None:
    items = read_bank_file(decode_issue(SAMPLE.read_bytes(), name="bank.md"), name="bank.md")

    assert set(Counter(item.section for item in items)) == set(Section)
    assert [problem for item in items for problem in missing_parts(item)] == []
    assert len({item.headline for item in items}) == len(items)


def test_a_file_may_hold_any_number_of_items() -> None:
    (item,) = read_bank_file("# Reflection: FYI\nheadline: One\n\nIts text.\n", name="x")

    assert (item.section, item.kicker, item.headline, item.body) == (
        Section.REFLECTION,
        "FYI",
        "One",
        "Its text.",
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("subject: An issue\n\n# Resource\n", 1),
        ("# Resource\nheadlin: One\n", 2),
        ("# Resource\n\n# Opportunity\ncloses: soon\n", 4),
        (f"# Resource\nheadline: One\n\n# Resource\nheadline: {'x' * 121}\n", 4),
    ],
)
def test_a_file_that_is_none_says_where(text: str, line: int) -> None:
    with pytest.raises(Malformed) as refused:
        read_bank_file(text, name="bank.md")

    assert refused.value.line == line
    assert str(refused.value).startswith(f"bank.md, line {line}: ")
