"""Rendering: what is done once for an issue, and what is done again for each recipient."""

from __future__ import annotations

from pathlib import Path

from bench.letter import freeze, make_letter
from bench.material import opened_house
from bench.measure import in_a_process, least_cpu_seconds
from bench.report import Report, Row
from bench.task import Task

#: Building is so much slower that fewer rounds of it tell as much.
_SPLICES_FOR_A_BUILD = 20


def render(task: Task) -> Report:
    return in_a_process(_render, task.n, task.folder / "house")


def _render(n: int, folder: Path) -> Report:
    with opened_house(folder) as house:
        wiring = house.wiring
        first = least_cpu_seconds(lambda: freeze(wiring), calls=1, rounds=1)
        later = least_cpu_seconds(lambda: freeze(wiring), calls=1)
        letter = make_letter(wiring)
    if letter.splice() != letter.build():
        raise AssertionError("A splice differs from a message that was built.")
    splice = least_cpu_seconds(letter.splice, calls=n)
    build = least_cpu_seconds(letter.build, calls=max(1, n // _SPLICES_FOR_A_BUILD))
    return Report(
        name="rendering",
        setting=f"an issue of {len(letter.frozen) / 1000:.1f} kB, {n:,} splices",
        rows=(
            _row("once: render and freeze, the first in a process", first, build),
            _row("once: render and freeze, later ones", later, build),
            _row("each: splice", splice, build),
            _row("each: built from finished bodies (reference)", build, build),
        ),
    )


def _row(what: str, seconds: float, building: float) -> Row:
    return Row(what=what, figures={"CPU µs": seconds * 1e6, "× building": seconds / building})
