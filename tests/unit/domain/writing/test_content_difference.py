"""What was changed in an issue, said in words and field by field."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.support.installation import complete_content
from topthree.domain.writing.content_difference import change_words, compare_contents, in_order
from topthree.domain.writing.content_fields import field_values, with_fields
from topthree.domain.writing.issue import IssueContent

contents = st.from_type(IssueContent)


@given(before=contents, after=contents)
def test_every_field_can_be_carried_over_by_its_name(
    before: IssueContent, after: IssueContent
) -> None:
    assert with_fields(before, field_values(after)) == after


@given(before=contents, after=contents)
def test_nothing_is_changed_exactly_when_the_two_are_the_same(
    before: IssueContent, after: IssueContent
) -> None:
    assert (not compare_contents(before, after)) == (before == after)


def test_fields_have_the_names_of_the_form_in_the_order_of_the_page() -> None:
    names = list(field_values(complete_content()))

    assert names[:6] == ["subject", "preheader", "greeting", "language"] + [
        f"item-1-{name}" for name in ("section", "kicker")
    ]
    assert {"item-1-link-url", "item-2-contributor-name", "item-3-closes-on"} <= set(names)


def test_changes_are_said_by_item() -> None:
    before = complete_content()
    values = {
        "subject": "Another",
        "item-2-headline": "Another",
        "item-2-body": "Another",
        "item-3-closes-on": date(2026, 12, 4),
    }

    changes = compare_contents(before, with_fields(before, values))

    assert change_words(changes) == "Subject. Item 2: headline, text. Item 3: closing date"
    assert changes[-1].after == "Friday, December 4, 2026"


def test_items_that_changed_places_are_compared_with_themselves() -> None:
    before = complete_content()
    moved = with_fields(in_order(before, (1, 0, 2)), {"item-1-kicker": "New here"})

    changes = compare_contents(before, moved)

    assert change_words(changes) == "Order of the items. Item 1: kicker"
    assert changes[0].after.startswith(f"1. {before.items[1].headline}\n2.")


def test_an_item_that_is_wholly_new_is_no_move() -> None:
    before = complete_content()
    other = replace(before.items[1], headline="Something else", body="Something else")

    changes = compare_contents(before, replace(before, items=(before.items[0], other, other)))

    assert [change.field for change in changes if change.field == "items"] == []
