"""Each benchmark still works and finds what it should; how fast anything is, no test says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import postfix
from bench.delivery import Count
from bench.tables import figures, rewrite, targets
from tests.support.postfix import why_not as why_no_relay
from tests.support.sources import ROOT

NAMES = (
    "delivery",
    "relay",
    "senders",
    "profile",
    "connections",
    "batches",
    "growth",
    "audience",
    "rendering",
    "importing",
    "pages",
    "desk",
)
FEW = "3"

Report = dict[str, Any]
Figures = dict[str, float | None]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a run of every benchmark leaves, each with very little to do."""
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "bench", "--try", "--n", FEW, "--results", str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (folder.parent / "printed").write_text(done.stdout)
    return folder


def read_report(results: Path, name: str) -> Report:
    report: Report = json.loads((results / f"{name}.json").read_text())
    return report


def rows(results: Path, name: str) -> list[Figures]:
    return [row["figures"] for row in read_report(results, name)["rows"]]


def test_every_benchmark_leaves_its_figures_and_nothing_else(results: Path) -> None:
    left = {path.name for path in results.iterdir()}

    assert left == {f"{name}.json" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_each_reference_is_one_times_itself(results: Path, name: str) -> None:
    ratios = [
        (column, value)
        for row in rows(results, name)
        for column, value in row.items()
        if column.startswith("×")
    ]

    assert all(value and value > 0 for _, value in ratios)
    assert {column for column, _ in ratios} == {column for column, value in ratios if value == 1}


def test_a_delivery_ends_with_the_line_that_a_program_reads(results: Path) -> None:
    summary = read_report(results, "delivery")["summary"]
    printed = (results.parent / "printed").read_text().splitlines()

    assert list(summary) == [
        "messages_per_second",
        "ratio_to_smtp_source",
        "cpu_us_per_message",
        "peak_rss_mb",
        "open_run_seconds",
        "lost",
        "duplicated",
    ]
    assert json.dumps(summary) in printed


def test_a_delivery_loses_nobody_and_writes_to_nobody_twice(results: Path) -> None:
    report = read_report(results, "delivery")

    assert report["summary"]["lost"] == report["summary"]["duplicated"] == 0
    assert not report["failure"]


@pytest.mark.parametrize(("lost", "duplicated"), [(1, 0), (0, 1)])
def test_a_delivery_that_lost_or_doubled_anything_has_failed(lost: int, duplicated: int) -> None:
    assert not Count(lost=0, duplicated=0).failure()
    assert Count(lost=lost, duplicated=duplicated).failure()


@pytest.mark.parametrize("name", ["delivery", "senders", "connections", "batches", "growth"])
def test_smtp_source_is_a_reference_where_it_is_installed(results: Path, name: str) -> None:
    report = read_report(results, name)
    is_there = any(row["what"].startswith("smtp-source") for row in report["rows"])

    assert is_there == (not postfix.why_not())
    assert is_there != (postfix.why_not() in report["notes"])


def test_a_real_relay_takes_the_mail_where_there_is_one(results: Path) -> None:
    missing = postfix.why_not() or why_no_relay()
    report = read_report(results, "relay")

    assert report["notes"] == ([missing] if missing else [])
    assert len(report["rows"]) == (0 if missing else 2)


def test_what_is_not_installed_is_unknown_and_not_made_up(results: Path) -> None:
    ratio = read_report(results, "delivery")["summary"]["ratio_to_smtp_source"]

    assert (ratio is None) == bool(postfix.why_not())


def test_the_documents_have_a_place_for_every_table(results: Path) -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    reports = {name: read_report(results, name) for name in NAMES}
    blocks = {name: figures(report) for name, report in reports.items()}

    rewritten = rewrite(page, blocks | {"targets": targets(reports)})

    assert all(block in rewritten for block in blocks.values())
    assert rewrite(rewritten, blocks) == rewritten


def test_a_figure_without_a_place_is_not_dropped_in_silence() -> None:
    with pytest.raises(LookupError, match="elsewhere"):
        rewrite("<!-- figures: delivery -->\n<!-- end of figures -->", {"elsewhere": "1"})


def test_a_target_that_was_not_measured_is_not_called_reached() -> None:
    assert "reached" not in targets({})
    assert "not measured" in targets({})
