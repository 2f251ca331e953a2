"""The status by which a provider says that a message is lost."""

from __future__ import annotations

import re

_STATUS = re.compile(r"\b[45]\.[0-9]{1,3}\.[0-9]{1,3}\b")
#: RFC 3463: lost, and nobody says why.
_UNDEFINED = "5.0.0"


def status_in(text: str) -> str:
    """Return the first status that the text holds (RFC 3463)."""
    found = _STATUS.search(text)
    return found[0] if found else _UNDEFINED
