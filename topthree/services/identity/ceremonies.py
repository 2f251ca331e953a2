"""What a browser is asked about passkeys, and how its answers are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from topthree.domain.ids import EditorId
from topthree.domain.refusal import Refusal
from topthree.services.identity.editor_view import EditorView

#: How long somebody may take to touch a key or show a finger.
CHALLENGE_VALID = timedelta(minutes=5)


class PasskeyRefused(Refusal):
    """The passkey does not sign anybody in."""

    def __init__(self) -> None:
        super().__init__(
            "This passkey does not sign you in. Try it once more, or type your address and we send"
            " a link."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that an editor's device has just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a device sends back, read but not checked yet."""

    credential_id: bytes
    challenge: bytes
    #: Whom the device takes its owner for; empty if it does not say.
    user_handle: bytes


class Ceremonies(Protocol):
    """What the browser is asked, and whether its answer is right (W3C WebAuthn Level 3)."""

    def adding(self, editor: EditorView, known: tuple[bytes, ...], challenge: bytes) -> str:
        """Return the question to make a key, in JSON; for none of the devices that are known."""
        ...

    def signing_in(self, challenge: bytes) -> str:
        """Return the question to use a key, in JSON; any that knows this site."""
        ...

    def read(self, answer: str) -> Answer:
        """Read an answer.

        :raises PasskeyRefused: if it is none.
        """
        ...

    def new_key(self, answer: str, challenge: bytes) -> NewKey:
        """Check the answer to :meth:`adding`.

        :raises PasskeyRefused: if anything in it is not right.
        """
        ...

    def sign_count(self, answer: str, challenge: bytes, public_key: bytes) -> int:
        """Check the answer to :meth:`signing_in` and return how often the key was used.

        :raises PasskeyRefused: if anything in it is not right.
        """
        ...

    def is_user(self, editor_id: EditorId, user_handle: bytes) -> bool:
        """Tell whether this is what devices of the editor know them by."""
        ...
