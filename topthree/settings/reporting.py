"""The settings about providers that report what became of our mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from topthree.services.reporters.sns_message import is_topic
from topthree.settings.values import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reporting:
    """By what reports are known to be a provider's. No repr, since it holds secrets."""

    #: The topics of Amazon SNS by which SES reports.
    sns_topics: tuple[str, ...]
    #: What SendGrid's signatures are checked with; empty: SendGrid does not report.
    sendgrid_key: str
    #: What Mailgun signs with; empty: Mailgun does not report.
    mailgun_key: str


def reporting_of(values: Mapping[str, str]) -> Reporting:
    """Return who may report, and how they are known."""
    return Reporting(
        sns_topics=_sns_topics(values),
        sendgrid_key=values.get("TOPTHREE_SENDGRID_KEY", ""),
        mailgun_key=values.get("TOPTHREE_MAILGUN_KEY", ""),
    )


def _sns_topics(values: Mapping[str, str]) -> tuple[str, ...]:
    typed = values.get("TOPTHREE_SNS_TOPICS", "").split(",")
    topics = tuple(topic for each in typed if (topic := each.strip()))
    for topic in topics:
        if not is_topic(topic):
            message = (
                f"TOPTHREE_SNS_TOPICS has “{topic}”. Write the ARN of each topic, such as"
                " arn:aws:sns:us-east-1:123456789012:letters, with commas between them."
            )
            raise SettingsError(message)
    return topics
