"""A certificate authority made for the tests, and a relay's certificate from it."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

import trustme

from tests.support.network import LOOPBACK


class Authority:
    """Signs certificates that nobody but a test trusts."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def server_context(self, *names: str, not_after: datetime | None = None) -> ssl.SSLContext:
        """Return what a TLS server presents, on the loopback interface unless named otherwise."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        names = names or (LOOPBACK, "localhost")
        self._authority.issue_cert(*names, not_after=not_after).configure_cert(context)
        return context

    def self_signed_context(self, folder: Path) -> ssl.SSLContext:
        """Return what a TLS server presents that vouches for itself."""
        file = folder / "self-signed.pem"
        file.write_bytes(self._authority.private_key_pem.bytes() + self._authority.cert_pem.bytes())
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return what a client needs to believe that server."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    def write_root(self, path: Path) -> Path:
        """Write the root certificate as PEM, for programs that take a file, and return `path`."""
        self._authority.cert_pem.write_to_path(str(path))
        return path
