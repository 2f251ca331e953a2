"""Commands about the audit log: reading it, taking it along, and proving that it is whole."""

from __future__ import annotations

import json
from pathlib import Path

import click

from topthree.cli.csv_files import output_option, private_file
from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option
from topthree.cli.printing import local, print_json, print_listing
from topthree.domain.audit.act import Act, act_words
from topthree.domain.audit.entry import TERMINAL, Link
from topthree.domain.how_many import how_many
from topthree.domain.ids import EntryId
from topthree.domain.refusal import Refusal
from topthree.domain.spreadsheet import csv_parts
from topthree.services.audit.export_audit import (
    AUDIT_COLUMNS,
    audit_as_json,
    audit_rows,
    note_audit_exported,
)
from topthree.services.audit.log import Wanted, list_entries
from topthree.services.audit.verify_audit import verify as verify_log

_COLUMNS = {
    "entry": "Entry",
    "at": "When",
    "who": "Who",
    "words": "Did what",
    "about": "About",
    "label": "Called",
}
_HASH_DIGITS = 64


def _noted(text: str) -> Link:
    number, _, digits = text.partition(":")
    try:
        noted = Link(id=EntryId(int(number)), hash=bytes.fromhex(digits))
    except ValueError:
        noted = None
    if noted is None or noted.id < 1 or len(digits) != _HASH_DIGITS:
        raise click.BadParameter("Give it as “topthree audit verify” printed it: 123:4f9a…")
    return noted


@click.group()
def audit() -> None:
    """See who did what, and prove that nobody has changed it since."""


@audit.command(name="list")
@click.option("--act", type=click.Choice([act.value for act in Act]), help="Only this act.")
@click.option(
    "--count",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="How many entries.",
)
@json_option
@click.pass_obj
def list_(launcher: Launcher, act: str | None, count: int, *, as_json: bool) -> None:
    """List the newest entries, newest first."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        page = list_entries(session, Wanted(act=act), limit=count)
    rows = [
        {
            "entry": entry.id,
            "at": local(entry.at, wiring.cadence.zone),
            "who": entry.who.name,
            "act": entry.act,
            "words": act_words(entry.act),
            "about": entry.about.kind,
            "id": entry.about.id,
            "label": entry.about.label,
            "details": json.loads(entry.details),
        }
        for entry in page.entries
    ]
    print_listing(rows, _COLUMNS, as_json=as_json, empty="Nothing was done yet.")


@audit.command()
@output_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs, and not CSV.")
@click.pass_obj
def export(launcher: Launcher, output: Path | None, *, as_json: bool) -> None:
    """Write the whole log, newest first; that is recorded in it."""
    wiring = launcher.wiring()
    note_audit_exported(wiring, TERMINAL, {"form": "json" if as_json else "csv"})
    rows = audit_rows(wiring.reading, Wanted())
    parts = audit_as_json(rows) if as_json else csv_parts(AUDIT_COLUMNS, rows)
    if output is None:
        for part in parts:
            click.echo(part, nl=False)
        return
    with private_file(output) as opened:
        opened.writelines(parts)
    click.echo(f"{output} has the whole log now.")


@audit.command()
@click.option(
    "--noted",
    metavar="ENTRY:HASH",
    type=_noted,
    help="An end of the chain that was noted elsewhere, and must still be in it.",
)
@json_option
@click.pass_obj
def verify(launcher: Launcher, noted: Link | None, *, as_json: bool) -> None:
    """Go through the whole log and say whether every entry is as it was written.

    Prints the end of the chain: noted elsewhere, it proves later that nothing up to it was
    written anew. Ends with 1 if anything is wrong.
    """
    with launcher.wiring().reading() as session:
        verdict = verify_log(session, noted=noted)
    end = str(verdict.end)
    if as_json:
        print_json({"entries": verdict.entries, "problem": verdict.problem, "end": end})
    if verdict.problem:
        raise Refusal(f"The audit log is not whole. {verdict.problem} See docs/audit.md.")
    if not as_json:
        entries = how_many(verdict.entries, "entry", "entries")
        click.echo(f"The audit log is whole: {entries}. It ends with\n{end}")
