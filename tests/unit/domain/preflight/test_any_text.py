"""Whatever is typed, preflight comes to an end and names fields that exist."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.domain.preflight.proofs import CONTENT, RESOURCE, proof
from topthree.domain.preflight.finding import WHOLE
from topthree.domain.preflight.table import preflight
from topthree.domain.writing.content_fields import field_values
from topthree.domain.writing.issue import tidy
from topthree.domain.writing.item import BODY_LIMIT, Link

PIECES = st.sampled_from(
    [
        "[", "]", "(", ")", "https://", "e.gov", "Monday, ", "July ", "28", "31st", "2026", "# ",
        "> ", "- ", "\n", "\n\n", "TK", "A", "AB ", "-", "’", ".", "!", " ", "{{", "<b>", "&amp;",
        "*", "_", "\\", "lunes ", "de enero", "ü", "中",
    ]
)  # fmt: skip
LONG = [
    "A-" * 10_000,
    "AB " * 6_666,
    "AB’" * 6_666,
    "[" * 20_000,
    "[A" * 10_000,
    "[a](" * 5_000,
    "a." * 10_000,
    "www." * 5_000,
    ". " * 10_000,
    '."' * 10_000,
    "Monday, " * 2_500,
    "Monday, July 28 " * 1_250,
    "Mr. " * 5_000,
    "{{" * 10_000,
    "X" * 20_000,
    "> " * 10_000,
    "# \n" * 6_666,
    "word " * 4_000,
    "<" * 20_000,
    "&#x41;" * 3_333,
]


@settings(max_examples=100)
@given(body=st.lists(PIECES, max_size=60).map("".join), subject=st.text(max_size=120))
def test_any_text_is_checked(body: str, subject: str) -> None:
    item = replace(RESOURCE, body=body, headline=subject, link=Link(label=body[:120], url=body))
    first, second, third = (item, replace(item, language="es"), CONTENT.items[2])
    content = tidy(replace(CONTENT, subject=subject, items=(first, second, third)))

    found = preflight(proof(content))

    assert {each.field for each in found} <= {*field_values(content), WHOLE}
    assert all(each.message and each.todo for each in found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("text", LONG, ids=[text[:8] for text in LONG])
def test_the_longest_text_comes_to_an_end(text: str) -> None:
    item = replace(RESOURCE, body=text[:BODY_LIMIT])
    content = tidy(replace(CONTENT, items=(item, *CONTENT.items[1:])))

    assert isinstance(preflight(proof(content)), tuple)
