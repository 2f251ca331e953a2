"""What a message that came in says, and that no message is too strange to be read."""

from __future__ import annotations

import random

import pytest

from tests.support.reports import OURS, Report, complaint, dsn, letter, qmail
from topthree.domain.sending.feedback import Failure, FeedbackKind
from topthree.mail.inbound.incoming import MOST_BYTES, Nature, read_incoming

VERP = "bounces+7-42-aaaaaaaaaaaaaaaa@letters.example"


def test_a_bounce_gives_status_and_words_and_to_whom_it_came() -> None:
    found = read_incoming(dsn(Report()))

    (failure,) = found.failures
    assert found.nature is Nature.BOUNCE
    assert failure.status == "5.1.1"
    assert failure.diagnostic.startswith("smtp; 550 5.1.1 <ann@school.example>")
    assert found.recipients == (VERP,)
    assert found.senders == (VERP,)
    assert found.links[0] == "http://letters.example/o/THE-TOKEN/"


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "delivered", "", "Odd"])
def test_what_is_not_lost_is_no_failure(action: str) -> None:
    found = read_incoming(dsn(Report(action=action)))

    assert (found.nature, found.failures) == (Nature.BOUNCE, ())


def test_a_bounce_may_be_about_several_recipients() -> None:
    second = b"Action: failed\n\nFinal-Recipient: rfc822; b@c\nAction: FAILED\nStatus: 5.2.2 (full)"

    found = read_incoming(dsn(Report()).replace(b"Action: failed", second, 1))

    assert [failure.status for failure in found.failures] == ["", "5.2.2"]


@pytest.mark.parametrize(
    "kind", ["text/rfc822-headers", "message/rfc822-headers", "message/global"]
)
def test_the_head_of_our_message_is_enough(kind: str) -> None:
    raw = dsn(Report()).replace(b"message/rfc822", kind.encode())

    assert read_incoming(raw).senders == (VERP,)


def test_an_international_bounce_is_one_too() -> None:
    raw = dsn(Report()).replace(b"message/delivery-status", b"message/global-delivery-status")

    assert [failure.status for failure in read_incoming(raw).failures] == ["5.1.1"]


def test_a_bounce_of_qmail_is_read_above_the_line() -> None:
    found = read_incoming(
        qmail(VERP, "192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 no such user")
    )

    assert found.nature is Nature.BOUNCE
    assert found.failures == (Failure(status="5.1.1", diagnostic="550 5.1.1 no such user"),)
    assert found.failures[0].kind is FeedbackKind.HARD


def test_words_of_qmail_without_a_code_are_no_proof() -> None:
    (failure,) = read_incoming(qmail(VERP, "Sorry, no mailbox here by that name.")).failures

    assert failure.kind is FeedbackKind.SOFT


def test_a_complaint_leads_to_our_message() -> None:
    found = read_incoming(complaint())

    assert found.nature is Nature.COMPLAINT
    assert found.links[0] == "http://letters.example/o/THE-TOKEN/"
    assert found.senders == (VERP,)


@pytest.mark.parametrize("kind", ["not-spam", "virus", "other", "auth-failure", "dmarc", ""])
def test_a_report_that_is_no_person_s_complaint_asks_for_nothing(kind: str) -> None:
    assert read_incoming(complaint(kind)).nature is Nature.AUTOMATIC


@pytest.mark.parametrize(
    "field",
    [
        "Return-Path: <>",
        "Auto-Submitted: auto-replied (vacation)",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x",
    ],
)
def test_an_automatic_answer_is_neither_a_bounce_nor_a_letter(field: str) -> None:
    found = read_incoming(letter(VERP, field))

    assert (found.nature, found.failures) == (Nature.AUTOMATIC, ())


def test_a_mail_program_that_writes_for_somebody_is_a_letter() -> None:
    found = read_incoming(letter("leave+x@letters.example", "Auto-Submitted: auto-generated"))

    assert (found.nature, found.recipients) == (Nature.LETTER, ("leave+x@letters.example",))


def test_a_letter_that_forwards_ours_is_a_letter() -> None:
    mixed = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x"
    text = f"--x\nContent-Type: message/rfc822\n\n{OURS.decode()}\n--x--"

    found = read_incoming(letter("letters@letters.example", mixed, text=text))

    assert found.nature is Nature.LETTER


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 5_000,
        b"\xff\xfe: \x80\r\n" * 500,
        b"Content-Type: multipart/report; boundary=\n\n--\n--\n",
        b"Content-Type: multipart/report\n\nno boundary",
        b"Content-Type: message/delivery-status; charset=nonsense\n\n\xff\xff: \x00",
        b"To: " + b"a@b.example, " * 50_000,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(2_000)
        ),
        b"Content-Type: message/rfc822\n\n" * 3_000,
        dsn(Report(returned=b"x" * 2 * MOST_BYTES)),
        dsn(Report()).replace(b"5.1.1", b"\xf0\x28\x8c\xbc"),
    ],
)
def test_whatever_comes_is_read_without_an_error(raw: bytes) -> None:
    assert len(read_incoming(raw).recipients) <= 50


def test_a_bounce_that_is_cut_anywhere_or_garbled_is_read_without_an_error() -> None:
    whole, chance = dsn(Report()), random.Random(3464)  # noqa: S311 - nothing here is secret

    for _ in range(300):
        cut = bytearray(whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(20)):
            if cut:
                cut[chance.randrange(len(cut))] = chance.randrange(256)
        read_incoming(bytes(cut))
