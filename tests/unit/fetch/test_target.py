"""What is asked for: the address that was typed, and nothing that hides in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.links.link_check import Trouble
from topthree.fetch.answer import NoAnswer
from topthree.fetch.target import target_of

PORTS = (443, 80)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://www.example.gov", "www.example.gov", "/"),
        ("http://WWW.Example.gov./a?b=c#d", "www.example.gov", "/a?b=c"),
        ("https://www.example.gov:443/ä b", "www.example.gov", "/%C3%A4%20b"),
        ("http://www.example.gov:443/%41", "www.example.gov:443", "/%41"),
        ("https://bücher.example/", "xn--bcher-kva.example", "/"),
        ("https://[2606:2800:220:1::1]/", "[2606:2800:220:1::1]", "/"),
        ("https://e.gov/a\r\nHost: evil", "e.gov", "/aHost:%20evil"),
        ("https://e.gov/?a\u2028b", "e.gov", "/?a%E2%80%A8b"),
    ],
)
def test_an_address_is_taken_apart(url: str, authority: str, path: str) -> None:
    target = target_of(url, PORTS)

    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.example.gov",
        "//www.example.gov/",
        "ftp://www.example.gov/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:25/",
        "https:///a",
        "https://www.example.gov:25/",
        "https://www.example.gov:99999/",
        "https://www.example.gov@127.0.0.1/",
        "https://user:secret@www.example.gov/",
        "https://a..b/",
        "https://exa mple.gov/",
        "https://example.gov\\@127.0.0.1/",
        "https://[::1",
        "https://" + "a" * 64 + ".gov/",
        "https://e.gov/" + "a" * 8_000,
    ],
)
def test_what_is_no_address_of_a_site_is_not_asked(url: str) -> None:
    with pytest.raises(NoAnswer) as refused:
        target_of(url, PORTS)

    assert refused.value.trouble is Trouble.NOT_A_SITE


@given(url=st.text().map(lambda text: f"https://e.gov/{text}"))
def test_no_text_breaks_out_of_its_line(url: str) -> None:
    try:
        target = target_of(url, PORTS)
    except NoAnswer:
        return

    line = f"{target.authority}{target.path}"
    assert line.isascii()
    assert line.isprintable()
    assert " " not in line
