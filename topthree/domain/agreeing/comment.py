"""Comments: what a reader of a draft has to say about it, in plain text."""

from __future__ import annotations

from topthree.domain.plain_text import (
    line_problems,
    normalise_line,
    normalise_text,
    text_problems,
)
from topthree.domain.refusal import Invalid, Problem

COMMENT_LIMIT = 2_000
NAME_LIMIT = 80
#: What a comment may concern: the issue as a whole, or the item at a place.
WHOLE = 0
ABOUT = (WHOLE, 1, 2, 3)


def tidy_comment(typed: str) -> str:
    """Return the text as it is kept.

    :raises Invalid: if there is nothing in it, or nothing that can be kept.
    """
    text = normalise_text(typed).strip()
    problems = text_problems("comment", "The comment", text, COMMENT_LIMIT)
    if not text:
        problems = [Problem(field="comment", message="Write what you want to say first.")]
    if problems:
        raise Invalid(*problems)
    return text


def tidy_commenter(typed: str) -> str:
    """Return the name under which somebody without an account comments.

    :raises Invalid: if it is none.
    """
    name = normalise_line(typed)
    problems = line_problems("name", "Your name", name, NAME_LIMIT)
    if not name:
        problems = [Problem(field="name", message="Say who you are, so that they can ask back.")]
    if problems:
        raise Invalid(*problems)
    return name
