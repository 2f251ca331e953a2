"""From settings to the providers that may report what became of our mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from topthree.app.extras import needs_extra
from topthree.fetch.web import WebFetcher
from topthree.services.reporters.mailgun import Mailgun
from topthree.services.reporters.reporter import Reporter
from topthree.settings import Settings, SettingsError


def make_reporters(settings: Settings, clock: Callable[[], datetime]) -> Mapping[str, Reporter]:
    """Return who may report, by the last part of the address they post to.

    :raises SettingsError: if a key cannot be used.
    """
    return dict(_reporters(settings, clock))


def _reporters(settings: Settings, clock: Callable[[], datetime]) -> Iterator[tuple[str, Reporter]]:
    given = settings.reporting
    if given.sns_topics:
        yield "amazon-sns", _amazon_ses(settings, clock)
    if given.sendgrid_key:
        yield "sendgrid", _sendgrid(given.sendgrid_key, clock)
    if given.mailgun_key:
        yield "mailgun", Mailgun(given.mailgun_key, clock)


def _amazon_ses(settings: Settings, clock: Callable[[], datetime]) -> Reporter:
    with needs_extra("TOPTHREE_SNS_TOPICS", "reports"):
        from topthree.services.reporters.amazon_ses import AmazonSes  # noqa: PLC0415
        from topthree.services.reporters.amazon_topics import AmazonTopics  # noqa: PLC0415
    reader = WebFetcher(
        home=settings.newsletter.public_url, errand="checks reports of SNS", ports=(443,)
    )
    return AmazonSes(AmazonTopics(settings.reporting.sns_topics, reader, clock))


def _sendgrid(key: str, clock: Callable[[], datetime]) -> Reporter:
    with needs_extra("TOPTHREE_SENDGRID_KEY", "reports"):
        from topthree.services.reporters.sendgrid import SendGrid  # noqa: PLC0415
    try:
        return SendGrid(key, clock)
    except ValueError as error:
        message = (
            "TOPTHREE_SENDGRID_KEY is not the verification key of a signed event webhook: one"
            " long line of letters and digits, which begins with MFkw. Copy it from SendGrid."
        )
        raise SettingsError(message) from error
