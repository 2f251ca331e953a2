"""Public pages, asked for inside the process, next to a Flask view that returns a constant."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.material import ISSUES, opened_house
from bench.measure import in_a_process, least_cpu_seconds
from bench.report import Report, Row
from bench.task import Task
from topthree.services.archive.browse_archive import list_archive
from topthree.services.installation.first_start import load_samples

_SUCCESS = "200 OK"


def ask_for_pages(task: Task) -> Report:
    return in_a_process(_ask, task.n, task.folder / "house")


def _ask(n: int, folder: Path) -> Report:
    constant = _seconds(_constant_app(), "/", n)
    with opened_house(folder) as house:
        with house.wiring.writing() as session:
            load_samples(session, house.wiring, ISSUES)
        with house.wiring.reading() as session:
            archive = list_archive(session)
        paths = ("/", "/issues/", f"/issues/{archive[0].day}/", "/feed.atom")
        rows = [_row(path, _seconds(house.app, path, n), constant) for path in paths]
    rows.append(_row("a constant (reference)", constant, constant))
    return Report(
        name="pages",
        setting=f"{n:,} requests each, one thread, {len(archive)} issues in the archive",
        rows=tuple(rows),
    )


def _constant_app() -> Flask:
    app = Flask("bench")
    app.add_url_rule("/", "constant", lambda: "Hello.")
    return app


def _seconds(app: Flask, path: str, n: int) -> float:
    environment = EnvironBuilder(path).get_environ()

    def ask() -> None:
        _, status, _ = run_wsgi_app(app, environment, buffered=True)
        if status != _SUCCESS:
            raise AssertionError(f"{path} answered {status}.")

    ask()
    return least_cpu_seconds(ask, calls=n)


def _row(what: str, seconds: float, constant: float) -> Row:
    figures = {
        "requests/CPU s": 1 / seconds,
        "CPU µs": seconds * 1e6,
        "× constant": seconds / constant,
    }
    return Row(what=what, figures=figures)
