"""What the tests' relay accepted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiosmtpd.smtp import Envelope, LoginPassword, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One message the relay answered for, and how it came."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float
    connection: int
    encrypted: bool
    login: str | None


class Journal:
    """What was accepted, in order; safe to read while the relay runs."""

    def __init__(self, keep: Callable[[bytes], bytes]) -> None:
        self._keep = keep
        self._accepted: list[Accepted] = []
        self._changed = threading.Condition()

    def add(self, session: Session, envelope: Envelope, connection: int) -> None:
        content = envelope.original_content or b""
        entry = Accepted(
            sender=envelope.mail_from or "",
            recipients=tuple(address for address in envelope.rcpt_tos if address),
            content=self._keep(content),
            at=time.monotonic(),
            connection=connection,
            encrypted=session.ssl is not None,
            login=_login_name(session.auth_data),
        )
        with self._changed:
            self._accepted.append(entry)
            self._changed.notify_all()

    def all(self) -> Sequence[Accepted]:
        with self._changed:
            return tuple(self._accepted)

    def wait_for(self, count: int, timeout_seconds: float) -> Sequence[Accepted]:
        with self._changed:
            arrived = self._changed.wait_for(
                lambda: len(self._accepted) >= count, timeout=timeout_seconds
            )
            if not arrived:
                raise AssertionError(
                    f"After {timeout_seconds} s the relay has {len(self._accepted)} messages, "
                    f"not {count}."
                )
            return tuple(self._accepted)


def _login_name(auth_data: object) -> str | None:
    return auth_data.login.decode() if isinstance(auth_data, LoginPassword) else None
