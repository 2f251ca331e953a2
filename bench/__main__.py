"""Runs the benchmarks: python -m bench [NAME] [--n N] [--large] [--others] [--results FOLDER]."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.audience import open_runs
from bench.batches import vary_batches
from bench.connections import vary_connections
from bench.delivery import deliver
from bench.desk import ask_for_desk_pages
from bench.growth import grow
from bench.importing import import_file
from bench.measure import only_try
from bench.pages import ask_for_pages
from bench.profile import profile
from bench.relay import send_to_a_relay
from bench.rendering import render
from bench.report import Report
from bench.senders import compare_senders
from bench.task import Task

_RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One of them, and how much it does unless told otherwise."""

    run: Callable[[Task], Report]
    n: int


BENCHMARKS = {
    "delivery": Benchmark(run=deliver, n=20_000),
    "relay": Benchmark(run=send_to_a_relay, n=5_000),
    "senders": Benchmark(run=compare_senders, n=300),
    "profile": Benchmark(run=profile, n=5_000),
    "connections": Benchmark(run=vary_connections, n=5_000),
    "batches": Benchmark(run=vary_batches, n=5_000),
    "growth": Benchmark(run=grow, n=10_000),
    "audience": Benchmark(run=open_runs, n=100_000),
    "rendering": Benchmark(run=render, n=2_000),
    "importing": Benchmark(run=import_file, n=50_000),
    "pages": Benchmark(run=ask_for_pages, n=50),
    "desk": Benchmark(run=ask_for_desk_pages, n=100_000),
}


def main() -> None:
    """Run what was asked for; each report is printed and kept as soon as it is there."""
    chosen = _read_arguments()
    if chosen.is_trial:
        only_try()
    chosen.results.mkdir(parents=True, exist_ok=True)
    reports = [_run(name, chosen) for name in ([chosen.name] if chosen.name else BENCHMARKS)]
    sys.exit(any(report.failure for report in reports))


def _read_arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m bench", description="Measures topthree.")
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="which one; all if left out")
    parser.add_argument("--n", type=int, help="how much: README.md tells of what")
    parser.add_argument("--large", action="store_true", help="for a million subscribers, too")
    parser.add_argument(
        "--others", action="store_true", help="install another program, and compare with it"
    )
    parser.add_argument(
        "--try",
        action="store_true",
        dest="is_trial",
        help="in one process: the figures mean nothing",
    )
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the JSON files go")
    chosen = parser.parse_args()
    # A database's relative path would be taken from elsewhere.
    chosen.results = chosen.results.resolve()
    return chosen


def _run(name: str, chosen: Namespace) -> Report:
    benchmark = BENCHMARKS[name]
    # On the same disk as the results, for /tmp may be memory, where nothing waits for a disk.
    with TemporaryDirectory(dir=chosen.results) as folder:
        task = Task(
            n=chosen.n or benchmark.n,
            folder=Path(folder),
            is_large=chosen.large,
            others=chosen.results / "others" if chosen.others else None,
        )
        report = benchmark.run(task)
    print(report.as_text(), flush=True)
    report.write(chosen.results)
    return report


if __name__ == "__main__":
    main()
