"""The questions and answers of WebAuthn, checked by the package of that name.

Loaded only where passkeys are switched on: the package is an extra.
"""

from __future__ import annotations

import binascii
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from topthree.domain.ids import EditorId
from topthree.domain.newsletter import Newsletter
from topthree.services.identity.ceremonies import CHALLENGE_VALID, Answer, NewKey, PasskeyRefused
from topthree.services.identity.editor_view import EditorView
from topthree.tokens import Tokens

_TIMEOUT_MS = int(CHALLENGE_VALID.total_seconds() * 1000)
#: An answer is a few hundred bytes; what is longer is none.
_LONGEST = 20_000
_MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, binascii.Error)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAuthnCeremonies:
    """Asks and checks for one site, whose name passkeys are bound to."""

    newsletter: Newsletter
    tokens: Tokens

    @property
    def _site(self) -> str:
        return urlsplit(self.newsletter.public_url).hostname or ""

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.newsletter.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def adding(self, editor: EditorView, known: tuple[bytes, ...], challenge: bytes) -> str:
        """Return the question to make a key; its device has to check who holds it."""
        options = generate_registration_options(
            rp_id=self._site,
            rp_name=self.newsletter.name,
            # A mark that says nothing to whoever finds the device.
            user_id=self.tokens.seal(_owner(editor.id)).encode(),
            user_name=editor.address,
            user_display_name=editor.name,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        )
        return options_to_json(options)

    def signing_in(self, challenge: bytes) -> str:
        """Return the question to use a key; the device says whose it is."""
        options = generate_authentication_options(
            rp_id=self._site,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def read(self, answer: str) -> Answer:
        """Read an answer; nothing in it is to be believed yet."""
        if len(answer) > _LONGEST:
            raise PasskeyRefused
        try:
            said = json.loads(answer)
            client = json.loads(base64url_to_bytes(said["response"]["clientDataJSON"]))
            return Answer(
                credential_id=base64url_to_bytes(said["rawId"]),
                challenge=base64url_to_bytes(client["challenge"]),
                user_handle=base64url_to_bytes(said["response"].get("userHandle") or ""),
            )
        except (*_MALFORMED, AttributeError, RecursionError) as error:
            raise PasskeyRefused from error

    def new_key(self, answer: str, challenge: bytes) -> NewKey:
        """Check the answer to the first question."""
        try:
            verified = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except _MALFORMED as error:
            raise PasskeyRefused from error
        return NewKey(
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
        )

    def sign_count(self, answer: str, challenge: bytes, public_key: bytes) -> int:
        """Check the answer to the second question; the count is the caller's to judge."""
        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._site,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except _MALFORMED as error:
            raise PasskeyRefused from error
        return verified.new_sign_count

    def is_user(self, editor_id: EditorId, user_handle: bytes) -> bool:
        """Tell whether the mark is one that we gave to devices of this editor."""
        handle = user_handle.decode("ascii", "replace")
        return self.tokens.is_seal(_owner(editor_id), handle)


def _owner(editor_id: EditorId) -> str:
    return f"passkeys of editor {editor_id}"
