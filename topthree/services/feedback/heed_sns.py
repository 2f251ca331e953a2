"""What Amazon SES reports through Amazon SNS: bounces and complaints, heeded like those by mail."""

from __future__ import annotations

import logging

from topthree.mail.inbound.ses_events import read_ses_event
from topthree.services.feedback.heed_feedback import Heeded, heed_incoming
from topthree.services.sns.sns_message import SnsKind, SnsMessage, SnsTopics
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)


def heed_sns(wiring: Wiring, topics: SnsTopics, message: SnsMessage) -> Heeded:
    """Do what the message calls for, and say what that was; twice is harmless, in any order.

    Commits by itself.

    :raises SnsRefused: if it is not one of our topics'; then nothing was done.
    :raises SnsUnsure: if that cannot be told now.
    """
    topics.check(message)
    if message.kind is SnsKind.NOTIFICATION:
        return heed_incoming(wiring, read_ses_event(message.text), f"sns {message.id}".encode())
    if message.kind is SnsKind.SUBSCRIPTION:
        topics.agree(message)
    else:
        _log.warning("Amazon SNS reports %s to us no longer: subscribe it again", message.topic)
    return Heeded.NOTHING
