"""Plain text whose addresses can be clicked."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_URL = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]]")
_LINK = Markup('<a href="{0}" rel="noreferrer">{0}</a>')


def linked(text: str) -> Markup:
    """Return the text as HTML, everything escaped, each web address a link."""
    parts, end = [], 0
    for match in _URL.finditer(text):
        parts += [escape(text[end : match.start()]), _LINK.format(match[0])]
        end = match.end()
    return Markup().join([*parts, escape(text[end:])])
