"""Where a message's time goes: each piece of the sending by itself, and the whole beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from bench.letter import Letter, make_letter
from bench.material import SEED, opened_house
from bench.measure import Usage, in_a_process, measured
from bench.our_sender import Sending, open_run, send_run
from bench.report import Report, Row
from bench.sink import remote_sink
from bench.task import Task
from tests.support import postgresql
from tests.support.network import LOOPBACK
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.conclusion import Attempt, Conclusion, conclude
from topthree.domain.sending.outcome import Outcome
from topthree.domain.sending.relay_reply import judge
from topthree.mail.message import issue_message_id
from topthree.mail.transport import Envelope, Mail
from topthree.services.sending.claim_batch import BATCH, Batch, claim_batch, end_batch
from topthree.services.sending.finish_run import unfinished_runs
from topthree.services.wiring import Wiring
from topthree.store.sending.ledger import Ending, Ledger
from topthree.tokens import Purpose

_MANY = 4

_Databases = Callable[[], AbstractContextManager[str]]
_Layers = dict[str, Usage]


def profile(task: Task) -> Report:
    with remote_sink() as sink:
        rows = list(_rows(task, sink.port, "SQLite", lambda: nullcontext("")))
        missing = postgresql.why_not()
        if missing is None:
            with _cluster() as databases:
                rows += _rows(task, sink.port, "PostgreSQL", databases)
    return Report(
        name="profile",
        setting=f"{task.n:,} messages, one thread unless said otherwise, seed {SEED}",
        rows=tuple(rows),
        notes=(
            "CPU µs: of the sending process, for one message. wall µs: all the time that passes.",
            *([f"Not measured on PostgreSQL: {missing}."] if missing else []),
        ),
    )


@contextmanager
def _cluster() -> Iterator[_Databases]:
    cluster = postgresql.Cluster.start()
    try:
        yield contextmanager(cluster.fresh)
    finally:
        cluster.stop()


def _rows(task: Task, port: int, kind: str, databases: _Databases) -> Iterator[Row]:
    folder = task.folder / kind
    with databases() as url:
        open_run(folder, task.n, database_url=url)
        layers = in_a_process(_layers, folder, url, port, task.n)
    for name, usage in layers.items():
        yield _row(f"{kind}: {name}", usage, task.n)
    yield _row(f"{kind}: the sum of these", _sum(layers), task.n)
    for connections in (1, _MANY):
        folder = task.folder / f"{kind} {connections}"
        with databases() as url:
            open_run(folder, task.n, database_url=url)
            usage = send_run(
                Sending(
                    folder=folder,
                    port=port,
                    connections=connections,
                    count=task.n,
                    database_url=url,
                )
            )
        yield _row(f"{kind}: the sender, connections: {connections}", usage, task.n)


def _row(what: str, usage: Usage, n: int) -> Row:
    wall_us = usage.seconds / n * 1e6
    return Row(what=what, figures={"CPU µs": usage.cpu_us(n), "wall µs": wall_us})


def _sum(layers: _Layers) -> Usage:
    return Usage(
        seconds=sum(usage.seconds for usage in layers.values()),
        cpu_seconds=sum(usage.cpu_seconds for usage in layers.values()),
    )


def _layers(folder: Path, url: str, port: int, n: int) -> _Layers:
    """Do each step for all messages before the next one, as the sender does for each message."""
    with opened_house(folder, f"smtp+plain://{LOOPBACK}:{port}", database_url=url) as house:
        wiring = house.wiring
        letter = make_letter(wiring)
        [run_id] = unfinished_runs(wiring)
        with measured() as claiming:
            claims = list(_claims(wiring, run_id))
        everyone = [each for claim in claims for each in claim.subscriber_ids]
        if len(everyone) != n:
            raise AssertionError(f"{len(everyone)} deliveries were claimed.")
        with wiring.ledger() as ledger:
            with measured() as looking_up:
                addresses = [ledger.look_up(run_id, each).address or "" for each in everyone]
            people = dict(zip(everyone, addresses, strict=True))
            making, mails = _make(wiring, letter, run_id, people)
            with wiring.transport.connect() as connection, measured() as handing_over:
                outcomes = list(connection.send_each(mails))
            with measured() as judging:
                conclusions = [
                    _conclude(wiring, claims[0], each, outcome)
                    for each, outcome in zip(everyone, outcomes, strict=True)
                ]
            endings = dict(zip(everyone, conclusions, strict=True))
            with measured() as recording:
                for claim in claims:
                    _record(ledger, claim, endings)
        with measured() as ending:
            for claim in claims:
                with wiring.writing() as session:
                    end_batch(session, claim.claim_id)
    return {
        f"claim, {BATCH} at a time": claiming,
        "look up the recipient": looking_up,
        **making,
        "SMTP, pipelined": handing_over,
        "judge the reply": judging,
        "record the outcome": recording,
        "end the claim": ending,
    }


def _claims(wiring: Wiring, run_id: RunId) -> Iterator[Batch]:
    while (batch := _claim(wiring, run_id)) is not None:
        yield batch


def _claim(wiring: Wiring, run_id: RunId) -> Batch | None:
    with wiring.writing() as session:
        return claim_batch(session, wiring, run_id)


def _make(
    wiring: Wiring, letter: Letter, run_id: RunId, addresses: dict[SubscriberId, str]
) -> tuple[_Layers, list[Mail]]:
    """Return what the pieces of a message take, and the messages."""
    now, domain = wiring.clock(), wiring.newsletter.domain
    with measured() as signing:
        tokens = [wiring.tokens.sign(Purpose.UNSUBSCRIBE, each, now) for each in addresses]
    with measured() as naming:
        message_ids = [
            issue_message_id(run_id, each, domain=domain, salt="salt") for each in addresses
        ]
    personal = list(zip(addresses.values(), tokens, message_ids, strict=True))
    splice = letter.splicer.splice
    with measured() as splicing:
        # Thrown away: keeping all of them would measure the making of room.
        for address, token, message_id in personal:
            splice(recipient=address, token=token, message_id=message_id, date=now)
    ready = letter.splice()
    sender = letter.newsletter.sender_address
    mails = [
        Mail(envelope=Envelope(sender=sender, recipient=address), message=ready)
        for address in addresses.values()
    ]
    return {"sign the token": signing, "Message-ID": naming, "splice": splicing}, mails


def _conclude(wiring: Wiring, claim: Batch, to: SubscriberId, outcome: Outcome) -> Conclusion:
    return conclude(
        Attempt(run_id=claim.run_id, to=to, number=1),
        judge(outcome),
        now=wiring.clock(),
        give_up_at=claim.give_up_at,
        policy=wiring.doubts.policy,
    )


def _record(ledger: Ledger, claim: Batch, endings: Mapping[SubscriberId, Conclusion]) -> None:
    ledger.take_in_hand(claim.claim_id)
    for subscriber_id in claim.subscriber_ids:
        ledger.record(
            Ending(
                run_id=claim.run_id,
                held_by=claim.claim_id,
                to=subscriber_id,
                conclusion=endings[subscriber_id],
                code=250,
                reply="2.0.0 Ok: queued as 4Zxy1234567",
            )
        )
    ledger.take_in_hand(None)
