"""Commands about subscribers: taking them over from elsewhere, and answering who got what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import BinaryIO

import click

from topthree.cli.csv_files import output_option, print_csv, private_file, write_csv
from topthree.cli.launcher import Launcher
from topthree.cli.parameters import address, json_option
from topthree.cli.printing import (
    Row,
    local,
    print_facts,
    print_json,
    print_listing,
    progress,
)
from topthree.domain.audit.act import Act
from topthree.domain.audit.entry import TERMINAL, Details, Entry, Thing, ThingKind
from topthree.domain.how_many import how_many
from topthree.domain.refusal import Refusal
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.audit.log import note
from topthree.services.subscribers.close_address import reopen_address
from topthree.services.subscribers.import_subscribers import (
    BadRow,
    ImportReport,
    Source,
    import_subscribers,
)
from topthree.services.subscribers.report_subscribers import (
    EXPORT_COLUMNS,
    SubscriberHistory,
    export_subscribers,
    show_subscriber,
    subscriber_stats,
)
from topthree.services.wiring import Wiring

_BAD_ROWS_SHOWN = 20
_PIPE = "-"
_CONSENT_COLUMNS = {"at": "When", "kind": "Step", "source": "Where", "wording": "Wording"}
_DELIVERY_COLUMNS = {
    "day": "Issue",
    "status": "State",
    "attempts": "Attempts",
    "ended_at": "When",
    "reply": "The relay said",
}


@click.group()
def subscribers() -> None:
    """Look after who gets the letter, and on what ground."""


@subscribers.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--consent",
    required=True,
    help="On what ground these people may be written to; kept with every subscription.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every row that was not taken into this file, one a line.",
)
@json_option
@click.pass_obj
def import_(
    launcher: Launcher, file: str, consent: str, report_file: Path | None, *, as_json: bool
) -> None:
    """Take over the addresses in FILE, a CSV file in UTF-8 or “-” for a pipe, as confirmed.

    Whoever has left, is suppressed or has yet to confirm stays as they are. Importing twice adds
    nobody twice. Ends with 1 if no row at all could be used.
    """
    wiring = launcher.wiring()
    source = Source(consent=consent, name="a pipe" if file == _PIPE else Path(file).name)
    with _opened(file) as (raw, size), progress("Importing", size) as step:
        report = import_subscribers(wiring, raw, source, step)
    if report_file is not None:
        with private_file(report_file) as opened:
            opened.writelines(f"{_words(row)}\n" for row in report.bad)
    _print_report(report, as_json=as_json)
    if report.broken:
        message = f"{report.broken} What stands before it was imported; mend it and import again."
        raise Refusal(message)
    counts = (report.added, report.already, report.left, report.suppressed, report.pending)
    if report.bad_count and not any(counts):
        message = "No row of this file could be used. Mend it and import it again."
        raise Refusal(message)


@subscribers.command()
@output_option
@click.pass_obj
def export(launcher: Launcher, output: Path | None) -> None:
    """Write every subscriber as CSV, whatever their state."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        expected = sum(subscriber_stats(session).by_status.values())
    _note(wiring, Act.PEOPLE_EXPORTED, Thing(kind=ThingKind.SUBSCRIBERS), {"rows": expected})
    with wiring.reading() as session:
        rows = export_subscribers(session)
        if output is None:
            print_csv(EXPORT_COLUMNS, rows)
            return
        count = write_csv(output, EXPORT_COLUMNS, rows, expected=expected)
    click.echo(f"In {output} there are now {how_many(count, 'subscriber')}.")


@subscribers.command()
@json_option
@click.pass_obj
def stats(launcher: Launcher, *, as_json: bool) -> None:
    """Count who subscribes, who has yet to confirm, and who has left."""
    with launcher.wiring().reading() as session:
        found = subscriber_stats(session)
    counts = {status.value: count for status, count in found.by_status.items()}
    counts["suppressed"] = found.suppressed
    if as_json:
        print_json(counts)
    else:
        print_facts(counts)


