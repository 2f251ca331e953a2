"""OpenID Connect: the code flow with PKCE, and every check of the id token (Core 1.0 §3.1.3.7).

Loaded only where single sign-on is switched on: the packages are of the extra ``sign-in``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from topthree.fetch.chosen import Chosen, NoAnswer
from topthree.services.identity.identity_provider import (
    VERIFYING,
    Errand,
    Identity,
    NotIdentified,
    ProviderAnswer,
    ProviderAway,
    Registration,
    is_address_verified,
    is_private_way,
)

_log = logging.getLogger(__name__)

#: Signatures by a key pair; all of them with SHA-256, which `at_hash` goes by.
_ALGORITHMS = ["RS256", "ES256", "PS256"]
_LEEWAY_SECONDS = 60
_MALFORMED = (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """What the provider says about itself (OpenID Connect Discovery 1.0 §3)."""

    authorization: str
    token: str
    keys: str
    #: Empty if there is none that may be asked.
    user_info: str
    #: Whether every answer names its issuer (RFC 9207).
    names_issuer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """One provider, asked anew each time: its keys and addresses may change at any moment."""

    registration: Registration
    #: Where it sends the browser back to.
    back: str
    asking: Chosen
    clock: Callable[[], datetime]

    @property
    def name(self) -> str:
        """What editors call it."""
        return self.registration.name

    def question(self, errand: Errand) -> str:
        """Return the address where somebody signs in at the provider."""
        place = self._places().authorization
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.back,
            "scope": "openid email profile",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": errand.challenge,
            "code_challenge_method": "S256",
        }
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(asked)}"

    def identify(self, errand: Errand, answer: ProviderAnswer) -> Identity:
        """Exchange the code and return who it is, everything checked."""
        places = self._places()
        if answer.issuer != self.registration.issuer and (answer.issuer or places.names_issuer):
            raise self._refused("the answer is another provider's")
        tokens = self._exchange(places, errand, answer.code)
        claims = self._claims(tokens, self._get(places.keys), errand.nonce)
        said = self._said_of_address(places, tokens, claims)
        address = said.get("email")
        return Identity(
            issuer=self.registration.issuer,
            subject=str(claims["sub"]),
            address=address if isinstance(address, str) else "",
            is_verified=self._is_verified(said),
        )

    def _places(self) -> _Places:
        issuer = self.registration.issuer
        said = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise self._away("its discovery document names another issuer")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, keys = (str(said.get(name, "")) for name in names)
        user_info = str(said.get("userinfo_endpoint", ""))
        if not all(map(is_private_way, (authorization, token, keys))):
            raise self._away("its discovery document lacks an address, or has one without https")
        names_issuer = said.get("authorization_response_iss_parameter_supported") is True
        return _Places(
            authorization=authorization,
            token=token,
            keys=keys,
            user_info=user_info if is_private_way(user_info) else "",
            names_issuer=names_issuer,
        )

    def _exchange(self, places: _Places, errand: Errand, code: str) -> dict[str, object]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": errand.verifier,
        }
        login = (self.registration.client_id, self.registration.client_secret)
        try:
            status, tokens = self.asking.post(places.token, form, login)
        except NoAnswer as error:
            raise self._away(str(error)) from error
        if status != HTTPStatus.OK:
            raise self._refused(f"the code is refused: {status} {tokens.get('error')!r}")
        return tokens

    def _claims(
        self, tokens: dict[str, object], keys: dict[str, object], nonce: str
    ) -> dict[str, object]:
        """Return what the id token says, once everything about it is right."""
        try:
            token = jwt.decode(str(tokens["id_token"]), _signing(keys), algorithms=_ALGORITHMS)
            claims: dict[str, object] = token.claims
            self._registry(nonce).validate(claims)
            self._check_party(claims)
            _check_access_token(claims, tokens)
        except _MALFORMED as error:
            raise self._refused(f"the id token is not right: {error!r}") from error
        return claims

    def _registry(self, nonce: str) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            now=int(self.clock().timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.registration.issuer},
            aud={"essential": True, "value": self.registration.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )

    def _check_party(self, claims: dict[str, object]) -> None:
        """Refuse a token that was made for somebody else beside us."""
        audience, client = claims["aud"], self.registration.client_id
        party = claims.get("azp")
        is_shared = isinstance(audience, list) and len(audience) > 1
        if party != client and (is_shared or party is not None):
            raise ValueError("azp")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ValueError("sub")

    def _said_of_address(
        self, places: _Places, tokens: dict[str, object], claims: dict[str, object]
    ) -> dict[str, object]:
        """Return what says whose address it is: the id token, or else UserInfo (Core 1.0 §5.4).

        Whoever has come in before needs neither, so a failure is no reason to refuse them.
        """
        if not places.user_info or not claims.keys().isdisjoint(VERIFYING):
            return claims
        try:
            said = self.asking.get(places.user_info, access_token=str(tokens.get("access_token")))
        except NoAnswer as error:
            _log.warning("single sign-on: what is said of the address is missing: %s", error)
            return claims
        if said.get("sub") != claims["sub"]:
            raise self._refused("UserInfo is about another account (Core 1.0 §5.3.2)")
        return said

    def _is_verified(self, said: dict[str, object]) -> bool:
        is_verified = is_address_verified(self.registration.issuer, said)
        if not is_verified:
            _log.warning("single sign-on: the provider does not say that the address is verified")
        return is_verified

    def _get(self, url: str) -> dict[str, object]:
        try:
            return self.asking.get(url)
        except NoAnswer as error:
            raise self._away(str(error)) from error

    def _away(self, why: str) -> ProviderAway:
        _log.warning("single sign-on: the provider is of no use: %s", why)
        return ProviderAway(
            f"{_capital(self.name)} cannot be reached at the moment. Type your address below and"
            " we send a link, or try again in a few minutes."
        )

    def _refused(self, why: str) -> NotIdentified:
        _log.warning("single sign-on: refused, since %s", why)
        return NotIdentified(
            f"What {self.name} answered does not sign you in. Try it once more, or type your"
            " address below and we send a link."
        )


def _signing(keys: dict[str, object]) -> KeySet:
    """Return the keys that may sign; others in the set, of kinds we do not know, are left out."""
    found = keys["keys"]
    if not isinstance(found, list):
        raise TypeError("keys")
    ours = [each for each in found if each["kty"] in ("RSA", "EC") and each.get("use") != "enc"]
    return KeySet.import_key_set({"keys": ours})


def _check_access_token(claims: dict[str, object], tokens: dict[str, object]) -> None:
    """Refuse an id token that belongs to another access token, where it says to which."""
    said = claims.get("at_hash")
    if said is None:
        return
    half = hashlib.sha256(str(tokens.get("access_token", "")).encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=")
    if not hmac.compare_digest(expected, str(said).encode()):
        raise ValueError("at_hash")


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
