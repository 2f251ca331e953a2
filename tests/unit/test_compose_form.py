"""The compose form: items that change their places."""

from __future__ import annotations

import pytest

from topthree.domain.writing.issue import PLACES, IssueContent
from topthree.web.desk.writing.compose_form import FIELDS, ComposeForm, form_of


@pytest.mark.parametrize(
    ("place", "to", "order"),
    [
        (1, 1, "ABC"),
        (1, 2, "BAC"),
        (1, 3, "BCA"),
        (2, 1, "BAC"),
        (3, 1, "CAB"),
        (3, 2, "ACB"),
    ],
)
def test_an_item_goes_to_its_place_and_the_others_keep_their_order(
    place: int, to: int, order: str
) -> None:
    form = form_of(IssueContent(subject="Stays"))
    headlines = {"item-1-headline": "A", "item-2-headline": "B", "item-3-headline": "C"}
    values = {name: form[name] for name in FIELDS} | headlines

    moved = ComposeForm(values=values).moved(place, to)

    assert "".join(moved[f"item-{each}-headline"] for each in PLACES) == order
    assert moved["subject"] == "Stays"
