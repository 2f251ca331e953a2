"""The language that a text is written in, as a short tag."""

from __future__ import annotations

import re

from topthree.domain.refusal import Problem

# RFC 5646, the shapes that newsletters use: "en", "es", "pt-BR", "zh-Hans".
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Z]{2}|[0-9]{3}))?")


def is_language(tag: str) -> bool:
    """Tell whether this looks like a language tag of BCP 47."""
    return _TAG.fullmatch(tag) is not None


def language_problem(field: str) -> Problem:
    """Say how the field of a language is filled in."""
    message = "A language is written as a short tag: “en” for English, “es” for Spanish."
    return Problem(field=field, message=message)
