"""Fixtures of the journeys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.databases import Databases


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database with all its tables.

    On SQLite, unless the test is marked `on_both_databases`: what people see does not depend on
    it, and what does has tests in the integration tier, on both.
    """
    databases: Databases = request.getfixturevalue(
        f"{getattr(request, 'param', 'sqlite')}_databases"
    )
    yield from databases.fresh()
