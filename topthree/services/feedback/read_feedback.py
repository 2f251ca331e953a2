"""Reading a mailbox of bounces, complaints and letters that ask to leave, message by message."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy.exc import DBAPIError

from topthree.mail.inbound.mailboxes import Waiting
from topthree.services.feedback.heed_feedback import Heeded, heed_message
from topthree.services.wiring import Wiring

_log = logging.getLogger(__name__)


def read_feedback(wiring: Wiring, messages: Iterable[Waiting]) -> Mapping[Heeded, int]:
    """Heed every message and count what became of them.

    Each commits by itself and is done with only afterwards, so what breaks off is read again. One
    that we stumble over stays where it is, and keeps no other waiting.

    :raises DBAPIError: if the database is away.
    """
    counts: Counter[Heeded] = Counter()
    for message in messages:
        try:
            heeded = heed_message(wiring, message.raw)
        except DBAPIError:
            raise
        except Exception:  # noqa: BLE001 - as said above
            _log.exception("a message that came in could not be heeded")
            heeded = Heeded.FAILED
        else:
            message.done()
        counts[heeded] += 1
    return {heeded: counts[heeded] for heeded in Heeded}
