"""Commands about the item bank: what waits there, and bringing items in as text."""

from __future__ import annotations

from pathlib import Path

import click

from topthree.cli.launcher import Launcher
from topthree.cli.parameters import json_option
from topthree.cli.printing import Row, print_listing
from topthree.domain.bank.bank_item import BankDetails, BankState, read_tags
from topthree.domain.bank.bank_search import BankSearch
from topthree.domain.writing.item import Section
from topthree.services.bank.import_bank import import_bank_files
from topthree.services.bank.read_bank import BankLine, find_in_bank

_COLUMNS = {
    "id": "Id",
    "section": "Section",
    "state": "State",
    "last_day": "Last day",
    "owner": "Owner",
    "headline": "Headline",
}


@click.group()
def bank() -> None:
    """See the items that wait for an issue, and bring some in."""


@bank.command(name="list")
@click.argument("words", nargs=-1)
@click.option(
    "--section",
    type=click.Choice([each.value for each in Section]),
    help="Only items of this section.",
)
@click.option(
    "--state",
    type=click.Choice([each.value for each in BankState]),
    help="Only items in this state.",
)
@json_option
@click.pass_obj
def list_(
    launcher: Launcher,
    words: tuple[str, ...],
    section: str | None,
    state: str | None,
    *,
    as_json: bool,
) -> None:
    """List the items in which all WORDS stand, or all items, newest first."""
    search = BankSearch(
        words=" ".join(words),
        section=None if section is None else Section(section),
        state=None if state is None else BankState(state),
    )
    wiring = launcher.wiring()
    today = wiring.cadence.day_at(wiring.clock())
    with wiring.reading() as session:
        rows = [_row(line) for line in find_in_bank(session, search, today)]
    empty = "The bank holds nothing like that. Write items at the desk, or see “topthree bank add”."
    print_listing(rows, _COLUMNS, as_json=as_json, empty=empty)


@bank.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--tag", "tags", multiple=True, help="A tag that each of the items gets.")
@click.pass_obj
def add(launcher: Launcher, files: tuple[Path, ...], tags: tuple[str, ...]) -> None:
    """Add the items of text files: all of them, or none if one is refused."""
    wiring = launcher.wiring()
    details = BankDetails(tags=read_tags(",".join(tags)))
    with wiring.writing() as session:
        added = import_bank_files(session, files, details, wiring.clock())
    for each in added:
        click.echo(f"#{each.id} {each.state}: {each.item.headline or '(no headline)'}")


def _row(line: BankLine) -> Row:
    return {
        "id": line.id,
        "section": line.section,
        "state": line.state,
        "last_day": line.last_day,
        "owner": line.owner or None,
        "tags": ", ".join(line.tags),
        "issue": line.issue_id,
        "place": line.place,
        "headline": line.headline,
    }
