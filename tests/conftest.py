"""Fixtures for every tier; what they do stands in tests/support."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest
from hypothesis import settings as hypothesis_settings

from tests.support.certificates import Authority
from tests.support.network import forbid_foreign_connections
from tests.support.relay import Relay


def pytest_configure() -> None:
    forbid_foreign_connections()
    # A slow machine is no failure, and a failure prints what repeats it.
    hypothesis_settings.register_profile("topthree", deadline=None, print_blob=True)
    hypothesis_settings.load_profile("topthree")


@pytest.fixture
def relay() -> Iterator[Relay]:
    """An SMTP server without encryption or login."""
    with Relay() as relay:
        yield relay


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Whom the relay's certificate is from."""
    return Authority()


@pytest.fixture(scope="session")
def relay_certificate(authority: Authority) -> ssl.SSLContext:
    return authority.server_context()


@pytest.fixture(scope="session")
def trusting_relay(authority: Authority) -> ssl.SSLContext:
    """A client's TLS settings that believe the relay's certificate."""
    return authority.client_context()
