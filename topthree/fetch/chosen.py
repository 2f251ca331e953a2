"""Asking an address that the operator has chosen, which may be inside the agency.

The guard of :mod:`topthree.fetch.web` does not apply; what is taken in is limited all the same.
Loaded only where single sign-on is switched on: ``requests`` is of the extra ``sign-in``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import requests
from requests.auth import AuthBase, HTTPBasicAuth

_MOST_BYTES = 256_000
_PIECE_BYTES = 512
_Answer = tuple[int, dict[str, object]]


class NoAnswer(Exception):
    """Nothing that can be used came back; the text is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Asks in JSON, follows no redirect, and lets nobody wait for longer than a few seconds."""

    #: Over the name, the connection, the headers and the content together.
    seconds: float = 5.0

    def get(self, url: str, *, access_token: str = "") -> dict[str, object]:
        """Return the object that is there.

        :param access_token: shown to whoever answers, if there is one (RFC 6750).
        :raises NoAnswer: if there is none.
        """
        status, content = self._ask("GET", url, _Bearer(access_token))
        if status != HTTPStatus.OK:
            raise NoAnswer(f"{url} answers {status}")
        return content

    def post(self, url: str, form: Mapping[str, str], login: tuple[str, str]) -> _Answer:
        """Send a form under a name and a password, and return the status and the object.

        :raises NoAnswer: if what comes back is none.
        """
        # RFC 6749 §2.3.1: both are encoded as in a form before they are joined.
        name, password = (quote(each, safe="") for each in login)
        return self._ask("POST", url, HTTPBasicAuth(name, password), form)

    def _ask(
        self, method: str, url: str, login: AuthBase, form: Mapping[str, str] | None = None
    ) -> _Answer:
        """Ask in a thread that is left behind when patience ends.

        A timeout of ``requests`` begins anew with each address of a name and with each byte.
        """
        answer: Future[_Answer] = Future()
        given_up = threading.Event()

        def ask() -> None:
            try:
                with requests.request(
                    method,
                    url,
                    data=form,
                    auth=login,
                    headers={"Accept": "application/json"},
                    timeout=self.seconds,
                    allow_redirects=False,
                    stream=True,
                ) as came:
                    answer.set_result((came.status_code, _object(_read(came, given_up))))
            except Exception as error:  # noqa: BLE001 - whoever waits for the answer judges it
                answer.set_exception(error)

        threading.Thread(target=ask, name="single sign-on", daemon=True).start()
        try:
            return answer.result(self.seconds)
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise NoAnswer(f"{url} cannot be read: {error!r}") from error
        finally:
            given_up.set()


class _Bearer(AuthBase):
    """Shows an access token; without one nothing, not even what a ``.netrc`` has."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _read(answer: requests.Response, given_up: threading.Event) -> bytes:
    content = bytearray()
    for piece in answer.iter_content(_PIECE_BYTES):
        content += piece
        if len(content) > _MOST_BYTES or given_up.is_set():
            raise ValueError("too long, or too slow")
    return bytes(content)


def _object(content: bytes) -> dict[str, object]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found
