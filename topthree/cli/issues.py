"""Commands about issues: what there is, what it looks like, and its way to the teachers."""

from __future__ import annotations

import sys
from datetime import date
from email import message_from_bytes
from pathlib import Path

import click

from topthree.cli.editors import editor_at
from topthree.cli.issue_checking import check, file_row
from topthree.cli.issue_sending import send, take_back
from topthree.cli.launcher import Launcher
from topthree.cli.parameters import (
    address,
    as_editor_option,
    issue_argument,
    issue_name,
    json_option,
    slot,
)
from topthree.cli.printing import Row, print_listing, progress
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.how_many import how_many
from topthree.domain.planning.cadence import instant_of
from topthree.domain.refusal import Conflict
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.agreeing.review_issue import Reading, approve_issue
from topthree.services.archive.exchange_issue_files import (
    export_issue,
    import_files,
)
from topthree.services.editors.manage_editors import list_editors
from topthree.services.planning.schedule_issue import Placing, schedule_issue
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.proofing.preview_issue import render_eml
from topthree.services.writing.read_issue import (
    IssueSummary,
    find_issue_named,
    list_issues,
    read_issue,
)

_COLUMNS = {
    "id": "Id",
    "number": "No.",
    "day": "Day",
    "status": "State",
    "missing_count": "Missing",
    "subject": "Subject",
}
_paths_argument = click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
_SUBTYPES = {"html": "html", "text": "plain"}


@click.group()
def issues() -> None:
    """See issues, and bring them to the teachers."""


for _command in (check, send, take_back):
    issues.add_command(_command)


@issues.command(name="list")
@json_option
@click.pass_obj
def list_(launcher: Launcher, *, as_json: bool) -> None:
    """List every issue: work in hand first, then what went out, newest first."""
    with launcher.wiring().reading() as session:
        rows = [_row(issue) for issue in list_issues(session)]
    empty = "There is no issue yet. Write one at the desk, or see “topthree issues import”."
    print_listing(rows, _COLUMNS, as_json=as_json, empty=empty)


@issues.command(name="import")
@_paths_argument
@json_option
@click.pass_obj
def import_(launcher: Launcher, paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Take in issue files, or all below folders: all of them, or none if one is refused."""
    wiring = launcher.wiring()
    with wiring.writing() as session:
        reports = import_files(session, wiring.cadence, paths, TERMINAL, wiring.clock())
    columns = {"path": "File", "outcome": "Now", "subject": "Subject"}
    print_listing([file_row(report) for report in reports], columns, as_json=as_json, empty="")


@issues.command()
@click.argument("names", metavar="[DATE|ID]...", nargs=-1, type=issue_name)
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write to; each issue gets a folder of its own in it.",
)
@click.pass_obj
def export(launcher: Launcher, names: tuple[str, ...], folder: Path) -> None:
    """Write issues as text files that can be imported again; all of them if none is named."""
    with launcher.wiring().reading() as session:
        if names:
            chosen = [find_issue_named(session, name) for name in names]
        else:
            chosen = [read_issue(session, issue.id) for issue in list_issues(session)]
        with progress("Exporting", len(chosen)) as step:
            for issue in chosen:
                export_issue(session, issue, folder)
                step(1)
    click.echo(f"Below {folder} there are now {how_many(len(chosen), 'issue file')}.")


@issues.command()
@issue_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "text", "eml", "page"]),
    default="text",
    show_default=True,
    help="A part of the message, the whole message, or the page of the archive.",
)
@click.option(
    "--to",
    "recipient",
    metavar="ADDRESS",
    type=address,
    help="Make the message out to this address; its link to leave works if it is a subscriber's.",
)
@click.pass_obj
def render(launcher: Launcher, name: str, form: str, recipient: EmailAddress | None) -> None:
    """Print an issue, byte for byte as it would be sent or as it was sent."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        issue = find_issue_named(session, name)
        to = str(recipient or wiring.newsletter.sender_address)
        eml = render_eml(session, wiring, issue, to, wiring.clock())
    if form == "page":
        _write(launcher.page(issue.id))
    elif form == "eml":
        _write(eml)
    else:
        _write(_part(eml, _SUBTYPES[form]))


@issues.command()
@issue_argument
@as_editor_option
@click.pass_obj
def approve(launcher: Launcher, name: str, who: EmailAddress) -> None:
    """Approve an issue that waits for it, as it is now.

    Nobody approves words of their own. Read it first: topthree issues render.
    """
    wiring = launcher.wiring()
    with wiring.writing() as session:
        editor = editor_at(list_editors(session), who)
        issue = find_issue_named(session, name)
        reading = Reading(issue_id=issue.id, digest=issue.digest)
        approve_issue(session, wiring, reading, editor, wiring.clock())
    click.echo(f"{editor.name} has approved “{issue.content.subject}”. Any change voids that.")


@issues.command()
@issue_argument
@click.option(
    "--slot",
    "day",
    metavar="DATE|next",
    required=True,
    type=slot,
    help="The date of a slot, or “next” for the first on which nothing stands.",
)
@as_editor_option
@click.pass_obj
def schedule(launcher: Launcher, name: str, day: date | None, who: EmailAddress) -> None:
    """Put an issue on a slot; it goes out then if it is approved."""
    wiring = launcher.wiring()
    now = wiring.clock()
    with wiring.writing() as session:
        editor = editor_at(list_editors(session), who)
        issue = find_issue_named(session, name)
        if day is None:
            free = slot_choices(session, wiring.cadence, now)
            day = free[0].day if free else _no_slot()
        placing = Placing(issue_id=issue.id, day=day)
        schedule_issue(session, wiring.cadence, placing, editor, now)
    at = instant_of(wiring.cadence, day)
    click.echo(f"“{issue.content.subject}” stands on {at:%A}, {day}, {at:%H:%M %Z}.")
    if issue.approved_at is None:
        click.echo("It has yet to be approved: without that, nothing goes out.")


def _row(issue: IssueSummary) -> Row:
    return {
        "id": issue.id,
        "number": issue.number,
        "day": issue.day,
        "status": issue.status,
        "subject": issue.subject,
        "is_sample": issue.is_sample,
        "missing_count": issue.missing_count,
        "edited_at": issue.edited_at,
        "edited_by": issue.edited_by,
        "items": [
            {"section": section, "kicker": kicker, "headline": headline}
            for section, kicker, headline in issue.items
        ],
    }


def _part(eml: bytes, subtype: str) -> bytes:
    """Return one body of the message, decoded as a mail program decodes it."""
    for part in message_from_bytes(eml).walk():
        if part.get_content_subtype() == subtype:
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                return body
    message = f"The message has no {subtype} part."
    raise AssertionError(message)


def _write(output: bytes) -> None:
    sys.stdout.buffer.write(output)


def _no_slot() -> date:
    message = "No free slot lies ahead. Add one at the desk, or see “topthree cadence show”."
    raise Conflict(message)
