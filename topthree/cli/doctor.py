"""The command ``doctor``: is everything in place, and if not, what to do."""

from __future__ import annotations

import click

from topthree.cli.launcher import CheckState, Launcher
from topthree.cli.parameters import json_option
from topthree.cli.printing import Row, print_listing
from topthree.domain.refusal import Refusal


@click.command()
@json_option
@click.pass_obj
def doctor(launcher: Launcher, *, as_json: bool) -> None:
    """Check settings, database, folders and relay, and say what to do.

    Ends with 1 if a check failed; a warning is no failure.
    """
    checks = launcher.checks()
    rows: list[Row] = [
        {"check": check.name, "state": check.state, "found": check.found, "advice": check.advice}
        for check in checks
    ]
    columns = {"state": "State", "check": "Check", "found": "What was found, and what to do"}
    if not as_json:
        # One line would be too long for most terminals.
        rows = [line for row in rows for line in _lines(row)]
    print_listing(rows, columns, as_json=as_json, empty="There was nothing to check.")
    failed = [check.name for check in checks if check.state is CheckState.FAILED]
    if failed:
        message = f"Not in order: {', '.join(failed)}. What to do stands below each."
        raise Refusal(message)


def _lines(row: Row) -> list[Row]:
    advice = {"state": "", "check": "", "found": row["advice"]}
    return [row, advice] if row["advice"] else [row]
