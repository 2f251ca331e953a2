"""Commands about the people of a run: who got it, and what to do about the uncertain."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

import click

from topthree.cli.csv_files import print_csv, write_csv
from topthree.cli.launcher import Launcher
from topthree.cli.parameters import address, json_option, run_argument
from topthree.cli.printing import Row, local, print_facts, print_json, print_listing
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.how_many import how_many
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryEvent, DeliveryStatus
from topthree.domain.sending.run_words import DELIVERY_WORDS, reason_words
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.sending.note_people import note_people_exported, note_people_seen
from topthree.services.sending.report_run import RunView, read_run
from topthree.services.sending.run_people import (
    PEOPLE_COLUMNS,
    PersonOfRun,
    export_people,
    list_people,
    settle_all_held,
    who_got_it,
)
from topthree.services.sending.steer_run import settle_held
from topthree.services.wiring import Wiring

_SHOWN = 100
_PIPE = Path("-")
_COLUMNS = {
    "address": "Address",
    "outcome": "Outcome",
    "reason": "Why",
    "code": "Code",
    "reply": "The relay said",
    "attempts": "Attempts",
    "ended_at": "When",
}
_DECISIONS = {"got-it": DeliveryEvent.COUNT_AS_SENT, "send-again": DeliveryEvent.SEND_AGAIN}
_EVERYBODY = "all"


def _address_or_all(text: str) -> EmailAddress | None:
    return None if text == _EVERYBODY else address(text)


def _outcome_or_address(text: str) -> DeliveryStatus | EmailAddress:
    if "@" in text:
        return address(text)
    outcomes = [status.value for status in DeliveryStatus]
    if text not in outcomes:
        listed = ", ".join(outcomes)
        raise click.BadParameter(f"“{text}” is neither an address nor one of: {listed}.")
    return DeliveryStatus(text)


@click.command()
@run_argument
@click.option(
    "--only",
    metavar="OUTCOME|ADDRESS",
    type=_outcome_or_address,
    help="Only those of whom this became, such as “failed”; or only this address.",
)
@click.option(
    "--csv",
    "file",
    metavar="[FILE]",
    is_flag=False,
    flag_value="-",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    help="Print everybody as CSV, or write it to this file, which only you can read.",
)
@json_option
@click.pass_obj
def people(
    launcher: Launcher,
    run_id: int,
    only: DeliveryStatus | EmailAddress | None,
    file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Say who got the issue, and why others have not."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        run = read_run(session, RunId(run_id))
    if isinstance(only, EmailAddress):
        note_people_seen(wiring, TERMINAL, run, {"address": str(only)})
        _print_one(wiring, run, only, as_json=as_json)
    elif file is not None:
        _export(wiring, run, only, file)
    else:
        _print_people(wiring, run, only, as_json=as_json)


@click.command()
@run_argument
@click.option(
    "--decide",
    type=click.Choice([*_DECISIONS]),
    help="They got it, so nothing more is sent; or send it again. Needs --who.",
)
@click.option(
    "--who",
    metavar="ADDRESS|all",
    multiple=True,
    type=_address_or_all,
    help="About whom; may be given more than once.",
)
@json_option
@click.pass_obj
def held(
    launcher: Launcher,
    run_id: int,
    decide: str | None,
    who: tuple[EmailAddress | None, ...],
    *,
    as_json: bool,
) -> None:
    """List those of whom nobody knows whether they got it, or decide about them."""
    wiring = launcher.wiring()
    with wiring.reading() as session:
        run = read_run(session, RunId(run_id))
    if decide is None:
        _print_people(wiring, run, DeliveryStatus.HELD, as_json=as_json)
        return
    if not who:
        raise click.UsageError(
            "Say about whom: “--who ADDRESS”, as often as needed, or “--who all”."
        )
    settled = _settle(wiring, run, _DECISIONS[decide], who)
    if as_json:
        print_json({"settled": settled})
    else:
        click.echo(f"Decided about {settled:,}.")


def _settle(
    wiring: Wiring, run: RunView, decision: DeliveryEvent, who: tuple[EmailAddress | None, ...]
) -> int:
    addresses = [each for each in who if each is not None]
    if len(addresses) < len(who):
        return settle_all_held(wiring, run.id, decision, TERMINAL)
    with wiring.reading() as session:
        found = [who_got_it(session, run.id, each) for each in addresses]
    chosen = [person.subscriber_id for person in found]
    return settle_held(wiring, run.id, decision, chosen, TERMINAL)


def _export(wiring: Wiring, run: RunView, chosen: DeliveryStatus | None, file: Path) -> None:
    note_people_exported(wiring, TERMINAL, run, {"outcome": chosen or "all"})
    rows = export_people(wiring.reading, run.id, chosen)
    if file == _PIPE:
        print_csv(PEOPLE_COLUMNS, rows)
        return
    expected = run.counts[chosen] if chosen else run.audience
    count = write_csv(file, PEOPLE_COLUMNS, rows, expected=expected)
    click.echo(f"In {file} there are now {how_many(count, 'row')}.")


def _print_one(wiring: Wiring, run: RunView, whom: EmailAddress, *, as_json: bool) -> None:
    with wiring.reading() as session:
        person = _row(who_got_it(session, run.id, whom), wiring.cadence.zone)
    if as_json:
        print_json([person])
    else:
        print_facts({name.lower(): person[key] for key, name in _COLUMNS.items()})


def _print_people(
    wiring: Wiring, run: RunView, chosen: DeliveryStatus | None, *, as_json: bool
) -> None:
    note_people_seen(wiring, TERMINAL, run, {"outcome": chosen or "all"})
    with wiring.reading() as session:
        page = list_people(session, run.id, chosen, limit=_SHOWN)
    rows = [_row(person, wiring.cadence.zone) for person in page.people]
    print_listing(rows, _COLUMNS, as_json=as_json, empty="Nobody.")
    if page.next_after is not None:
        click.echo(f"These are the first {_SHOWN}. For all of them: --csv", err=True)


def _row(person: PersonOfRun, zone: tzinfo) -> Row:
    return {
        "address": person.address or "(erased)",
        "outcome": DELIVERY_WORDS[person.status].name,
        "status": person.status,
        "reason": reason_words(person.status, person.cause),
        "code": person.code or None,
        "reply": person.reply,
        "attempts": person.attempts,
        "ended_at": local(person.ended_at, zone),
    }
