"""Signed links and codes: one purpose, one salt, one maximum age; a token holds only a number."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import UTC, datetime, timedelta
from enum import Enum

from itsdangerous import BadSignature, Signer

from topthree.domain.subscribers.subscription import CONFIRMATION_VALID

SIGN_IN_VALID = timedelta(minutes=15)
INVITATION_VALID = timedelta(days=7)

# The number, and for what expires the second it was signed at (until the year 2106).
_LASTING = struct.Struct(">Q")
_TIMED = struct.Struct(">QI")
#: Between payload and signature. A dot could come to stand at the beginning of a line of mail,
#: where SMTP wants it doubled.
_SEPARATOR = "~"
_CODE_DIGITS = 6
_SHORT_MAC_BYTES = 10


class Purpose(Enum):
    """What a token is for; one made for another purpose does not verify."""

    CONFIRM = ("confirm", CONFIRMATION_VALID)
    DISOWN = ("disown", timedelta(days=60))
    SIGN_IN = ("sign-in", SIGN_IN_VALID)
    INVITATION = ("invitation", INVITATION_VALID)
    #: In every issue ever sent, so it lasts as long as the key.
    UNSUBSCRIBE = ("unsubscribe", None)
    #: The longest that a link to a draft can last; its row says how long this one does.
    SHARE = ("share", timedelta(days=30))
    #: Shown once, right after leaving.
    UNDO_LEAVING = ("undo-leaving", timedelta(days=30))

    def __init__(self, salt: str, max_age: timedelta | None) -> None:
        self.salt = f"topthree.{salt}"
        self.max_age = max_age


class TokenRefused(Exception):
    """The token is of no use: forged, cut, for another purpose, or expired."""


class TokenExpired(TokenRefused):
    """The token was good once; ``subject`` is what it named."""

    def __init__(self, subject: int) -> None:
        super().__init__(subject)
        self.subject = subject


class Tokens:
    """Makes and reads tokens with a list of keys: the first signs, all verify."""

    def __init__(self, secret_keys: tuple[str, ...]) -> None:
        newest_last = list(reversed(secret_keys))
        self._keys = tuple(key.encode() for key in secret_keys)
        self._signers = {
            purpose: Signer(
                newest_last,
                salt=purpose.salt,
                sep=_SEPARATOR,
                key_derivation="hmac",
                digest_method=hashlib.sha256,
            )
            for purpose in Purpose
        }
        #: The signers would derive theirs anew for every letter of a run.
        self._signing_keys = {
            purpose: signer.derive_key() for purpose, signer in self._signers.items()
        }

    def sign(self, purpose: Purpose, subject: int, now: datetime) -> str:
        """Return a token that names the subject; every token of a purpose has the same length."""
        if purpose.max_age is None:
            payload = _LASTING.pack(subject)
        else:
            payload = _TIMED.pack(subject, int(now.timestamp()))
        encoded = _encoded(payload)
        signature = hmac.digest(self._signing_keys[purpose], encoded, "sha256")
        return f"{encoded.decode()}{_SEPARATOR}{_encoded(signature).decode()}"

    def read(self, purpose: Purpose, token: str, now: datetime) -> int:
        """Return the subject that the token names.

        :raises TokenExpired: if it is too old.
        :raises TokenRefused: if it is anything but a token signed for this purpose.
        """
        payload = self._verified(purpose, token)
        if purpose.max_age is None:
            (subject,) = _unpacked(_LASTING, payload)
            return subject
        subject, signed_at = _unpacked(_TIMED, payload)
        if now - datetime.fromtimestamp(signed_at, UTC) > purpose.max_age:
            raise TokenExpired(subject)
        return subject

    def code(self, purpose: Purpose, subject: int) -> str:
        """Return the six digits that stand for the subject where no link can be followed."""
        return self._code(self._keys[0], purpose, subject)

    def is_code(self, purpose: Purpose, subject: int, typed: str) -> bool:
        """Tell whether these are the digits, blanks aside; the caller counts the tries."""
        digits = "".join(typed.split())
        return any(
            hmac.compare_digest(self._code(key, purpose, subject).encode(), digits.encode())
            for key in self._keys
        )

    def seal(self, text: str) -> str:
        """Return a short, case-insensitive mark of this text, for the addresses of bounces."""
        return _seal(self._keys[0], text)

    def is_seal(self, text: str, seal: str) -> bool:
        """Tell whether the mark is that of this text."""
        return any(
            hmac.compare_digest(_seal(key, text).encode(), seal.lower().encode())
            for key in self._keys
        )

    def _verified(self, purpose: Purpose, token: str) -> bytes:
        try:
            encoded = self._signers[purpose].unsign(token)
        except BadSignature as error:
            raise TokenRefused from error
        # Base64 leaves a few bits over, so a changed last character can decode to the same
        # signature; only the one spelling that we wrote counts.
        _, _, signature = token.rpartition(_SEPARATOR)
        if _encoded(_decoded(signature.encode())) != signature.encode():
            raise TokenRefused
        return _decoded(encoded)

    @staticmethod
    def _code(key: bytes, purpose: Purpose, subject: int) -> str:
        mac = hmac.new(key, f"{purpose.salt}.code.{subject}".encode(), hashlib.sha256).digest()
        return str(int.from_bytes(mac[:8], "big") % 10**_CODE_DIGITS).zfill(_CODE_DIGITS)


def _seal(key: bytes, text: str) -> str:
    mac = hmac.new(key, b"topthree.seal." + text.encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:_SHORT_MAC_BYTES]).decode().lower()


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(encoded: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except binascii.Error as error:
        raise TokenRefused from error


def _unpacked(shape: struct.Struct, payload: bytes) -> tuple[int, ...]:
    try:
        return shape.unpack(payload)
    except struct.error as error:
        raise TokenRefused from error
