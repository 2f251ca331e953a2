"""What an operator writes about providers' paces is what is kept, and a slip is explained."""

from __future__ import annotations

import pytest

from topthree.domain.sending.pacing import Bucket
from topthree.domain.sending.provider_pace import Pacing, parse_provider_paces

TEN = Bucket(rate_per_second=10, burst=10)
FIVE = Bucket(rate_per_second=5, burst=5)


def test_a_named_provider_has_its_pace_and_every_other_that_of_the_star() -> None:
    pacing = Pacing(providers=parse_provider_paces("Google 10/s, district.example 600/min, * 5/s"))

    assert pacing.of("google") == TEN
    assert pacing.of("district.example") == TEN
    assert pacing.of("microsoft") == FIVE


def test_without_a_star_who_is_not_named_is_not_paced() -> None:
    assert Pacing(providers=parse_provider_paces("google 10/s")).of("yahoo") is None
    assert Pacing().of("google") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no pace of a provider"),
        ("google", "“google” is no pace of a provider"),
        ("google 10/s,", "“” is no pace of a provider"),
        ("google fast", "“fast” is no pace"),
        ("google 0/s", "would let nothing leave"),
        ("gogle 10/s", "“gogle” is no provider that is known.*or one of apple, att"),
        ("gmail.com 10/s", "taken by google. Write google instead"),
        ("google 10/s, google 20/s", "“google” has two paces"),
    ],
)
def test_a_slip_is_refused_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_provider_paces(text)