@subscribers.command()
@click.argument("who", metavar="ADDRESS", type=address)
@json_option
@click.pass_obj
def show(launcher: Launcher, who: EmailAddress, *, as_json: bool) -> None:
    """Show everything kept about one person: every step of consent, every issue sent."""
    wiring = launcher.wiring()
    _note(wiring, Act.PEOPLE_VIEWED, Thing(kind=ThingKind.SUBSCRIBERS, label=str(who)), {})
    with wiring.reading() as session:
        history = show_subscriber(session, who)
    consent, deliveries = _steps(history, wiring.cadence.zone)
    facts = {
        "address": history.address,
        "status": history.status,
        "suppressed": history.suppression,
    }
    if as_json:
        print_json({**facts, "consent": consent, "deliveries": deliveries})
        return
    print_facts(facts)
    for rows, columns in ((consent, _CONSENT_COLUMNS), (deliveries, _DELIVERY_COLUMNS)):
        click.echo()
        print_listing(rows, columns, as_json=False, empty="No issue was sent to this address.")


@subscribers.command()
@click.argument("who", metavar="ADDRESS", type=address)
@click.option(
    "--because",
    metavar="WORDS",
    required=True,
    help="How you know that its owner wants it; kept in the audit log.",
)
@click.pass_obj
def reopen(launcher: Launcher, who: EmailAddress, because: str) -> None:
    """Let mail go again to an address that was closed, such as by “It was not me”.

    Nobody is subscribed by it: the owner signs up on the page, and confirms.
    """
    wiring = launcher.wiring()
    with wiring.writing() as session:
        reason = reopen_address(session, who, because, TERMINAL, wiring.clock())
    click.echo(f"{who} is open again; it was closed as “{reason}”. Its owner can sign up now.")


def _note(wiring: Wiring, act: Act, about: Thing, details: Details) -> None:
    note(wiring, Entry(who=TERMINAL, act=act, about=about, details=details))


def _steps(history: SubscriberHistory, zone: tzinfo) -> tuple[list[Row], list[Row]]:
    consent: list[Row] = [
        {
            "at": local(step.at, zone),
            "kind": step.kind,
            "source": step.source,
            "wording": step.wording,
        }
        for step in history.consent
    ]
    deliveries: list[Row] = [
        {
            "day": step.day,
            "status": step.status,
            "attempts": step.attempts,
            "ended_at": local(step.ended_at, zone),
            "code": step.code,
            "reply": step.reply,
        }
        for step in history.deliveries
    ]
    return consent, deliveries


def _print_report(report: ImportReport, *, as_json: bool) -> None:
    counts = {
        "added": report.added,
        "already": report.already,
        "left": report.left,
        "suppressed": report.suppressed,
        "pending": report.pending,
        "bad": report.bad_count,
    }
    if as_json:
        bad = [{"line": row.line, "reason": row.reason, "shown": row.shown} for row in report.bad]
        print_json({**counts, "bad_rows": bad})
        return
    words = (
        "added",
        "subscribed already",
        "left before, stay away",
        "suppressed, stay away",
        "have yet to confirm themselves",
        "rows that cannot be used",
    )
    print_facts(dict(zip(words, counts.values(), strict=True)))
    for row in report.bad[:_BAD_ROWS_SHOWN]:
        click.echo(_words(row))
    if report.bad_count > _BAD_ROWS_SHOWN:
        more = report.bad_count - _BAD_ROWS_SHOWN
        click.echo(f"… and {more:,} more. To have them all in a file: --report FILE")


def _words(row: BadRow) -> str:
    # What stood in the row is data of strangers: nothing in it may reach the terminal as it is.
    shown = "".join(character if character.isprintable() else "·" for character in row.shown)
    return f"line {row.line}: {row.reason} There stands: “{shown}”"


@contextmanager
def _opened(file: str) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file, or what comes through the pipe; with its length in bytes, 0 if unknown."""
    if file == _PIPE:
        yield sys.stdin.buffer, 0
        return
    with Path(file).open("rb") as opened:
        yield opened, Path(file).stat().st_size
