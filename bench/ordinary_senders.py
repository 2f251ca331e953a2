"""How a program without a care sends a letter: the references that delivery is measured by."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate

from bench.letter import Finished
from bench.measure import Usage, measured
from tests.support.network import LOOPBACK
from topthree.domain.newsletter import UNSUBSCRIBE_PLACEHOLDER

_TOKEN = "T" * len(UNSUBSCRIBE_PLACEHOLDER)


def send_finished(port: int, issue: Finished, recipients: Sequence[str]) -> Usage:
    """Send the same finished bytes to everyone; nothing is looked up or written down."""
    with measured() as usage, smtplib.SMTP(LOOPBACK, port, local_hostname="bench") as smtp:
        for recipient in recipients:
            smtp.sendmail(issue.sender, [recipient], issue.message)
    return usage


def send_rebuilt(port: int, issue: Finished, recipients: Sequence[str]) -> Usage:
    """Build each recipient's message from its parts and send it."""
    with measured() as usage, smtplib.SMTP(LOOPBACK, port, local_hostname="bench") as smtp:
        for number, recipient in enumerate(recipients):
            smtp.send_message(_built(issue, number, recipient))
    return usage


def _built(issue: Finished, number: int, recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = issue.sender
    message["To"] = recipient
    message["Subject"] = issue.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{number}@bench.example>"
    message.set_content(issue.text.replace(UNSUBSCRIBE_PLACEHOLDER, _TOKEN))
    message.add_alternative(issue.html.replace(UNSUBSCRIBE_PLACEHOLDER, _TOKEN), subtype="html")
    return message
