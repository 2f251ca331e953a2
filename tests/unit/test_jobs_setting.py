"""TOPTHREE_JOBS: who keeps the jobs going, and on which database that works."""

from __future__ import annotations

from pathlib import Path

import pytest

from topthree.jobs.runners.kind import RunnerKind
from topthree.settings import Settings, SettingsError, read_settings

POSTGRESQL = "postgresql+psycopg://topthree@127.0.0.1/topthree"


def settings_with(instance: Path, **variables: str) -> Settings:
    return read_settings({"TOPTHREE_INSTANCE": str(instance), **variables})


def test_unless_it_is_said_otherwise_one_process_does_everything(tmp_path: Path) -> None:
    assert settings_with(tmp_path).jobs is RunnerKind.EMBEDDED


def test_workers_share_a_postgresql(tmp_path: Path) -> None:
    shared = settings_with(
        tmp_path, TOPTHREE_JOBS="procrastinate", TOPTHREE_DATABASE_URL=POSTGRESQL
    )

    assert shared.jobs is RunnerKind.DISTRIBUTED


def test_workers_cannot_share_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Set TOPTHREE_DATABASE_URL to it"):
        settings_with(tmp_path, TOPTHREE_JOBS="procrastinate")


def test_another_runner_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="“celery”"):
        settings_with(tmp_path, TOPTHREE_JOBS="celery")
