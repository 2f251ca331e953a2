"""A provider of single sign-on on loopback, which can be told to do each thing wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.support.network import LOOPBACK

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CLIENT_ID = "desk of letters"
CLIENT_SECRET = "a secret: with / and %"
ACCESS_TOKEN = "an access token"
_KEY = ECKey.generate_key("P-256", {"kid": "one"})
_STRANGER = ECKey.generate_key("P-256", {"kid": "one"})

Claims = dict[str, object]


def _basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


#: As RFC 6749 §2.3.1 has it: encoded first, and then joined.
_LOGIN = _basic("desk%20of%20letters", "a%20secret%3A%20with%20%2F%20and%20%25")


def urlsafe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def by_key(claims: Claims) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, _KEY)


def by_a_stranger(claims: Claims) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, _STRANGER)


def by_a_key_that_it_brings(claims: Claims) -> str:
    """Let the token say itself which key it is to be believed by."""
    key = _STRANGER.as_dict(private=False)
    return jwt.encode({"alg": "ES256", "kid": "one", "jwk": key}, claims, _STRANGER)


def by_nobody(claims: Claims) -> str:
    return _unsigned("none", claims) + "."


def by_the_secret(claims: Claims) -> str:
    """Sign with what the desk knows as well, as if that proved where it is from."""
    text = _unsigned("HS256", claims)
    mark = hmac.new(CLIENT_SECRET.encode(), text.encode(), hashlib.sha256)
    return f"{text}.{urlsafe(mark.digest())}"


def by_the_public_key(claims: Claims) -> str:
    """Sign with the public key as if it were a secret."""
    text = _unsigned("HS256", claims)
    mark = hmac.new(_KEY.as_pem(private=False), text.encode(), hashlib.sha256)
    return f"{text}.{urlsafe(mark.digest())}"


def _unsigned(algorithm: str, claims: Claims) -> str:
    header = {"alg": algorithm, "kid": "one", "typ": "JWT"}
    return ".".join(urlsafe(json.dumps(part).encode()) for part in (header, claims))


@dataclass(kw_only=True)
class FakeProvider:
    """Signs in whoever the test says; a ``with`` block runs it."""

    #: What the id token says beside, or instead of, what it should; None leaves a claim out.
    claims: Claims = field(default_factory=dict)
    #: What the discovery document says instead.
    about: Claims = field(default_factory=dict)
    sign: Callable[[Claims], str] = by_key
    #: What UserInfo says beside whose account it is; None: there is no UserInfo.
    user_info: Claims | None = None
    #: Answers instead of the provider, by path.
    instead: dict[str, Response] = field(default_factory=dict)
    #: What the browser asked for last.
    asked: dict[str, str] = field(default_factory=dict)
    #: The time, in seconds of the epoch.
    now: float = 0

    def __enter__(self) -> Self:
        self._server = make_server(LOOPBACK, 0, self._serve, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, name="provider")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        return f"http://{LOOPBACK}:{self._server.port}"

    def behave(self, now: float) -> None:
        """Do everything right from now on."""
        self.claims, self.about, self.instead, self.asked = {}, {}, {}, {}
        self.sign, self.now, self.user_info = by_key, now, None

    def take(self, question: str) -> dict[str, str]:
        """Take the question that a browser was sent with, and return what it holds."""
        self.asked = dict(parse_qsl(urlsplit(question).query))
        return self.asked

    def _serve(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start)

    def _answer(self, request: Request) -> Response:
        if request.path in self.instead:
            return self.instead[request.path]
        answers: dict[str, Callable[[Request], Claims]] = {
            "/.well-known/openid-configuration": self._discovery,
            "/elsewhere": self._discovery,
            "/keys": lambda _request: {"keys": [_KEY.as_dict(private=False)]},
            "/token": self._tokens,
            "/about-you": self._about_you,
        }
        found = answers[request.path](request)
        status = HTTPStatus.BAD_REQUEST if "error" in found else HTTPStatus.OK
        return Response(json.dumps(found), status, content_type="application/json")

    def _discovery(self, _request: Request) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **({} if self.user_info is None else {"userinfo_endpoint": f"{self.issuer}/about-you"}),
            **self.about,
        }

    def _about_you(self, request: Request) -> Claims:
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return {"error": "invalid_token"}
        return {"sub": self.claims["sub"], **(self.user_info or {})}

    def _tokens(self, request: Request) -> Claims:
        challenge = urlsafe(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        is_theirs = (
            request.headers.get("Authorization") == _LOGIN
            and request.form["code"] == "a code"
            and request.form["redirect_uri"] == self.asked["redirect_uri"]
            and challenge == self.asked["code_challenge"]
        )
        if not is_theirs:
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "account-1",
            "nonce": self.asked["nonce"],
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "at_hash": urlsafe(hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]),
            "email_verified": True,
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": ACCESS_TOKEN, "id_token": self.sign(said)}
