"""The bank's own rules: states, tags, last calls, and where an issue's items went."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import permutations, product

import pytest

from topthree.domain.bank.bank_item import (
    BANK_TRANSITIONS,
    NOTE_LIMIT,
    TAG_LIMIT,
    TAGS_LIMIT,
    BankDetails,
    BankEvent,
    BankState,
    as_last_call,
    details_problems,
    is_open_after,
    last_day,
    next_bank_state,
    places_after,
    read_tags,
)
from topthree.domain.bank.bank_search import BankSearch
from topthree.domain.refusal import Conflict
from topthree.domain.writing.item import HEADLINE_LIMIT, KICKER_LIMIT, Item, Participation, Section

A, B, C = (Item(headline=name, body=f"The text of {name}.") for name in "ABC")
EMPTY = Item(section=Section.OPPORTUNITY)


def test_an_item_of_the_bank_answers_every_event_in_every_state() -> None:
    assert set(BANK_TRANSITIONS) == set(product(BankState, BankEvent))


def test_what_stands_in_an_issue_can_only_be_taken_out_of_it() -> None:
    allowed = [event for event in BankEvent if BANK_TRANSITIONS[BankState.USED, event]]

    assert allowed == [BankEvent.TAKE_OUT]


def test_only_putting_it_into_an_issue_uses_an_item() -> None:
    ways = {event for (_, event), after in BANK_TRANSITIONS.items() if after is BankState.USED}

    assert ways == {BankEvent.PUT}


def test_a_refused_event_says_why() -> None:
    with pytest.raises(Conflict, match="cannot be written here: it stands in an issue"):
        next_bank_state(BankState.USED, BankEvent.EDIT)
    with pytest.raises(Conflict, match="cannot be taken out of an issue: it stands in none"):
        next_bank_state(BankState.IDEA, BankEvent.TAKE_OUT)


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", ()),
        (" , ,", ()),
        ("Math", ("math",)),
        ("Grade  5, MATH,math , grade 5", ("grade 5", "math")),
        ("E\u0301cole", ("école",)),
    ],
)
def test_tags_are_brought_into_one_form(typed: str, tags: tuple[str, ...]) -> None:
    assert read_tags(typed) == tags


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (BankDetails(tags=("x" * (TAG_LIMIT + 1),)), "tags"),
        (BankDetails(tags=("bad\x07",)), "tags"),
        (BankDetails(tags=tuple(map(str, range(TAGS_LIMIT + 1)))), "tags"),
        (BankDetails(note="x" * (NOTE_LIMIT + 1)), "note"),
        (BankDetails(use_by=date(9026, 1, 1)), "use-by"),
    ],
)
def test_details_that_cannot_be_kept_name_their_field(details: BankDetails, field: str) -> None:
    assert [problem.field for problem in details_problems(details)] == [field]


def test_the_last_day_is_the_earlier_of_closing_and_use_by() -> None:
    closing = Item(participation=Participation(closes_on=date(2026, 12, 4)))

    assert last_day(closing, None) == date(2026, 12, 4)
    assert last_day(closing, date(2026, 12, 1)) == date(2026, 12, 1)
    assert last_day(Item(), None) is None


@pytest.mark.parametrize(
    ("closes_on", "closes_at", "is_open"),
    [
        (None, None, False),
        (date(2026, 12, 2), None, False),
        (date(2026, 12, 3), time(5), False),
        (date(2026, 12, 3), time(6), False),
        (date(2026, 12, 3), time(17), True),
        (date(2026, 12, 3), None, True),
        (date(2026, 12, 4), time(0), True),
    ],
)
def test_a_last_call_needs_a_slot_before_the_closing_time(
    closes_on: date | None, closes_at: time | None, *, is_open: bool
) -> None:
    slot = datetime(2026, 12, 3, 6, 0, tzinfo=UTC)
    participation = Participation(closes_on=closes_on, closes_at=closes_at)

    assert is_open_after(participation, slot) is is_open


def test_a_last_call_says_so_once() -> None:
    once = as_last_call(Item(kicker="Get Involved", headline="Take a seat"))

    assert (once.kicker, once.headline) == ("Last call", "Last call: Take a seat")
    assert as_last_call(once) == once
    assert len(once.kicker) <= KICKER_LIMIT


def test_a_headline_without_room_for_it_stays_as_it_is() -> None:
    long = Item(headline="x" * HEADLINE_LIMIT)

    assert as_last_call(long).headline == long.headline


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_items_are_found_again_in_any_order(order: tuple[int, int, int]) -> None:
    before = (A, B, C)
    after = tuple(before[index] for index in order)

    assert places_after(before, after) == {index + 1: order.index(index) + 1 for index in range(3)}


def test_an_item_that_was_moved_and_edited_is_found_by_its_headline_or_text() -> None:
    shorter, renamed = replace(A, body="Shorter."), replace(B, headline="Renamed")

    assert places_after((A, B, EMPTY), (renamed, shorter, EMPTY)) == {1: 2, 2: 1}


def test_an_item_that_was_rewritten_stands_where_it_stood() -> None:
    assert places_after((A, B, EMPTY), (A, C, EMPTY)) == {1: 1, 2: 2}


def test_an_item_whose_place_was_emptied_is_gone() -> None:
    assert places_after((A, B, C), (A, EMPTY, C)) == {1: 1, 3: 3}
    assert places_after((A, B, C), (EMPTY, A, C)) == {1: 2, 3: 3}


def test_two_alike_do_not_end_up_at_one_place() -> None:
    assert places_after((A, A, EMPTY), (A, A, EMPTY)) == {1: 1, 2: 2}
    assert places_after((A, A, B), (B, A, A)) == {2: 2, 1: 3, 3: 1}


def test_a_search_takes_few_words_and_none_too_long() -> None:
    terms = BankSearch(words="Ö " * 50 + "x" * 1_000_000).terms()

    assert terms == ("ö",) * 8
    assert max(map(len, BankSearch(words="x" * 1_000_000).terms())) == 80
