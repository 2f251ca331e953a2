"""What the log of a relay shows to be accepted, and what it does not."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from topthree.domain.refusal import Refusal
from topthree.mail.relay_log import accepted_message_ids

DOMAIN = "letters.example"
POSTFIX = (
    "Nov 23 20:31:01 relay postfix/smtpd[811]: connect from app[192.0.2.7]\n"
    "Nov 23 20:31:01 relay postfix/smtpd[811]: 4F0A11C0A2: client=app[192.0.2.7]\n"
    "Nov 23 20:31:01 relay postfix/cleanup[815]: 4F0A11C0A2: message-id=<aa11@letters.example>\n"
    "Nov 23 20:31:01 relay postfix/qmgr[77]: 4F0A11C0A2: from=<t@letters.example>, size=28160,"
    " nrcpt=1 (queue active)\n"
    "Nov 23 20:31:02 relay postfix/smtp[820]: 4F0A11C0A2: to=<ana@school.example>,"
    " relay=mx.school.example[198.51.100.3]:25, delay=0.8, delays=0.01/0/0.5/0.3, dsn=2.0.0,"
    " status=sent (250 2.0.0 OK)\n"
    "Nov 23 20:31:02 relay postfix/qmgr[77]: 4F0A11C0A2: removed\n"
)
EXIM = (
    "2026-11-23 20:31:01 1tFabc-00000000abc-1xyz <= t@letters.example H=app [192.0.2.7] P=esmtps"
    " S=28160 id=bb22@letters.example\n"
    "2026-11-23 20:31:02 1tFabc-00000000abc-1xyz => ana@school.example R=dnslookup T=remote_smtp\n"
)


def found(tmp_path: Path, content: str | bytes) -> list[str]:
    log = tmp_path / "mail.log"
    log.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(accepted_message_ids([log], DOMAIN))


def test_postfix_has_accepted_what_it_put_into_its_queue(tmp_path: Path) -> None:
    assert found(tmp_path, POSTFIX) == ["<aa11@letters.example>"]


@pytest.mark.parametrize("status", ["bounced (550 5.1.1 unknown)", "deferred (421 later)"])
def test_what_became_of_it_behind_the_relay_is_another_matter(tmp_path: Path, status: str) -> None:
    log = POSTFIX.replace("sent (250 2.0.0 OK)", status)

    assert found(tmp_path, log) == ["<aa11@letters.example>"]


def test_a_message_that_broke_off_behind_its_header_was_not_accepted(tmp_path: Path) -> None:
    lines = POSTFIX.splitlines(keepends=True)
    lost = "Nov 23 20:31:09 relay postfix/smtpd[811]: lost connection after DATA from app\n"

    assert found(tmp_path, "".join(lines[:3]) + lost) == []


def test_a_queue_id_that_is_used_again_belongs_to_the_newer_message(tmp_path: Path) -> None:
    header = POSTFIX.splitlines(keepends=True)[2]

    assert found(tmp_path, header.replace("aa11", "dd44") + POSTFIX) == ["<aa11@letters.example>"]


def test_logs_with_other_dates_and_names_are_read_as_well(tmp_path: Path) -> None:
    newer = POSTFIX.replace("Nov 23 20:31:01", "2026-11-23T20:31:01.123456+00:00")
    other = newer.replace("postfix/", "postfix-out/").replace("-out/smtpd", "-out/submission/smtpd")

    assert found(tmp_path, other) == ["<aa11@letters.example>"]


def test_a_message_may_begin_in_one_log_and_end_in_the_next(tmp_path: Path) -> None:
    lines = POSTFIX.splitlines(keepends=True)
    older, newer = tmp_path / "mail.log.1", tmp_path / "mail.log"
    older.write_text("".join(lines[:3]))
    newer.write_text("".join(lines[3:]))
    os.utime(older, (1, 1))

    assert list(accepted_message_ids([newer, older], DOMAIN)) == ["<aa11@letters.example>"]


def test_exim_has_accepted_what_arrived(tmp_path: Path) -> None:
    assert found(tmp_path, EXIM) == ["<bb22@letters.example>"]


def test_a_compressed_log_is_read_too(tmp_path: Path) -> None:
    assert found(tmp_path, gzip.compress((POSTFIX + EXIM).encode())) == [
        "<aa11@letters.example>",
        "<bb22@letters.example>",
    ]


def test_other_peoples_mail_is_passed_over(tmp_path: Path) -> None:
    assert found(tmp_path, POSTFIX.replace("aa11@letters.example", "aa11@elsewhere.example")) == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\x00\xff\xfe" * 999,
        b"x" * 1_000_000,
        b"cleanup[1]: message-id=<\n<= id=\n",
        b"\n" * 9,
    ],
    ids=["nothing", "binary", "one long line", "halves of lines", "empty lines"],
)
def test_garbage_hides_nothing_that_follows_it(tmp_path: Path, garbage: bytes) -> None:
    assert found(tmp_path, garbage + b"\n" + POSTFIX.encode()) == ["<aa11@letters.example>"]


def test_a_compressed_log_that_is_cut_off_is_refused_in_words(tmp_path: Path) -> None:
    cut = gzip.compress((POSTFIX * 50).encode())[:-20]

    with pytest.raises(Refusal, match="cannot be read"):
        found(tmp_path, cut)
