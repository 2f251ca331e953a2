"""Each benchmark still works and finds what it should; how fast anything is, no test says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import postfix
from tests.support.sources import ROOT

NAMES = ("delivery", "profile", "rendering", "importing", "pages", "audience")
FEW = "3"

Report = dict[str, Any]
Figures = dict[str, float | None]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a run of every benchmark leaves, each with very little to do."""
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "bench", "--n", FEW, "--results", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def figures(results: Path, name: str) -> dict[str, Figures]:
    report: Report = json.loads((results / f"{name}.json").read_text())
    return {row["what"]: row["figures"] for row in report["rows"]}


def test_every_benchmark_leaves_its_figures_and_nothing_else(results: Path) -> None:
    left = {path.name for path in results.iterdir()}

    assert left == {f"{name}.json" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_reference_is_one_times_itself(results: Path, name: str) -> None:
    ratios = [
        (what, column, value)
        for what, row in figures(results, name).items()
        for column, value in row.items()
        if column.startswith("×")
    ]

    assert all(value and value > 0 for _, _, value in ratios)
    assert {column for _, column, _ in ratios} == {
        column for _, column, value in ratios if value == 1
    }


def test_a_delivery_loses_nobody_and_writes_to_nobody_twice(results: Path) -> None:
    counted = [row for row in figures(results, "delivery").values() if row["lost"] is not None]

    assert len(counted) > 1
    assert all(row["lost"] == row["duplicated"] == 0 for row in counted)


def test_smtp_source_is_a_reference_where_it_is_installed(results: Path) -> None:
    rows = figures(results, "delivery")

    assert any(what.startswith("smtp-source") for what in rows) == (not postfix.why_not())
