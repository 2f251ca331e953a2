"""The figures as the documents show them: a table for each benchmark, and one of the targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.report import shown

#: A report as its JSON file has it.
Kept = Mapping[str, Any]
Reports = Mapping[str, Kept]

_PLACE = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)
_LARGE = 1_000_000
_Measured = tuple[float, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """Something that is to be reached, and where it is found; an audience says of how many."""

    what: str
    limit: float
    unit: str
    find: Callable[[Reports], _Measured | None]
    at_least: bool = False

    def row(self, reports: Reports) -> str:
        sign = "≥ " if self.at_least else "≤ " if self.limit else ""
        found = self.find(reports)
        measured, verdict = "", "not measured"
        if found is not None:
            value, audience = found
            at = f" at {audience:,}" if audience else ""
            measured, verdict = f"{shown(value)}{self.unit}{at}", self._verdict(value, audience)
        return f"| {self.what} | {sign}{shown(self.limit)}{self.unit} | {measured} | {verdict} |"

    def _verdict(self, value: float, audience: int | None) -> str:
        if not (value >= self.limit if self.at_least else value <= self.limit):
            return "**not reached**"
        is_smaller = audience is not None and audience < _LARGE
        return "reached, not tried at 1,000,000" if is_smaller else "reached"


def figures(report: Kept) -> str:
    """Return a report as a table, with what it was measured on, and its notes."""
    columns = list(dict.fromkeys(name for row in report["rows"] for name in row["figures"]))
    lines = [["", *columns], ["---", *("--:" for _ in columns)]]
    lines += [
        [row["what"], *(shown(row["figures"].get(name)) for name in columns)]
        for row in report["rows"]
    ]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    commit = f", commit {report['commit']}" if report["commit"] else ""
    source = f"{report['setting']}. {report['machine']}; {report['day']}{commit}."
    return "\n\n".join([table, source, *report["notes"]])


def targets(reports: Reports) -> str:
    """Return what is to be reached, and whether it is."""
    head = ["| | target | measured | |", "| --- | --: | --: | --- |"]
    return "\n".join([*head, *(target.row(reports) for target in _TARGETS)])


def rewrite(page: str, blocks: Mapping[str, str]) -> str:
    """Return the page with these blocks between their marks; what is not given stays as it is."""
    places = {place[2] for place in _PLACE.finditer(page)}
    if missing := sorted(blocks.keys() - places):
        raise LookupError(f"The page has no place for: {', '.join(missing)}.")

    def with_block(place: re.Match[str]) -> str:
        block = blocks.get(place[2])
        return place[0] if block is None else f"{place[1]}\n{block}\n\n{place[3]}"

    return _PLACE.sub(with_block, page)


def _summary(name: str) -> Callable[[Reports], _Measured | None]:
    def find(reports: Reports) -> _Measured | None:
        value = reports.get("delivery", {}).get("summary", {}).get(name)
        return None if value is None else (value, None)

    return find


def _largest(report: str, column: str) -> Callable[[Reports], _Measured | None]:
    """Find the figure of the largest audience that was measured."""

    def find(reports: Reports) -> _Measured | None:
        found = [
            (int(row["figures"]["audience"]), row["figures"][column])
            for row in reports.get(report, {}).get("rows", ())
            if row["figures"].get(column) is not None and "audience" in row["figures"]
        ]
        audience, value = max(found, default=(0, None))
        return None if value is None else (value, audience)

    return find


_TARGETS = (
    _Target(
        what="messages a second, × `smtp-source`",
        limit=0.9,
        unit=" ×",
        find=_summary("ratio_to_smtp_source"),
        at_least=True,
    ),
    _Target(
        what="processor time a message",
        limit=200,
        unit=" µs",
        find=_summary("cpu_us_per_message"),
    ),
    _Target(
        what="processor time a message, × that of the smallest audience",
        limit=1.1,
        unit=" ×",
        find=_largest("growth", "× CPU of the smallest"),
    ),
    _Target(
        what="peak memory of the sending process",
        limit=150,
        unit=" MB",
        find=_largest("growth", "peak MB"),
    ),
    _Target(what="opening a run", limit=10, unit=" s", find=_largest("audience", "seconds")),
    _Target(
        what="the longest that another writer waits meanwhile",
        limit=0.1,
        unit=" s",
        find=_largest("audience", "longest wait s"),
    ),
    _Target(what="messages lost", limit=0, unit="", find=_summary("lost")),
    _Target(what="messages sent twice", limit=0, unit="", find=_summary("duplicated")),
)
