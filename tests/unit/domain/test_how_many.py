from __future__ import annotations

import pytest

from topthree.domain.how_many import how_many


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 addresses"), (1, "1 address"), (2, "2 addresses"), (31_406, "31,406 addresses")],
)
def test_a_number_stands_with_its_noun_in_the_form_that_goes_with_it(
    count: int, words: str
) -> None:
    assert how_many(count, "address", "addresses") == words


def test_most_nouns_take_an_s() -> None:
    assert (how_many(1, "file"), how_many(2, "file")) == ("1 file", "2 files")
