"""What the public page of an issue is given to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.unit.render.letters import (
    CONTENT,
    EASTERN,
    EDITION,
    NEWSLETTER,
    OPPORTUNITY,
    RESOURCE,
    edition_with,
)
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER, Edition
from topthree.domain.writing.item import Item, Link, Participation, Section
from topthree.render.page import SUMMARY_LIMIT, IssuePage, issue_page, plain_summary

CLOSING_DAY = date(2026, 12, 4)


def page(edition: Edition = EDITION, today: date = EDITION.day) -> IssuePage:
    return issue_page(edition, NEWSLETTER, time_zone=EASTERN, today=today)


def test_a_page_says_which_issue_it_is() -> None:
    shown = page()

    assert (shown.number, shown.number_words) == (27, "No. 27")
    assert shown.day_words == "Thursday, November 19, 2026"
    assert shown.reading_words == "one-minute read"
    assert shown.title == CONTENT.subject
    assert shown.greeting == ("Dear teachers,", "here are three small plans for a long weekend.")
    assert shown.permalink == "https://letters.example.gov/issues/2026-11-19/"
    assert (shown.language, shown.direction, shown.is_sample) == ("en", "ltr", True)


def test_a_page_shows_three_items_with_their_permalinks() -> None:
    items = page().items

    assert [item.place for item in items] == [1, 2, 3]
    assert [item.anchor for item in items] == ["item-1", "item-2", "item-3"]
    assert items[2].permalink == "https://letters.example.gov/issues/2026-11-19/#item-3"
    assert [item.section for item in items] == list(Section)
    assert [item.section_word for item in items] == ["Resource", "Reflection", "Opportunity"]
    assert [item.is_button for item in items] == [False, False, True]


def test_an_item_on_a_page_has_no_classes_of_mail() -> None:
    assert "class=" not in "".join(item.html for item in page().items)


def test_a_page_holds_nothing_of_any_reader() -> None:
    """R-143."""
    assert UNSUBSCRIBE_PLACEHOLDER not in repr(page())
    assert "/u/" not in repr(page())


@pytest.mark.parametrize(
    ("days_later", "is_closed", "said"),
    [
        (-1, False, "Closes Friday, December 4"),
        (0, False, "Closes Friday, December 4"),
        (1, True, "Closed Friday, December 4"),
    ],
)
def test_an_opportunity_is_closed_when_its_day_is_over(
    days_later: int, *, is_closed: bool, said: str
) -> None:
    item = page(today=CLOSING_DAY + timedelta(days=days_later)).items[2]

    assert (item.is_closed, item.deadline_words) == (is_closed, said)


def test_what_is_known_of_an_occasion_is_said_in_sentences() -> None:
    assert page().items[2].particulars == (
        "At 5:00 pm EST.",
        "Takes place on Thursday, January 14, 2027.",
        "Where: Worcester, in the library.",
    )


def test_an_item_without_an_occasion_says_nothing_of_one() -> None:
    item = page().items[0]

    assert (item.deadline_words, item.particulars, item.is_closed) == ("", (), False)


def test_a_closing_time_without_its_day_is_not_said() -> None:
    loose = replace(OPPORTUNITY.participation, closes_on=None, happens_on=None, place="")
    item = page(edition_with(replace(OPPORTUNITY, participation=loose))).items[0]

    assert (item.deadline_words, item.particulars) == ("", ())


def test_a_deadline_of_another_year_says_the_year() -> None:
    later = Participation(closes_on=date(2027, 1, 8))
    item = page(edition_with(replace(OPPORTUNITY, participation=later))).items[0]

    assert item.deadline_words == "Closes Friday, January 8, 2027"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "https:evil"])
def test_a_page_never_links_to_what_is_no_site(url: str) -> None:
    """T15."""
    item = page(edition_with(replace(RESOURCE, link=Link(label="All", url=url)))).items[0]

    assert item.link_url == ""


def test_an_item_in_another_language_speaks_it() -> None:
    item = page(edition_with(replace(RESOURCE, language="es"))).items[0]

    assert (item.language, item.section_word) == ("es", "Recurso")


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ("One thing. Another.", "One thing."),
        ("**One** [thing](https://a.example)! Another.", "One thing!"),
        ("“Is it so?” she asked. Yes.", "“Is it so?”"),
        ("Three schools\nin 1.5 hours", "Three schools in 1.5 hours"),
        ("- a\n- b", "a b"),
        ("", ""),
    ],
)
def test_an_item_is_summed_up_by_its_first_sentence(body: str, summary: str) -> None:
    assert plain_summary(Item(body=body)) == summary


def test_a_long_sentence_is_cut_between_two_words() -> None:
    summary = plain_summary(Item(body="many words, " * 40))

    assert len(summary) <= SUMMARY_LIMIT
    assert summary.endswith(("words…", "many…"))


def test_a_word_without_end_is_cut_all_the_same() -> None:
    assert len(plain_summary(Item(body="x" * 500))) == SUMMARY_LIMIT
