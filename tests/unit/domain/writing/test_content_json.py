"""A content written as JSON and read back, whatever fields it has."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.installation import complete_content
from topthree.domain.writing.content_json import Unreadable, read_content
from topthree.domain.writing.issue import IssueContent


@given(content=st.from_type(IssueContent))
def test_what_was_written_is_read_back_the_same(content: IssueContent) -> None:
    assert read_content(content.canonical()) == content


@given(content=st.from_type(IssueContent))
def test_the_digest_is_that_of_what_is_written(content: IssueContent) -> None:
    assert hashlib.sha256(content.canonical().encode()).hexdigest() == content.digest()


def test_a_part_that_is_younger_than_the_text_has_its_default() -> None:
    older = json.loads(complete_content().canonical())
    for item in older["items"]:
        del item["participation"]
        del item["contributor"]["role"]

    content = read_content(json.dumps(older))

    assert content.items[0] == complete_content().items[0]
    assert content.items[1].contributor.role == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '{"subject": 3}',
        '{"title": "No such part"}',
        '{"items": []}',
        '{"items": [{}, {}, {}, {}]}',
        '{"items": [{}, {}, {"section": "sports"}]}',
        '{"items": [{}, {}, {"participation": {"closes_on": "soon"}}]}',
        '{"items": [{}, {}, {"participation": {"closes_on": 7}}]}',
        '{"items": [{}, {}, {"kicker": null}]}',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_content(text)
