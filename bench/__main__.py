"""Runs the benchmarks: python -m bench [NAME] [--n N] [--results FOLDER]."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.audience import open_runs
from bench.delivery import deliver
from bench.importing import import_file
from bench.pages import ask_for_pages
from bench.profile import profile
from bench.rendering import render
from bench.report import Report
from bench.task import Task

_RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One of them, and how much it does unless told otherwise."""

    run: Callable[[Task], Report]
    n: int


BENCHMARKS = {
    "delivery": Benchmark(run=deliver, n=5_000),
    "profile": Benchmark(run=profile, n=5_000),
    "rendering": Benchmark(run=render, n=2_000),
    "importing": Benchmark(run=import_file, n=50_000),
    "pages": Benchmark(run=ask_for_pages, n=50),
    "audience": Benchmark(run=open_runs, n=100_000),
}


def main() -> None:
    """Run what was asked for; each report is printed and kept as soon as it is there."""
    parser = ArgumentParser(prog="python -m bench", description="Measures topthree.")
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="which one; all if left out")
    parser.add_argument("--n", type=int, help="messages, splices, rows, requests or subscribers")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the JSON files go")
    chosen = parser.parse_args()
    chosen.results.mkdir(parents=True, exist_ok=True)
    for name in [chosen.name] if chosen.name else BENCHMARKS:
        benchmark = BENCHMARKS[name]
        # On the same disk as the results, for /tmp may be memory, where nothing waits for a disk.
        with TemporaryDirectory(dir=chosen.results) as folder:
            report = benchmark.run(Task(n=chosen.n or benchmark.n, folder=Path(folder)))
        print(report.as_text())
        report.write(chosen.results)


if __name__ == "__main__":
    main()
