"""The plain-text part: what a person reads who never sees the HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.render.letters import CONTENT, EDITION, NEWSLETTER, hrefs, rendered
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER
from topthree.render.markdown import to_text

LONG_URL = "https://example.gov/" + "-".join(["word"] * 40) + "?a=1&b=2"

WHOLE_ISSUE = """\
Five schools, one hour on Tuesdays, and a chair with your name on it.

TEACHERS’ TOP THREE
No. 27 · Thursday, November 19, 2026 · one-minute read

SHARE THE LEAD

Dear teachers,

here are three small plans for a long weekend.

  1  Five schools that share the lead
  2  I stopped planning alone
  3  Take a seat on a cabinet


----------------------------------------------------------------------
1  RESOURCE: What We’re Reading

Five schools that share the lead
----------------------------------------------------------------------

The person closest to the work decides. Take what you need:

  - The guide as PDF (12 pages, 1.1 MB)
    <https://files.example.gov/guide.pdf>
  - The guide as Word (240 kB)
    <https://files.example.gov/guide.docx?a=1&b=2>

All five case studies:
<https://files.example.gov/cases>


----------------------------------------------------------------------
2  REFLECTION: From the Classroom

I stopped planning alone
----------------------------------------------------------------------

Four of us meet on Tuesdays.

  “I bring the page I am stuck on.”

It helps.

Ana Ruiz, Grade 5 teacher, Revere


----------------------------------------------------------------------
3  OPPORTUNITY: Get Involved

Take a seat on a cabinet
----------------------------------------------------------------------

  1. Read what they do
     <https://example.gov/cabinets>
  2. Answer three questions

CLOSES FRIDAY, DECEMBER 4
At 5:00 pm EST.
Takes place on Thursday, January 14, 2027.
Where: Worcester, in the library.

Apply for a seat:
<https://example.gov/apply>


----------------------------------------------------------------------

The next letter comes on Thursday, December 3. To answer an item or
offer a reflection, just reply.

You get this because you subscribed to Teachers’ Top Three. We do not
see what you open or click.

Unsubscribe from this letter (a page with one button):
<https://letters.example.gov/u/{token}/>

Read this letter on the web:
<https://letters.example.gov/issues/2026-11-19/>

All past issues:
<https://letters.example.gov/issues/>

What we keep about you:
<https://letters.example.gov/privacy/>

State Department of Education
1 Example Street, Springfield 00000

Sample text: the people, quotations, dates and numbers are made up.
"""


def test_the_text_of_an_issue_is_written_for_three_items() -> None:
    """R-72."""
    assert rendered().text == WHOLE_ISSUE.replace("{token}", UNSUBSCRIBE_PLACEHOLDER)


def test_every_link_of_the_html_stands_whole_on_a_line_of_the_text() -> None:
    """R-13, R-72."""
    lines = {line.strip() for line in rendered().text.splitlines()}

    for url in hrefs(rendered().html):
        assert url.startswith("#") or f"<{url}>" in lines


def test_the_text_knows_no_html() -> None:
    """R-72."""
    assert not re.search(r"&[a-z]+;|&#|</?[a-z]+[ >]", rendered().text)


def test_nothing_of_the_frame_is_left_where_an_issue_lacks_it() -> None:
    bare = replace(CONTENT, greeting="", preheader="")
    edition = replace(EDITION, content=bare, next_day=None, is_sample=False)

    text = rendered(edition).text

    assert text.startswith("TEACHERS’ TOP THREE\n")
    assert "\nTo answer an item or offer a reflection, just reply.\n" in text
    assert text.endswith(f"{NEWSLETTER.postal_address}\n")
    assert "\n\n\n\n" not in text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\ntwo", "one two"),
        ("one  \ntwo", "one\ntwo"),
        ("# Head\n\ntext", "Head\n\ntext"),
        ("- a\n- b\n\ntext", "  - a\n  - b\n\ntext"),
        ("- a\n\n- b", "  - a\n\n  - b"),
        ("9. a\n10. b", "  9. a\n  10. b"),
        ("- a\n  - b\n- c", "  - a\n      - b\n  - c"),
        ("1. a\n\n   more\n2. b", "  1. a\n\n     more\n\n  2. b"),
        ("> a\n>\n> - b", "  a\n\n    - b"),
        ("see [a](https://a.example).", "see a.\n<https://a.example>"),
        (
            "[a](https://a.example) or [b](https://b.example)",
            "a or b\n  a:\n  <https://a.example>\n  b:\n  <https://b.example>",
        ),
        ("see <https://a.example/b/c>.", "see a.example.\n<https://a.example/b/c>"),
        ("write to <mailto:a@b.example>", "write to a@b.example\n<mailto:a@b.example>"),
        ("**a** *b* `c`", "a b c"),
        ("![A bus](https://a.example/b.png)", "A bus\n<https://a.example/b.png>"),
        ("AT&T < 3", "AT&T < 3"),
        ("", ""),
    ],
)
def test_markdown_becomes_text_that_needs_no_marks(written: str, shown: str) -> None:
    assert to_text(written) == shown


def test_lines_are_short_and_addresses_whole() -> None:
    """R-72: an address that is cut cannot be followed."""
    text = to_text(f"{'many words ' * 40}[and a link]({LONG_URL})\n\n- {'entry ' * 40}")

    assert f"<{LONG_URL}>" in text.splitlines()
    assert all(len(line) <= 74 for line in text.splitlines() if LONG_URL not in line)


@given(st.lists(st.sampled_from(["word", "[a b](https://a.example/c)", "- ", "> ", "\n", "\n\n"])))
def test_no_words_are_lost_and_no_line_is_long(pieces: list[str]) -> None:
    """R-72."""
    text = to_text(" ".join(pieces))

    assert text.count("word") == pieces.count("word")
    assert text.count("<https://a.example/c>") == pieces.count("[a b](https://a.example/c)")
    assert all(len(line) <= 74 or urlsplit(line.strip("<> ")).scheme for line in text.splitlines())
