"""A certificate authority made for the tests, and a relay's certificate from it."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from tests.support.network import LOOPBACK


class Authority:
    """Signs certificates that nobody but a test trusts."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def server_context(self) -> ssl.SSLContext:
        """Return what a TLS server on the loopback interface presents."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(LOOPBACK, "localhost").configure_cert(context)
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
