"""Where a browser goes after signing in: only ever to a page of the desk."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_HOME = "/desk/"
#: Longer than any address that the desk's own pages lead to.
_LONGEST = 2_000
# Browsers read a backslash as a slash and skip control characters, so neither may be there.
_PLAIN = re.compile(r"/desk/[A-Za-z0-9/_.~%-]*(\?[A-Za-z0-9/_.~%=&+:,-]*)?")


def safe_next(text: str) -> str:
    """Return the path if it leads to a page of the desk, and the desk's first page otherwise."""
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text):
        return _HOME
    decoded = unquote(urlsplit(text).path)
    segments = decoded.split("/")
    if "//" in decoded or "\\" in decoded or {".", ".."} & set(segments):
        return _HOME
    return text.removesuffix("?")
