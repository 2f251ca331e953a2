from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from topthree.mail.headers import (
    HeaderRefused,
    date_value,
    list_id_field,
    mailbox_field,
    plain_field,
    text_field,
    uri_field,
)

ADDRESS = "letters@letters.example.gov"
CONTROLS = ["\r", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1f", "\x7f", "\x85", "\u2028", "\u2029"]
# What a form can let through: any text without controls and without halves of a pair.
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)
MIXED_WORDS = st.lists(
    st.sampled_from(
        ["Teachers", "’", "=?utf-8?q?x?=", "é" * 40, "🎒", '"', "a" * 90, "?=", "_", " "]
    )
).map(" ".join)


def decoded(field: bytes) -> str:
    value = field.partition(b": ")[2].removesuffix(b"\r\n").replace(b"\r\n ", b" ")
    return str(make_header(decode_header(value.decode("ascii"))))


def parsed(field: bytes) -> EmailMessage:
    return message_from_bytes(field + b"\r\n", policy=policy.default)


@given(LINES | MIXED_WORDS)
@example("")
@example(" leading, trailing and  double blanks ")
@example("=?utf-8?q?not_encoded?=")
@example("Größe: „Lesen“ 📚 " * 8)
@example("x" * 120)
def test_a_subject_reads_as_it_was_given(subject: str) -> None:
    """R-5."""
    field = text_field("Subject", subject)

    assert decoded(field) == subject
    assert b"?==?" not in field
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?\S*", field))


@given(LINES | MIXED_WORDS)
def test_header_lines_are_short_and_end_in_crlf(subject: str) -> None:
    """R-2."""
    field = text_field("Subject", subject)

    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", field)
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))


@given(MIXED_WORDS)
def test_the_strictest_parser_reads_the_subject_too(subject: str) -> None:
    """R-1."""
    message = parsed(text_field("Subject", subject.strip()))

    assert message["Subject"].defects == ()


@pytest.mark.parametrize(
    "name",
    [
        "Teachers’ Top Three",
        "Massachusetts Department of Elementary Education, Teachers' Top Three",
        'The "Top Three" (letters)',
        "back\\slash",
        "A. B. at c@d.example",
        "Ñandú, José; <x@y.example>",
        "n" * 100,
        "ñ" * 100,
        "word " * 20 + "end",
        "=?utf-8?q?x?=",
    ],
)
def test_from_holds_one_mailbox_and_the_whole_name(name: str) -> None:
    """R-6: the standard library loses the quotes of a long name with a comma."""
    field = mailbox_field("From", name, ADDRESS)

    value = field.partition(b": ")[2].replace(b"\r\n", b"").decode("ascii")
    [(written, address)] = getaddresses([value])
    assert address == ADDRESS
    assert str(make_header(decode_header(written))) == name
    assert len(parsed(field)["From"].addresses) == 1
    assert parsed(field)["From"].defects == ()


@given(LINES)
def test_no_name_makes_a_second_mailbox(name: str) -> None:
    """R-6."""
    field = mailbox_field("From", name, ADDRESS)

    addresses: Any = parsed(field)["From"].addresses
    assert [each.addr_spec for each in addresses] == [ADDRESS]


def test_a_long_unsubscribe_address_stays_whole() -> None:
    """R-4: the standard library encodes it, and then no program can follow it."""
    url = "https://letters.example.gov/u/" + "a" * 300 + "/"

    field = uri_field("List-Unsubscribe", url, "mailto:leave@letters.example.gov")

    assert f"<{url}>".encode() in field
    assert b"=?" not in field
    assert field.count(b"\r\n ") == 1


@pytest.mark.parametrize(
    "uri", ["https://a.example/ b", "https://a.example/>", "https://é.example"]
)
def test_an_address_that_could_end_early_is_refused(uri: str) -> None:
    """R-4."""
    with pytest.raises(HeaderRefused):
        uri_field("List-Unsubscribe", uri)


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_a_control_character_never_enters_a_header(control: str) -> None:
    """R-8."""
    smuggled = f"Three things{control}Bcc: someone@elsewhere.example"

    with pytest.raises(HeaderRefused):
        text_field("Subject", smuggled)
    with pytest.raises(HeaderRefused):
        mailbox_field("From", smuggled, ADDRESS)
    with pytest.raises(HeaderRefused):
        mailbox_field("From", "Letters", smuggled)
    with pytest.raises(HeaderRefused):
        list_id_field(smuggled, "top-three.example.gov")
    with pytest.raises(HeaderRefused):
        plain_field("Precedence", smuggled)
    with pytest.raises(HeaderRefused):
        uri_field("List-Help", smuggled)


def test_half_a_character_is_refused_like_a_control_character() -> None:
    with pytest.raises(HeaderRefused):
        text_field("Subject", "half \ud83c")


def test_the_list_is_called_by_a_phrase_and_a_name() -> None:
    """R-14."""
    field = list_id_field("Teachers’ Top Three", "top-three.letters.example.gov")

    assert field == b"List-Id: Teachers' Top Three <top-three.letters.example.gov>\r\n"


def test_a_date_has_its_numeric_offset() -> None:
    """R-10."""
    assert (
        date_value(datetime(2026, 11, 19, 11, 0, tzinfo=UTC)) == "Thu, 19 Nov 2026 11:00:00 +0000"
    )


def test_a_time_without_a_zone_is_no_date() -> None:
    with pytest.raises(HeaderRefused):
        date_value(datetime(2026, 11, 19, 11, 0))  # noqa: DTZ001 (it is what the test is about)
