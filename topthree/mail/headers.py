"""Header fields as they stand on the wire.

Written here because the standard library breaks long addresses in List-Unsubscribe, drops the
quotes of long names in From, and does not always give back the subject it was given.
"""

from __future__ import annotations

import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

#: RFC 5322 §2.1.1: lines are kept this short where they can be folded.
_LINE_LIMIT = 78
#: RFC 2047 §2: no encoded-word is longer.
_WORD_LIMIT = 75
_WORD_FRAME = len("=?utf-8?q??=")
# What stands for itself in an encoded-word wherever one is allowed (RFC 2047 §5.3).
_PLAIN_IN_A_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
# RFC 5322 §3.2.3: words of these need no quotes.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+( [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")
_VISIBLE_WORDS = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
_URI = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+")
_ADDRESS = re.compile(r"[^\s<>@\"(),:;\\\[\]]+@[A-Za-z0-9.-]+", re.ASCII)
_NEVER = frozenset({"Cc", "Cs", "Zl", "Zp"})


class HeaderRefused(ValueError):
    """A value that cannot stand in a header without changing what the header says."""


def text_field(name: str, value: str) -> bytes:
    """Return an unstructured field (Subject); any reader decodes exactly the value given.

    :raises HeaderRefused: if the value holds a line break or another control character.
    """
    _refuse_controls(name, value)
    words = value.split(" ") if _is_plain(value) else list(_encoded_words(value, len(name) + 2))
    folded = _fold(f"{name}:", words)
    if _is_plain(value) and max(map(len, folded)) > _LINE_LIMIT:
        folded = _fold(f"{name}:", list(_encoded_words(value, len(name) + 2)))
    return _lines(folded)


def mailbox_field(name: str, display_name: str, address: str) -> bytes:
    """Return a field with exactly one mailbox (From, Reply-To).

    :raises HeaderRefused: if the name holds a control character or the address is not one.
    """
    _refuse_controls(name, display_name)
    _refuse_unless(_ADDRESS.fullmatch(address), name, address)
    words = [*_phrase(display_name, len(name) + 2), f"<{address}>"] if display_name else [address]
    return _lines(_fold(f"{name}:", words))


def uri_field(name: str, *uris: str) -> bytes:
    """Return a List-* field (RFC 2369): each URI in angle brackets, whole and never encoded.

    :raises HeaderRefused: if a URI holds anything but visible ASCII, or angle brackets.
    """
    for uri in uris:
        _refuse_unless(_URI.fullmatch(uri), name, uri)
    return _lines([f"{name}: " + ",\r\n ".join(f"<{uri}>" for uri in uris)])


def list_id_field(phrase: str, identifier: str) -> bytes:
    """Return List-Id (RFC 2919). The phrase is brought to ASCII, for encoding is not safe here.

    :raises HeaderRefused: if either part holds a control character.
    """
    _refuse_controls("List-Id", phrase + identifier)
    plain = _quoted(_ascii(phrase))
    return _lines([f"List-Id: {plain} <{identifier}>"])


def plain_field(name: str, value: str) -> bytes:
    """Return a field that is written as it is, on one line: it is ours, and ASCII.

    :raises HeaderRefused: if the value holds anything but visible ASCII and single blanks.
    """
    _refuse_unless(_VISIBLE_WORDS.fullmatch(value), name, value)
    return _lines([f"{name}: {value}"])


@lru_cache(maxsize=8)
def date_value(at: datetime) -> str:
    """Return the instant as RFC 5322 writes it, with its numeric offset.

    It is kept: everybody's message of an issue has the same.
    """
    if at.tzinfo is None:
        raise HeaderRefused("A Date needs a time with a zone.")
    return format_datetime(at)


def _refuse_controls(name: str, value: str) -> None:
    if any(unicodedata.category(character) in _NEVER for character in value):
        raise HeaderRefused(f"{name} holds a line break or another control character.")


def _refuse_unless(condition: object, name: str, value: str) -> None:
    if not condition:
        raise HeaderRefused(f"{name} cannot hold {value!r}.")


def _is_plain(value: str) -> bool:
    return _VISIBLE_WORDS.fullmatch(value) is not None and "=?" not in value


def _phrase(display_name: str, indent: int) -> list[str]:
    """Return the words of a display name: as atoms, in quotes, or encoded when it is too long."""
    if _is_plain(display_name) and len(display_name) + 2 + indent <= _LINE_LIMIT:
        return [_quoted(display_name)]
    return list(_encoded_words(display_name, indent))


def _quoted(text: str) -> str:
    if _ATOMS.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ascii(text: str) -> str:
    straight = text.replace("\u2019", "'").replace("\u2018", "'")
    return unicodedata.normalize("NFKD", straight).encode("ascii", "ignore").decode().strip()


def _encoded_words(value: str, indent: int) -> Iterator[str]:
    """Yield encoded-words of whole characters; the first leaves room for the field's name."""
    write = min(_as_q, _as_b, key=lambda way: len(way(value)))
    start = 0
    room = min(_WORD_LIMIT, _LINE_LIMIT - indent) - _WORD_FRAME
    while start < len(value):
        end = start + 1
        while end < len(value) and len(write(value[start : end + 1])) <= room:
            end += 1
        yield f"=?utf-8?{'q' if write is _as_q else 'b'}?{write(value[start:end])}?="
        start, room = end, _WORD_LIMIT - _WORD_FRAME


def _as_q(text: str) -> str:
    return "".join(
        "_" if byte == ord(" ") else chr(byte) if byte in _PLAIN_IN_A_WORD else f"={byte:02X}"
        for byte in text.encode()
    )


def _as_b(text: str) -> str:
    return b2a_base64(text.encode(), newline=False).decode()


def _fold(first: str, words: list[str]) -> list[str]:
    lines = [first]
    for word in words:
        # The name never stands alone on its line: some readers take that for an empty field.
        if len(lines[-1]) + 1 + len(word) <= _LINE_LIMIT or lines == [first]:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return lines


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")
