"""What an issue may hold, what it lacks, and what its approval is bound to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from tests.support.installation import complete_content
from topthree.domain.language import is_language
from topthree.domain.writing.issue import (
    IssueContent,
    missing_from,
    storable_content_problems,
    tidy,
)
from topthree.domain.writing.item import Item, Link, Participation, Section


def with_item(place: int, item: Item) -> IssueContent:
    content = complete_content()
    items = list(content.items)
    items[place - 1] = item
    first, second, third = items
    return replace(content, items=(first, second, third))


def fields_of_problems(content: IssueContent) -> list[str]:
    return [problem.field for problem in storable_content_problems(content)]


def test_a_new_issue_has_one_empty_item_of_each_section() -> None:
    sections = [item.section for item in IssueContent().items]

    assert sections == [Section.RESOURCE, Section.REFLECTION, Section.OPPORTUNITY]


def test_an_empty_issue_can_be_kept_as_a_draft_but_lacks_much() -> None:
    assert storable_content_problems(IssueContent()) == ()
    assert {problem.field for problem in missing_from(IssueContent())} == {
        "subject",
        "preheader",
        "item-1-headline",
        "item-1-body",
        "item-2-headline",
        "item-2-body",
        "item-2-contributor-name",
        "item-3-headline",
        "item-3-body",
    }


def test_a_complete_issue_lacks_nothing() -> None:
    assert missing_from(complete_content()) == ()


@pytest.mark.parametrize(
    "hidden", ["\r", "\n", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u202e", "\t"]
)
def test_a_subject_with_a_line_break_or_a_hidden_character_is_refused(hidden: str) -> None:
    content = replace(complete_content(), subject=f"Share{hidden}Bcc: all@example.org")

    assert fields_of_problems(content) == ["subject"]


@pytest.mark.parametrize("year", [1, 1999, 2200, 9999])
def test_a_date_of_another_century_is_a_slip(year: int) -> None:
    participation = Participation(closes_on=date(year, 12, 31), happens_on=date(2026, 12, 31))
    item = replace(complete_content().items[2], participation=participation)

    assert fields_of_problems(with_item(3, item)) == ["item-3-closes-on"]


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x07", "\u2028", "\u202e", "\ud800", "\ufdd0", "\uffff", "\U0010fffe"]
)
def test_a_text_may_have_lines_but_no_hidden_characters(hidden: str) -> None:
    item = replace(complete_content().items[0], body=f"One\n\nTwo{hidden}")

    assert fields_of_problems(with_item(1, item)) == ["item-1-body"]
    assert fields_of_problems(with_item(1, replace(item, body="One\n\nTwo"))) == []


def test_a_text_of_two_hundred_thousand_characters_is_refused_with_both_figures() -> None:
    item = replace(complete_content().items[0], body="x" * 200_000)

    (problem,) = storable_content_problems(with_item(1, item))

    assert "200,000" in problem.message
    assert "20,000" in problem.message


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,hi",
        "//example.org/",
        "/relative",
        "example.org",
        "https://",
        "https:// example.org",
        "ftp://example.org/",
        "http://[::1",
    ],
)
def test_a_link_that_is_not_absolute_is_refused(url: str) -> None:
    item = replace(complete_content().items[0], link=Link(label="Guide", url=url))

    assert fields_of_problems(with_item(1, item)) == ["item-1-link-url"]


@pytest.mark.parametrize("subject", ["Re: Share the lead", "FWD: Share the lead", "fw: x"])
def test_a_subject_that_pretends_to_be_an_answer_stops_the_issue(subject: str) -> None:
    (problem,) = missing_from(replace(complete_content(), subject=subject))

    assert problem.field == "subject"


def test_a_link_needs_both_halves() -> None:
    words_only = replace(complete_content().items[0], link=Link(label="Guide"))
    address_only = replace(words_only, link=Link(url="https://example.org/"))

    assert [p.field for p in missing_from(with_item(1, words_only))] == ["item-1-link-url"]
    assert [p.field for p in missing_from(with_item(1, address_only))] == ["item-1-link-label"]


def test_a_closing_time_needs_its_date() -> None:
    item = replace(complete_content().items[2], participation=Participation(closes_at=time(17)))

    assert [p.field for p in missing_from(with_item(3, item))] == ["item-3-closes-on"]


@pytest.mark.parametrize("tag", ["en", "es", "pt-BR", "zh-Hans", "es-419"])
def test_a_language_tag_is_recognised(tag: str) -> None:
    assert is_language(tag)


@pytest.mark.parametrize("tag", ["", "English", "e", "en_US", '"><script>'])
def test_anything_else_is_no_language(tag: str) -> None:
    assert not is_language(tag)


def test_tidying_twice_changes_nothing_more() -> None:
    untidy = replace(
        complete_content(), subject="  Share \u0065\u0301 ", greeting="\r\nDear\r\n\r\n"
    )

    once = tidy(untidy)

    assert once.subject == "Share é"
    assert once.greeting == "Dear"
    assert tidy(once) == once


def test_the_digest_changes_with_every_field_and_only_then() -> None:
    content = complete_content()
    dated = replace(content.items[2], participation=Participation(closes_on=date(2026, 12, 4)))

    digests = {
        content.digest(),
        replace(content, subject="Another").digest(),
        replace(content, greeting="").digest(),
        with_item(3, dated).digest(),
        with_item(1, replace(content.items[0], kicker="FYI")).digest(),
    }

    assert len(digests) == 5
    assert content.digest() == complete_content().digest()
