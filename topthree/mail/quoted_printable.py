"""A body as it travels: quoted-printable (RFC 2045 §6.7), and nothing in it that SMTP changes."""

from __future__ import annotations

from binascii import b2a_qp

#: Its soft break included.
_LONGEST_LINE = 76


def quoted_printable(body: str) -> str:
    """Return the text with CRLF at its line ends, and no line that begins with a dot."""
    # Where a line is cut depends on the width of each character alone, so a token of the same
    # length, made of characters that stand for themselves, is cut at the same places.
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    encoded = b2a_qp(lines.encode(), istext=True).decode("ascii")
    return "\r\n".join(map(_without_leading_dot, encoded.split("\r\n")))


def _without_leading_dot(line: str) -> str:
    """Return the line with a dot at its beginning encoded, cut in two if it grows too long.

    A dot there would have to be doubled for SMTP in each recipient's message (RFC 5321 §4.5.2),
    and looking for it takes longer than all else that is done to a message.
    """
    if not line.startswith("."):
        return line
    line = f"=2E{line[1:]}"
    if len(line) <= _LONGEST_LINE:
        return line
    cut = _LONGEST_LINE - 1
    # An encoded byte stays in one piece.
    begun = line.find("=", cut - 2, cut)
    cut = cut if begun < 0 else begun
    return f"{line[:cut]}=\r\n{_without_leading_dot(line[cut:])}"
