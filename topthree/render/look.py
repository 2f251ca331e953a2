"""A finished mail or page as some program shows it: in the dark, without pictures, on paper.

What is shown stays what is sent. Only the conditions under which its styles apply are decided here,
and no longer by the screen that the preview happens to be on.
"""

from __future__ import annotations

import re

# Values of attributes may hold a ">".
_REST_OF_TAG = r"(?:[^>\"']|\"[^\"]*\"|'[^']*')*>"
_STYLES = re.compile(r"<style\b.*?</style>|<meta\b[^>]*>", re.DOTALL)
_SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_EITHER = re.compile(r"(color-schemes?\s*:\s*|content=\")light dark\b")
_MEDIUM = re.compile(r"@media\s+(print|screen)\b")
# Conditions that hold on every screen, and on none.
_ALWAYS = "(min-width: 0)"
_NEVER = "(max-width: 0)"
_IMAGE = re.compile(rf"<img\b{_REST_OF_TAG}")
_SOURCE = re.compile(r"\s(?:src|srcset)=(?:\"[^\"]*\"|'[^']*'|[^\s>]+)")
_LINK = re.compile(rf"<a\b(?={_REST_OF_TAG})(?=[^>]*?\shref=\"[^#])")


def mail_in_scheme(html: str, *, is_dark: bool) -> str:
    """Return the HTML as programs show it that are in this color scheme and ask nobody."""
    return _STYLES.sub(lambda found: styles_in_scheme(found[0], is_dark=is_dark), html)


def styles_in_scheme(css: str, *, is_dark: bool) -> str:
    """Return the CSS with its rules for this color scheme applied on any screen."""
    wanted = "dark" if is_dark else "light"
    held = _SCHEME.sub(lambda found: _ALWAYS if found[1] == wanted else _NEVER, css)
    return _EITHER.sub(lambda found: f"{found[1]}{wanted}", held)


def styles_on_paper(css: str) -> str:
    """Return the CSS with its rules for paper applied on screens, and those for screens nowhere."""
    light = styles_in_scheme(css, is_dark=False)
    return _MEDIUM.sub(lambda found: f"@media {'all' if found[1] == 'print' else 'not all'}", light)


def without_pictures(html: str) -> str:
    """Return the HTML with each picture's words in its place, as where pictures are blocked."""
    return _IMAGE.sub(lambda found: _SOURCE.sub("", found[0]), html)


def with_idle_links(html: str) -> str:
    """Return the HTML with links that would open a window, which no sandbox lets them do.

    Otherwise a click would put another page into the frame. Links within the document go on.
    """
    return _LINK.sub('<a target="_blank"', html)
