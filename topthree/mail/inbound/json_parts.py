"""Parts of JSON that strangers wrote: of the kind that is asked for, or empty."""

from __future__ import annotations

import json
from collections.abc import Mapping


def parse_json(text: str | bytes) -> object:
    """Return what the text holds; None if it is no JSON, or nested beyond reason."""
    try:
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def as_object(value: object) -> Mapping[str, object]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Return the value if it is text, or a number as text; else empty."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, str) else str(value) if is_number else ""
