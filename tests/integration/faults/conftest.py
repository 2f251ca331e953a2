"""A house with many subscribers, whose relay keeps a journal, and chance that can be repeated."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation, dismantle, install
from tests.support.nemesis import Watched
from topthree.domain.clock import utc_now

#: Repeats a failure: TOPTHREE_FAULT_SEED=… pytest …
_SEED = "TOPTHREE_FAULT_SEED"


@pytest.fixture
def chance() -> random.Random:
    """Chance from a seed, which a failing test prints."""
    seed = int(os.environ.get(_SEED) or random.SystemRandom().randrange(2**32))
    print(f"{_SEED}={seed}")  # noqa: T201 - pytest shows it with a failure
    return random.Random(seed)  # noqa: S311 - nothing here is secret


@pytest.fixture
def sink() -> Iterator[Watched]:
    with Watched() as sink:
        yield sink


@pytest.fixture
def house(database_url: str, tmp_path: Path, sink: Watched) -> Iterator[Installation]:
    """An installation of today, without subscribers."""
    installation = install(tmp_path / "house", database_url, TOPTHREE_SMTP_URL=sink.url)
    installation.clock.now = utc_now()
    yield installation
    dismantle(installation)
