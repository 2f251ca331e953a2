"""R-21: which addresses are taken, how they are kept, and what is said about the others."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.refusal import Invalid
from topthree.mail.address_syntax import parse_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("name@school.example", "name@school.example"),
        ("name@sub.school.test", "name@sub.school.test"),
        ("  name@school.example\r\n", "name@school.example"),
        ("\u00a0name@school.example\u2003", "name@school.example"),
        ("Name.Sur+tag@SCHOOL.Example", "Name.Sur+tag@school.example"),
        ("o\u2019brien@school.example", "o'brien@school.example"),
        ("o\u2018brien@school.example", "o'brien@school.example"),
        ("name@m\u00fcnchen.example", "name@xn--mnchen-3ya.example"),
        ("name@mu\u0308nchen.example", "name@xn--mnchen-3ya.example"),
        ("a" * 64 + "@school.example", "a" * 64 + "@school.example"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert str(parse_address(typed)) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type your address first"),
        ("   ", "Type your address first"),
        ("name.school.example", "There is an “@” missing"),
        ("name@", "nothing after the “@”"),
        ("@school.example", "nothing before the “@”"),
        ("name@other@school.example", "more than one “@”"),
        ("a@school.example, b@school.example", "blank inside"),
        ("na me@school.example", "blank inside"),
        ("name@school", "has no ending"),
        ("name@localhost", "has no ending"),
        ("na..me@school.example", "two dots"),
        ("name@school.example.", "dot at the end"),
        ("josé@school.example", "“é” cannot stand before"),
        ("n\u0430me@school.example", "“\u0430” cannot stand before"),
        ("na\u200bme@school.example", "hidden character"),
        ("\u200bname@school.example", "hidden character"),
        ("na\u00adme@school.example", "hidden character"),
        ("name@school.example\u202e", "hidden character"),
        ("name@school.example\r\nBcc: other@school.example", "hidden character"),
        ("name\x00@school.example", "hidden character"),
        ("a" * 65 + "@school.example", "before the “@” is too long"),
        ("a@" + "b" * 250 + ".example", "longer than an address can be"),
        ("a" * 100_000, "longer than an address can be"),
        ("a@" + "b" * 64 + ".example", "Check it for a slip"),
        ("name@-school.example", "Check it for a slip"),
        ("name@[127.0.0.1]", "has no ending|Check it for a slip"),
        ('"a b"@school.example', "blank inside"),
        ('"ab"@school.example', "Check it for a slip"),
        ("name@school.local", "Check it for a slip"),
        ("Name <name@school.example>", "blank inside"),
        ("<name@school.example>", "Check it for a slip"),
    ],
)
def test_what_is_no_address_is_refused_with_its_fix(typed: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as caught:
        parse_address(typed)

    assert [problem.field for problem in caught.value.problems] == ["address"]


def test_a_heap_of_accents_is_refused_without_putting_it_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ordered: list[int] = []

    def note(form: Literal["NFC"], text: str) -> str:
        ordered.append(len(text))
        return normalize(form, text)

    normalize = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", note)

    with pytest.raises(Invalid, match="longer than an address can be"):
        parse_address("a" + "\u0301\u0327" * 40_000 + "@school.example")
    assert sum(ordered) < 2_000


def test_two_spellings_of_one_address_are_one_person() -> None:
    first = parse_address("O\u2019Brien@School.example")
    second = parse_address("o'brien@school.EXAMPLE")

    assert first.key == second.key


def test_look_alike_domains_are_two_domains() -> None:
    latin = parse_address("name@school.example")
    cyrillic = parse_address("name@s\u0441hool.example")

    assert latin.key != cyrillic.key
    assert cyrillic.domain.startswith("xn--")


@given(st.text(max_size=80) | st.emails())
def test_whatever_is_typed_gives_an_ascii_address_or_a_refusal(typed: str) -> None:
    try:
        address = parse_address(typed)
    except Invalid:
        return

    assert str(address).isascii()
    assert str(parse_address(str(address))) == str(address)
