"""SendGrid, which signs what it reports with a key of the account (standards R-49).

Loaded only where that key is set: ``cryptography`` is of the extra ``reports``.
Source: “Getting Started with the Event Webhook Security Features”.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from topthree.mail.inbound.incoming import Report
from topthree.mail.inbound.sendgrid_events import read_sendgrid_events
from topthree.services.reporters.reporter import Posted, PostRefused, require_recent

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


class SendGrid:
    """Reads what is signed by the account's key."""

    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        """Take the verification key as SendGrid shows it: SubjectPublicKeyInfo, in base64.

        :raises ValueError: if it is none.
        """
        public_key = load_der_public_key(b64decode(key, validate=True))
        if not isinstance(public_key, EllipticCurvePublicKey):
            raise ValueError("a key of another kind")  # noqa: TRY004 - it is a setting
        self._key = public_key
        self._clock = clock

    def read(self, posted: Posted) -> Iterable[Report]:
        """Return the bounces and complaints of a batch of events."""
        timestamp = posted.headers.get(_TIMESTAMP, "")
        try:
            at = datetime.fromtimestamp(int(timestamp), UTC)
            signature = b64decode(posted.headers.get(_SIGNATURE, ""), validate=True)
            self._key.verify(signature, timestamp.encode() + posted.raw, ECDSA(SHA256()))
        except (ValueError, OverflowError, OSError) as error:
            raise PostRefused("its signature cannot be read") from error
        except InvalidSignature as error:
            raise PostRefused("its signature is wrong") from error
        require_recent(at, self._clock())
        return read_sendgrid_events(posted.raw)
