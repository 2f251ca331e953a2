"""The command that says what is wrong with issues: whether they can be read, and may go out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option
from topthree.cli.printing import Row, print_json
from topthree.domain.how_many import how_many
from topthree.domain.preflight.finding import Finding
from topthree.domain.refusal import Refusal
from topthree.services.agreeing.preflight_copies import (
    CheckedCopy,
    preflight_files,
    preflight_named,
)
from topthree.services.archive.exchange_issue_files import FileReport, check_files


@click.command()
@click.argument("names", metavar="PATH|DATE|ID...", nargs=-1, required=True)
@click.option(
    "--preflight",
    "in_full",
    is_flag=True,
    help="Check what would be sent, as the desk does before an approval; needs the database.",
)
@json_option
@click.pass_obj
def check(launcher: Launcher, names: tuple[str, ...], *, in_full: bool, as_json: bool) -> None:
    """Say what is wrong with issue files, or all below folders; changes nothing.

    Without --preflight it says whether they can be taken in. With it, also issues at the desk can
    be named, by date or id. Ends with 1 if a file cannot be taken in, or something stops an issue.
    """
    if in_full:
        _check_in_full(launcher, names, as_json=as_json)
    else:
        _check_files(_paths(names), as_json=as_json)


def file_row(report: FileReport) -> Row:
    """Return what is said about a file."""
    return {
        "path": report.path,
        "subject": report.subject,
        "refused": report.refused,
        "outcome": report.outcome,
    }


def _paths(names: Sequence[str]) -> tuple[Path, ...]:
    for name in names:
        if not Path(name).exists():
            message = f"There is no file {name}. To check an issue at the desk, add --preflight."
            raise click.BadParameter(message, param_hint="PATH")
    return tuple(map(Path, names))


def _check_files(paths: tuple[Path, ...], *, as_json: bool) -> None:
    reports = check_files(paths)
    refused = [report for report in reports if report.refused]
    if as_json:
        print_json([file_row(report) for report in reports])
    for report in refused:
        if not as_json:
            click.echo(report.refused)
    if refused:
        files = how_many(len(reports), "file")
        message = f"Of {files}, {len(refused)} cannot be taken in. What to do stands above."
        raise Refusal(message)
    if not as_json:
        click.echo(f"In order: {how_many(len(reports), 'file')}.")


def _check_in_full(launcher: Launcher, names: Sequence[str], *, as_json: bool) -> None:
    wiring = launcher.wiring()
    now, copies = wiring.clock(), list[CheckedCopy]()
    with wiring.reading() as session:
        for name in names:
            if Path(name).exists():
                copies += preflight_files(session, wiring, Path(name), now)
            else:
                copies.append(preflight_named(session, wiring, name, now))
    if as_json:
        print_json([_copy_row(copy) for copy in copies])
    else:
        click.echo("\n\n".join(map(_copy_words, copies)))
    stopped = [copy for copy in copies if copy.refused or copy.preflight.stops]
    if stopped:
        issues = how_many(len(copies), "issue")
        message = f"Of {issues}, {len(stopped)} cannot go out. What to do stands above."
        raise Refusal(message)


def _copy_row(copy: CheckedCopy) -> Row:
    return {
        "name": copy.name,
        "subject": copy.subject,
        "refused": copy.refused,
        "findings": [
            {
                "code": found.code,
                "severity": found.severity,
                "place": found.field,
                "message": found.message,
                "todo": found.todo,
            }
            for found in copy.preflight.findings
        ],
    }


def _copy_words(copy: CheckedCopy) -> str:
    if copy.refused:
        return copy.refused
    stops, advice = len(copy.preflight.stops), len(copy.preflight.advice)
    title = f"{copy.name}: “{copy.subject}”" if copy.subject else f"{copy.name}: no subject yet"
    counts = f"{how_many(stops, 'thing')} {'stops' if stops == 1 else 'stop'} it"
    pieces = f"{how_many(advice, 'piece')} of advice"
    lines = [f"{title}. {counts if stops else 'Nothing stops it'}; {pieces}."]
    return "\n".join([*lines, *map(_finding_words, copy.preflight.findings)])


def _finding_words(found: Finding) -> str:
    weight = "STOPS " if found.stops else "advice"
    title = f"  {weight}  {found.code}  {found.place}"
    return f"{title}\n          {found.message}\n          {found.todo}"
