"""Cookies that hold a secret of one browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, request

from topthree.web.site import site


@dataclass(frozen=True, slots=True)
class SecretCookie:
    """One of them, by its name; no script reads it, and no other site sends it along in a form.

    Lax and not strict, since a browser that comes back from another site has to bring it.
    """

    name: str

    def read(self) -> str:
        """Return the secret that the browser keeps; empty if it keeps none."""
        return request.cookies.get(self._full_name, "")

    def keep(self, response: Response, secret: str, lasts: timedelta) -> Response:
        """Let the browser keep the secret for so long."""
        response.set_cookie(
            self._full_name,
            secret,
            max_age=lasts,
            secure=_is_https(),
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return response

    def forget(self, response: Response) -> Response:
        """Let the browser forget the secret."""
        response.delete_cookie(
            self._full_name, path="/", secure=_is_https(), httponly=True, samesite="Lax"
        )
        return response

    @property
    def _full_name(self) -> str:
        # The prefix binds the cookie to this host and to https; browsers refuse it without.
        return f"__Host-{self.name}" if _is_https() else self.name


def _is_https() -> bool:
    return site().newsletter.public_url.startswith("https://")
