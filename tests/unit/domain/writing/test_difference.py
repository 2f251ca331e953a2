"""Two texts, word by word."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.writing.difference import Passage, PassageKind, compare_texts, shortened

SAME, ADDED, REMOVED = PassageKind.SAME, PassageKind.ADDED, PassageKind.REMOVED

words = st.sampled_from(["the", "team", "decides", "who", "’s", ",", ".", "\n", " ", "  ", "\n\n"])
texts = st.one_of(st.text(max_size=60), st.lists(words, max_size=60).map(" ".join))


def marked(passages: tuple[Passage, ...]) -> str:
    """The passages in one line: [-removed-] and {+added+}."""
    signs = {SAME: "{}", REMOVED: "[-{}-]", ADDED: "{{+{}+}}", PassageKind.LEFT_OUT: "<{}>"}
    return "".join(signs[passage.kind].format(passage.text) for passage in passages)


def side(passages: tuple[Passage, ...], gone: PassageKind) -> str:
    return "".join(passage.text for passage in passages if passage.kind is not gone)


@given(before=texts, after=texts)
def test_both_texts_can_be_read_from_their_difference(before: str, after: str) -> None:
    passages = compare_texts(before, after)

    assert side(passages, ADDED) == before
    assert side(passages, REMOVED) == after


@given(before=texts, after=texts)
def test_neighbouring_passages_are_of_different_kinds_and_none_is_empty(
    before: str, after: str
) -> None:
    kinds = [passage.kind for passage in compare_texts(before, after)]

    assert all(one is not other for one, other in pairwise(kinds))
    assert all(passage.text for passage in compare_texts(before, after))


def test_a_word_that_was_put_in_stands_alone() -> None:
    assert marked(compare_texts("ten decisions", "ten hard decisions")) == (
        "ten {+hard +}decisions"
    )


def test_words_in_a_row_are_replaced_together() -> None:
    passages = compare_texts("It closes on Thursday, May 7.", "It closes by next Friday, May 8.")

    assert marked(passages) == "It closes [-on Thursday-]{+by next Friday+}, May [-7-]{+8+}."


def test_punctuation_is_no_part_of_a_word() -> None:
    assert marked(compare_texts("Yes. No", "Yes! No")) == "Yes[-.-]{+!+} No"


def test_a_text_of_a_million_characters_is_compared_by_its_lines() -> None:
    lines = [f"Line {number} says something of its own." for number in range(20_000)]
    changed = [line.replace("something", "nothing") if "777" in line else line for line in lines]

    passages = compare_texts("\n".join(lines[:900]), "\n".join(changed[:900]))
    huge = compare_texts("a b " * 250_000, "b a " * 250_000)

    assert "[-something-]{+nothing+}" in marked(passages)
    assert side(huge, ADDED) == "a b " * 250_000


def test_what_is_the_same_far_from_a_change_is_left_out() -> None:
    far = "word " * 400

    passages = shortened(compare_texts(f"{far}old {far}", f"{far}new {far}"), context=12)

    assert marked(passages) == "< … >word word [-old-]{+new+} word word< … >"
