"""Mail through an SMTP relay, one conversation for many messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from topthree.mail.transports.relay_url import SmtpRelay
from topthree.mail.transports.smtp_conversation import SmtpConnection
from topthree.mail.transports.smtp_opening import open_conversation
from topthree.mail.waiting import current_waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTransport:
    """Opens conversations with one relay."""

    relay: SmtpRelay

    @contextmanager
    def connect(self) -> Iterator[SmtpConnection]:
        """Greet the relay in private and sign in; say goodbye at the end of the block.

        :raises RelayUnavailable: if any of it fails.
        """
        opened = current_waiting().apart(partial(open_conversation, self.relay))
        opened.wire.take_over()
        connection = SmtpConnection(
            opened.wire,
            opened.offers,
            final_dot_timeout_seconds=self.relay.final_dot_timeout_seconds,
        )
        try:
            yield connection
        finally:
            connection.close()
