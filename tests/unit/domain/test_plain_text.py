"""Lines and texts: brought into one form, unless they are refused anyway."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from topthree.domain.plain_text import (
    line_problems,
    normalise_line,
    normalise_text,
    text_problems,
)

HEAP = "a" + "\u0301\u0327" * 40_000


@pytest.fixture
def ordered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what was brought into NFC."""
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def note(form: Literal["NFC"], text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", note)
    return lengths


@pytest.mark.parametrize("text", [HEAP, HEAP[:1_000], "é" * 80_001, "a" + "\u0f73" * 31])
def test_what_is_far_too_long_or_a_heap_of_accents_is_not_put_in_order(
    ordered: list[int], text: str
) -> None:
    line, several = normalise_line(text), normalise_text(text)

    assert (line, several) == (text, text)
    assert ordered == []


def test_a_heap_of_accents_is_refused_in_a_line_and_in_a_text() -> None:
    heap = "a" + "\u0301" * 31

    in_a_line = line_problems("subject", "The subject", heap, 120)
    in_a_text = text_problems("body", "The text", heap, 20_000)

    assert [problem.field for problem in in_a_line + in_a_text] == ["subject", "body"]
    assert all("heap of accents" in problem.message for problem in in_a_line + in_a_text)


def test_what_is_too_long_is_refused_with_its_length() -> None:
    (problem,) = line_problems("subject", "The subject", "x" * 121, 120)

    assert problem.message == "The subject has 121 characters; at most 120 fit. Shorten it."


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" cafe\u0301 ", "caf\u00e9"),
        ("\u1100\u1161", "\uac00"),
        ("\u0e19\u0e49\u0e33", "\u0e19\u0e49\u0e33"),
        ("\U0001f469\u200d\U0001f3eb\ufe0f", "\U0001f469\u200d\U0001f3eb\ufe0f"),
    ],
)
def test_letters_of_every_script_are_brought_into_one_form(typed: str, kept: str) -> None:
    assert normalise_line(typed) == kept
    assert line_problems("subject", "The subject", kept, 120) == []
