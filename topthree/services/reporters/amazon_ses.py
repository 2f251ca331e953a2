"""Amazon SES, which reports through Amazon SNS.

Loaded only where a topic is set: ``cryptography`` is of the extra ``reports``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from topthree.mail.inbound.incoming import Report
from topthree.mail.inbound.ses_events import read_ses_event
from topthree.services.reporters.amazon_topics import AmazonTopics
from topthree.services.reporters.reporter import Posted, PostRefused
from topthree.services.reporters.sns_message import SnsKind, parse_sns_message

_log = logging.getLogger(__name__)

#: Parts of the message that SNS repeats in headers.
_KIND, _ID = "x-amz-sns-message-type", "x-amz-sns-message-id"


class AmazonSes:
    """Reads what the topics of ours bring, and agrees to them."""

    def __init__(self, topics: AmazonTopics) -> None:
        self._topics = topics

    def read(self, posted: Posted) -> Iterable[Report]:
        """Return the one event that a message brings, if it brings one."""
        message = parse_sns_message(posted.raw)
        if (posted.headers.get(_KIND), posted.headers.get(_ID)) != (message.kind, message.id):
            raise PostRefused("its headers are of another message")
        self._topics.check(message)
        if message.kind is SnsKind.NOTIFICATION:
            return (Report(id=f"sns {message.id}", said=read_ses_event(message.text)),)
        if message.kind is SnsKind.SUBSCRIPTION:
            self._topics.agree(message)
        else:
            _log.warning("Amazon SNS reports %s to us no longer: subscribe it anew", message.topic)
        return ()
