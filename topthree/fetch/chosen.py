"""Asking an address that the operator has chosen, which may be inside the agency.

The guard of :mod:`topthree.fetch.web` does not apply; what is taken in is limited all the same.
Loaded only where single sign-on is switched on: ``requests`` is of the extra ``sign-in``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import requests

_TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 256_000


class NoAnswer(Exception):
    """Nothing that can be used came back; the text is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Asks in JSON, follows no redirect, and waits for five seconds in all."""

    #: Seconds of a clock that nobody sets.
    elapsed: Callable[[], float]

    def get(self, url: str) -> dict[str, object]:
        """Return the object that is there.

        :raises NoAnswer: if there is none.
        """
        status, content = self._ask("GET", url)
        if status != HTTPStatus.OK:
            raise NoAnswer(f"{url} answers {status}")
        return content

    def post(
        self, url: str, form: Mapping[str, str], login: tuple[str, str]
    ) -> tuple[int, dict[str, object]]:
        """Send a form under a name and a password, and return the status and the object.

        :raises NoAnswer: if what comes back is none.
        """
        # RFC 6749 §2.3.1: both are encoded as in a form before they are joined.
        name, password = (quote(each, safe="") for each in login)
        return self._ask("POST", url, form, (name, password))

    def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> tuple[int, dict[str, object]]:
        until = self.elapsed() + _TIMEOUT_SECONDS
        try:
            with requests.request(
                method,
                url,
                data=form,
                auth=login,
                headers={"Accept": "application/json"},
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, _object(self._read(answer, until))
        except (requests.RequestException, ValueError, TypeError, RecursionError) as error:
            raise NoAnswer(f"{url} cannot be read: {error!r}") from error

    def _read(self, answer: requests.Response, until: float) -> bytes:
        content = bytearray()
        # Byte by byte: a larger piece is waited for until it is whole, however slowly it drips.
        for piece in answer.iter_content(1):
            content += piece
            if len(content) > _MOST_BYTES or self.elapsed() > until:
                raise ValueError("too long, or too slow")
        return bytes(content)


def _object(content: bytes) -> dict[str, object]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found
