"""A relay's replies: whole, in pieces, and not replies at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.mail.transports.smtp_replies import LONGEST_REPLY, NotAReply, Reply, ReplyReader

LINE_TEXTS = st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"").replace(b"\r", b""))
REPLIES = st.builds(
    Reply,
    st.integers(min_value=200, max_value=599),
    st.lists(LINE_TEXTS, min_size=1, max_size=4).map(b"\n".join),
)


def read(*pieces: bytes) -> list[Reply]:
    reader = ReplyReader()
    replies = []
    for piece in pieces:
        reader.feed(piece)
        while (reply := reader.take()) is not None:
            replies.append(reply)
    return replies


def written(reply: Reply) -> bytes:
    *first, last = reply.text.split(b"\n")
    lines = [b"%d-%s\r\n" % (reply.code, line) for line in first]
    return b"".join([*lines, b"%d %s\r\n" % (reply.code, last)])


@given(st.lists(REPLIES, max_size=5), st.data())
def test_a_reply_is_the_same_however_it_is_cut(replies: list[Reply], data: st.DataObject) -> None:
    stream = b"".join(map(written, replies))
    cuts = sorted(data.draw(st.lists(st.integers(min_value=0, max_value=len(stream)))))
    pieces = [
        stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]

    assert read(*pieces) == replies


@pytest.mark.parametrize(
    ("sloppy", "code", "text"),
    [
        (b"250\r\n", 250, b""),
        (b"250 bare newline\n", 250, b"bare newline"),
        (b"354What?\r\n", 354, b"hat?"),
        (b"250-\r\n250\r\n", 250, b"\n"),
    ],
)
def test_what_is_sloppy_and_clear_is_a_reply(sloppy: bytes, code: int, text: bytes) -> None:
    assert read(sloppy) == [Reply(code, text)]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\r\n",
        b"25\r\n",
        b"-\r\n",
        b"2500 more\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        "²50 superscript\r\n".encode(),
        b"\xff\xfe\x00\n",
        b"250-first\r\ngarbage\r\n250 last\r\n",
        b"250-one\r\n550 other\r\n",
        b"x" * (LONGEST_REPLY + 1),
        b"250 " + b"x" * LONGEST_REPLY + b"\r\n",
        b"250-and\r\n" * (LONGEST_REPLY // 8 + 1),
    ],
)
def test_what_cannot_become_a_reply_is_none(nonsense: bytes) -> None:
    with pytest.raises(NotAReply):
        read(nonsense)


def test_a_reader_knows_whether_more_has_come_than_was_taken() -> None:
    reader = ReplyReader()
    fresh = reader.is_empty
    reader.feed(b"354 go\r\n2")
    reader.take()
    with_a_rest = reader.is_empty
    reader.feed(b"50 ok\r\n")
    reader.take()

    assert (fresh, with_a_rest, reader.is_empty) == (True, False, True)
