"""Mailgun, which shows with each report that it knows a key that we share (standards R-49).

What is signed is a time and a random word, and not the report: whoever sees one report could write
another within the day. It counts only about a delivery whose mark they know.
Source: “Securing Webhooks”.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from topthree.mail.inbound.incoming import Report
from topthree.mail.inbound.json_parts import as_object, as_text, parse_json
from topthree.mail.inbound.mailgun_events import read_mailgun_event
from topthree.services.reporters.reporter import Posted, PostRefused, require_recent


class Mailgun:
    """Reads what is signed with the account's webhook signing key."""

    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        self._key = key.encode()
        self._clock = clock

    def read(self, posted: Posted) -> Iterable[Report]:
        """Return the bounce or complaint, if it is one."""
        signed = as_object(as_object(parse_json(posted.raw)).get("signature"))
        timestamp, token = as_text(signed.get("timestamp")), as_text(signed.get("token"))
        expected = hmac.digest(self._key, f"{timestamp}{token}".encode(), "sha256").hex()
        given = as_text(signed.get("signature"))
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise PostRefused("its signature is wrong")
        try:
            at = datetime.fromtimestamp(int(timestamp), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise PostRefused("its time cannot be read") from error
        require_recent(at, self._clock())
        return read_mailgun_event(posted.raw)
