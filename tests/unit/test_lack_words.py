"""What an issue lacks is said in one sentence, not in a list of forms."""

from __future__ import annotations

import pytest

from tests.support.installation import complete_content
from topthree.domain.refusal import Problem
from topthree.domain.writing.issue import IssueContent, missing_from
from topthree.domain.writing.item import Item, Section
from topthree.web.desk.planning.lack_words import lack_words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([], ""),
        (["subject"], "It lacks a subject."),
        (["subject", "preheader"], "It lacks a subject and a preheader."),
        (["item-1-body", "item-1-body"], "It lacks the text of item 1."),
        (
            ["subject", "preheader", "item-2-contributor-name"],
            "It lacks a subject, a preheader and who wrote item 2.",
        ),
        (["subject", "preheader", "x", "y"], "It lacks a subject, a preheader and 2 more."),
    ],
)
def test_what_is_lacking_is_one_sentence(fields: list[str], said: str) -> None:
    assert lack_words([Problem(field=field, message="") for field in fields]) == said


def test_a_whole_issue_lacks_nothing() -> None:
    assert lack_words(missing_from(complete_content())) == ""


def test_each_part_of_an_item_has_its_words() -> None:
    items = (Item(section=Section.REFLECTION), *complete_content().items[1:])

    said = lack_words(missing_from(IssueContent(subject="A", preheader="B", items=items)))

    assert said == ("It lacks the headline of item 1, the text of item 1 and who wrote item 1.")
