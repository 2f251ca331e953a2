"""What a browser is called in the list of where one is signed in."""

from __future__ import annotations

import pytest

from topthree.domain.editors.browser_words import browser_words

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/156 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {_WEBKIT} Chrome/156 Safari/5 Edg/156", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/2010 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19) Version/19 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/156 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/156 Safari/537", "Chrome on ChromeOS"),
        ("curl/8.9", "Another browser"),
        ("", "Another browser"),
        ("<script>", "Another browser"),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words
