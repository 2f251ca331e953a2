"""Fixtures for every tier; what they do stands in tests/support."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from tests.support import browser as browsers
from tests.support import postgresql
from tests.support.browser import launched_browser, opened_page
from tests.support.certificates import Authority
from tests.support.databases import Databases, SqliteDatabases
from tests.support.installation import Installation, dismantle, install
from tests.support.network import forbid_foreign_connections
from tests.support.relay import Relay
from tests.support.scratch import make_scratch
from tests.support.server import Server, StartServer
from topthree.store.engine import make_engine


def pytest_configure() -> None:
    forbid_foreign_connections()
    # A slow machine is no failure, and a failure prints what repeats it.
    hypothesis_settings.register_profile("topthree", deadline=None, print_blob=True)
    hypothesis_settings.load_profile("topthree")


def pytest_report_header() -> list[str]:
    found = {
        "browser": browsers.why_not() or browsers.find_browser(),
        "PostgreSQL": postgresql.why_not() or postgresql.find_binaries(),
    }
    return [f"{tool}: {answer}" for tool, answer in found.items()]


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    folder = make_scratch("sqlite")
    yield SqliteDatabases(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[Databases]:
    if reason := postgresql.why_not():
        pytest.skip(reason)
    cluster = postgresql.Cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database with all its tables; each test runs on both kinds."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    yield from databases.fresh()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """For services that open several transactions of their own."""
    return sessionmaker(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """For services that work in the caller's transaction; the test commits, or not."""
    with sessions() as session:
        yield session


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """The whole service in this process, with a clock of its own and mail in a local outbox."""
    installation = install(tmp_path / "instance", database_url)
    yield installation
    dismantle(installation)


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


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Start the service with these settings; whatever still runs at the end is stopped."""
    servers: list[Server] = []

    def start(**environment: str) -> Server:
        server = Server(tmp_path / f"instance-{len(servers) + 1}", environment)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        if server.is_running:
            server.stop()


@pytest.fixture
def live_server(start_server: StartServer) -> Server:
    """The service with no setting but its folder, as `make run` starts it."""
    return start_server()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if reason := browsers.why_not():
        pytest.skip(reason)
    with launched_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, live_server: Server) -> Iterator[Page]:
    """A watched page on `live_server`."""
    with opened_page(browser, live_server.url) as page:
        yield page
