"""Reports about our mail as other servers write them: bounces, complaints, and what else comes."""

from __future__ import annotations

from dataclasses import dataclass

OURS = b"""\
Return-Path: <bounces+7-42-aaaaaaaaaaaaaaaa@letters.example>
From: Teachers' Top Three <letters@letters.example>
To: ann@school.example
Subject: Three for Thursday
Message-ID: <0123456789abcdef@letters.example>
List-Unsubscribe: <http://letters.example/o/THE-TOKEN/>,
 <mailto:leave+THE-TOKEN@letters.example?subject=unsubscribe>

Dear teachers
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a bounce says, to be written as one server or another would."""

    to: str = "bounces+7-42-aaaaaaaaaaaaaaaa@letters.example"
    action: str = "failed"
    status: str = "5.1.1"
    diagnostic: str = "smtp; 550 5.1.1 <ann@school.example>: Recipient address rejected: unknown"
    returned: bytes = OURS


def dsn(report: Report) -> bytes:
    """Return a bounce in the form of RFC 3464, as Postfix writes it."""
    return b"\n".join(
        (
            b"Return-Path: <>",
            f"X-Original-To: {report.to}".encode(),
            f"Delivered-To: {report.to}".encode(),
            b"From: MAILER-DAEMON@mail.school.example (Mail Delivery System)",
            b"Subject: Undelivered Mail Returned to Sender",
            f"To: {report.to}".encode(),
            b"Auto-Submitted: auto-replied",
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="B/1"',
            b"Message-ID: <20261203110000.1@mail.school.example>",
            b"",
            b"This is a MIME-encapsulated message.",
            b"",
            b"--B/1",
            b"Content-Description: Notification",
            b"Content-Type: text/plain; charset=us-ascii",
            b"",
            b"I'm sorry to have to inform you that your message could not be delivered.",
            b"",
            b"--B/1",
            b"Content-Description: Delivery report",
            b"Content-Type: message/delivery-status",
            b"",
            b"Reporting-MTA: dns; mail.school.example",
            b"Arrival-Date: Thu,  3 Dec 2026 06:00:00 -0500 (EST)",
            b"",
            b"Final-Recipient: rfc822; ann@school.example",
            b"Original-Recipient: rfc822;ann@school.example",
            f"Action: {report.action}".encode(),
            f"Status: {report.status}".encode(),
            f"Diagnostic-Code: {report.diagnostic}".encode(),
            b"",
            b"--B/1",
            b"Content-Description: Undelivered Message",
            b"Content-Type: message/rfc822",
            b"",
            report.returned,
            b"--B/1--",
            b"",
        )
    )


def complaint(kind: str = "abuse", returned: bytes = OURS) -> bytes:
    """Return a complaint in the form of RFC 5965, its recipient blotted out as providers do."""
    return b"\n".join(
        (
            b"From: <feedback@provider.example>",
            b"To: <complaints@letters.example>",
            b"Subject: FW: Three for Thursday",
            b"MIME-Version: 1.0",
            b"Content-Type: multipart/report; report-type=feedback-report; boundary=part",
            b"",
            b"--part",
            b'Content-Type: text/plain; charset="US-ASCII"',
            b"",
            b"This is an email abuse report.",
            b"",
            b"--part",
            b"Content-Type: message/feedback-report",
            b"",
            f"Feedback-Type: {kind}".encode(),
            b"User-Agent: Provider/1.0",
            b"Version: 1",
            b"Original-Rcpt-To: redacted@provider.example",
            b"",
            b"--part",
            b"Content-Type: message/rfc822",
            b"",
            returned,
            b"--part--",
            b"",
        )
    )


def letter(to: str, *fields: str, text: str = "") -> bytes:
    """Return what a mail program writes to leave; an iPhone's has no subject and some prose."""
    head = (
        "From: Ann <ann@school.example>",
        f"To: {to}",
        "Subject: ",
        "Message-ID: <1@phone.example>",
        *fields,
    )
    return "\n".join((*head, "", text or "Please unsubscribe me. Sent from my phone.", "")).encode()


def qmail(to: str, said: str) -> bytes:
    """Return a bounce of qmail, which has a form of its own."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@old.example
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at old.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ann@school.example>:
{said}

--- Below this line is a copy of the message.

<nobody@school.example>:
550 5.1.1 a line of the letter
""".encode()
