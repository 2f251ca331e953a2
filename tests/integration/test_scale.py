"""What a claim and a page cost does not grow with what has been sent: counted, never timed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, event, insert, literal, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from tests.support.colleague import Colleague
from tests.support.installation import Installation, complete_content
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId, RunId, SubscriberId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.domain.subscribers.subscription import SubscriptionStatus
from topthree.domain.writing.issue import IssueStatus
from topthree.services.sending.report_run import list_runs
from topthree.store.engine import begin_writing, writing
from topthree.store.sending.claims import claim_due, has_unfinished, next_due_at, unfinished_due
from topthree.store.sending.deliveries import (
    ClaimRow,
    DeliveryRow,
    count_finally,
    deliveries_of,
)
from topthree.store.sending.preparation import due_at_once, last_subscriber, queue_part
from topthree.store.sending.releases import release_claim
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import SubscriberRow, SubscriptionRow
from topthree.store.writing.issues import IssueRow, new_issue
from topthree.web.database import db

NOW = datetime(2026, 12, 3, 11, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
MANY = 20_000
FEW = 40

Sessions = sessionmaker[Session]
Action = Callable[[Session], object]


def add_subscribers(session: Session, count: int) -> None:
    people = [
        {
            "id": number,
            "address": f"teacher-{number}@school.example",
            "address_key": f"teacher-{number}@school.example",
            "address_hash": number.to_bytes(32),
            "created_at": NOW,
        }
        for number in range(1, count + 1)
    ]
    session.execute(insert(SubscriberRow), people)
    chosen = select(
        SubscriberRow.id,
        literal(SubscriptionStatus.CONFIRMED.value),
        literal("a test"),
        SubscriberRow.created_at,
        literal(0),
    )
    columns = ["subscriber_id", "status", "source", "requested_at", "tries"]
    session.execute(insert(SubscriptionRow).from_select(columns, chosen))


def add_published_issue(session: Session, number: int) -> IssueRow:
    issue = new_issue(complete_content(f"Issue {number}"), created_at=NOW)
    issue.status, issue.number, issue.published_at = IssueStatus.SENT, number, NOW
    issue.day = issue.slot_day = date(2020, 1, 2) + timedelta(days=14 * number)
    session.add(issue)
    session.flush()
    return issue


def open_run(session: Session, number: int = 1) -> RunId:
    issue = add_published_issue(session, number)
    run = RunRow(
        issue_id=issue.id,
        day=issue.day or date.max,
        opened_at=NOW,
        give_up_at=LATER,
        prepare_until=last_subscriber(session),
        message=b"",
        message_digest="",
        html="",
        text="",
        salt="",
    )
    session.add(run)
    session.flush()
    run.audience = queue_part(session, run, run.prepare_until, due_at_once(NOW))
    return run.id


@pytest.fixture
def run_id(sessions: Sessions) -> RunId:
    """A run with a few deliveries."""
    with writing(sessions) as session:
        add_subscribers(session, FEW)
        return open_run(session)


@pytest.fixture
def large_run(engine: Engine, sessions: Sessions) -> Iterator[RunId]:
    """A run with many deliveries.

    On PostgreSQL somebody reads an old state of it all the while, as a backup does, so that
    nothing which was sent can be cleared away.
    """
    with writing(sessions) as session:
        add_subscribers(session, MANY)
        run_id = open_run(session)
    if engine.dialect.name == "sqlite":
        yield run_id
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as backup:
        backup.execute(text("SELECT count(*) FROM deliveries"))
        yield run_id


def claim(session: Session, run_id: RunId, limit: int = 50, now: datetime = NOW) -> ClaimRow:
    taken = ClaimRow(run_id=run_id, worker="w", claimed_at=now, lease_until=now)
    claim_due(session, taken, limit=limit)
    return taken


def claimed_ids(session: Session, run_id: RunId, limit: int, now: datetime) -> list[SubscriberId]:
    taken = claim(session, run_id, limit, now)
    query = select(DeliveryRow.subscriber_id).where(DeliveryRow.claim_id == taken.id)
    return sorted(session.scalars(query))


def mark(session: Session, taken: ClaimRow, status: DeliveryStatus, due_at: datetime) -> None:
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.claim_id == taken.id)
        .values(status=status, due_at=due_at, claim_id=None, ended_at=NOW)
    )
    release_claim(session, taken.id, untried=())


def send_all_but(sessions: Sessions, run_id: RunId, left: int) -> None:
    """Claim and send, a thousand at a time, until so many are left."""
    for _ in range((MANY - left) // 1_000):
        with writing(sessions) as session:
            mark(session, claim(session, run_id, 1_000), DeliveryStatus.SENT, NOW)


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[tuple[str, object]]]:
    """Collect what is asked of the database."""
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, *rest: object) -> None:
        asked.append((statement, rest[0]))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def work_of(engine: Engine, sessions: Sessions, action: Action) -> int:
    """How much the database does for this, which is then taken back.

    On SQLite the instructions of its machine, on PostgreSQL the pages that it looks at.
    """
    with sessions() as session, statements_of(engine) as asked:
        begin_writing(session)
        if engine.dialect.name == "sqlite":
            return _instructions(session, action)
        action(session)
    with engine.connect() as connection:
        return sum(_pages(connection, statement, values) for statement, values in asked)


def _instructions(session: Session, action: Action) -> int:
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    count = 0

    def note() -> int:
        nonlocal count
        count += 1
        return 0

    connection.set_progress_handler(note, 1)
    action(session)
    connection.set_progress_handler(None, 1)
    return count


def _pages(connection: Connection, statement: str, values: object) -> int:
    if isinstance(values, list):
        return sum(_pages(connection, statement, each) for each in values)
    if statement.startswith(("SET", "INSERT")):
        connection.exec_driver_sql(statement, values)  # type: ignore[arg-type]
        return 0
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {statement}"
    plan = connection.exec_driver_sql(explain, values)  # type: ignore[arg-type]
    found = (re.match(r"\s*Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?", row[0]) for row in plan)
    # The first line is the whole statement's; the ones below are parts of it.
    return next((sum(int(pages or 0) for pages in match.groups()) for match in found if match), 0)


def test_a_claim_costs_at_the_end_of_a_run_what_it_did_at_the_beginning(
    engine: Engine, sessions: Sessions, large_run: RunId
) -> None:
    first = work_of(engine, sessions, lambda session: claim(session, large_run))
    send_all_but(sessions, large_run, 1_000)
    last = work_of(engine, sessions, lambda session: claim(session, large_run))

    assert first > 0
    assert last < 1.1 * first


def test_a_claim_costs_no_more_while_many_deliveries_wait_for_their_time(
    engine: Engine, sessions: Sessions, large_run: RunId
) -> None:
    first = work_of(engine, sessions, lambda session: claim(session, large_run))
    for _ in range(10):
        with writing(sessions) as session:
            mark(session, claim(session, large_run, 1_000), DeliveryStatus.DEFERRED, LATER)
    last = work_of(engine, sessions, lambda session: claim(session, large_run))

    assert last < 1.1 * first


def test_a_claim_of_a_large_run_costs_what_one_of_a_small_run_does(
    engine: Engine, sessions: Sessions, run_id: RunId
) -> None:
    small = work_of(engine, sessions, lambda session: claim(session, run_id, 20))
    with writing(sessions) as session:
        session.execute(update(SubscriptionRow).values(ended_at=NOW))
        more = [
            {
                "run_id": run_id,
                "subscriber_id": number,
                "status": DeliveryStatus.QUEUED,
                "attempts": 0,
                "due_at": NOW,
                "code": 0,
                "reply": "",
            }
            for number in range(FEW + 1, MANY)
        ]
        session.execute(
            insert(SubscriberRow),
            [{"id": row["subscriber_id"], "address_hash": b"", "created_at": NOW} for row in more],
        )
        session.execute(insert(DeliveryRow), more)
    large = work_of(engine, sessions, lambda session: claim(session, run_id, 20))

    assert large < 1.5 * small


def test_asking_whether_a_run_has_anything_left_reads_no_delivery_that_was_sent(
    engine: Engine, sessions: Sessions, large_run: RunId
) -> None:
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    questions: list[Action] = [
        lambda session: has_unfinished(session, large_run),
        lambda session: unfinished_due(session, large_run, NOW),
        lambda session: next_due_at(session, large_run),
    ]
    send_all_but(sessions, large_run, 1_000)
    plans = [plans_of(engine, sessions, question) for question in questions]

    assert all("ix_deliveries_waiting" in plan for plan in plans)
    assert not any(re.search(r"Sort|TEMP B-TREE|SCAN|Seq Scan on deliv", plan) for plan in plans)


def plans_of(engine: Engine, sessions: Sessions, action: Action) -> str:
    """How the database means to answer, in its own words."""
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with sessions() as session, statements_of(engine) as asked:
        action(session)
    lines: list[str] = []
    with engine.connect() as connection:
        for statement, values in asked:
            command = statement if statement.startswith("SET") else f"{explain} {statement}"
            answer = connection.exec_driver_sql(command, values)  # type: ignore[arg-type]
            lines += [str(row[-1]) for row in answer] if answer.returns_rows else []
    return "\n".join(lines)


def test_ending_a_claim_reads_only_what_is_under_it(
    engine: Engine, sessions: Sessions, large_run: RunId
) -> None:
    send_all_but(sessions, large_run, 1_000)
    with writing(sessions) as session:
        taken = claim(session, large_run).id

    work = work_of(engine, sessions, lambda session: release_claim(session, taken))

    assert work < MANY / 4


def test_one_persons_deliveries_are_found_by_key(
    engine: Engine, sessions: Sessions, large_run: RunId
) -> None:
    anyone = SubscriberId(MANY // 2)
    work = work_of(engine, sessions, lambda session: deliveries_of(session, anyone))

    assert large_run
    assert 0 < work < MANY / 100


def test_a_fresh_run_is_claimed_in_the_order_of_subscribers(
    sessions: Sessions, run_id: RunId
) -> None:
    with writing(sessions) as session:
        first = claimed_ids(session, run_id, 15, NOW)
        second = claimed_ids(session, run_id, 15, NOW)

    assert first == list(range(1, 16))
    assert second == list(range(16, 31))


def test_who_was_deferred_is_claimed_when_due_and_not_before(
    sessions: Sessions, run_id: RunId
) -> None:
    with writing(sessions) as session:
        mark(session, claim(session, run_id, 5), DeliveryStatus.DEFERRED, LATER)
        before = claimed_ids(session, run_id, FEW, NOW)
        after = claimed_ids(session, run_id, FEW, LATER)

    assert before == list(range(6, FEW + 1))
    assert after == list(range(1, 6))


def test_what_a_claim_gives_back_is_claimed_next(sessions: Sessions, run_id: RunId) -> None:
    with writing(sessions) as session:
        taken = claim(session, run_id, 5)
        claim(session, run_id, 5)
        release_claim(session, taken.id)

        assert claimed_ids(session, run_id, 7, NOW) == [1, 2, 3, 4, 5, 11, 12]


def test_what_a_claim_took_that_was_never_committed_is_claimed_all_the_same(
    sessions: Sessions, run_id: RunId
) -> None:
    with writing(sessions) as session:
        mark(session, claim(session, run_id, 10), DeliveryStatus.SENT, NOW)
        # As if another had claimed these while we did, and had then been cut off.
        lost = (DeliveryRow.run_id == run_id) & DeliveryRow.subscriber_id.in_([3, 4])
        session.execute(update(DeliveryRow).where(lost).values(status=DeliveryStatus.QUEUED))

        assert {3, 4} <= set(claimed_ids(session, run_id, FEW, NOW))


def test_a_run_knows_when_its_next_delivery_is_due(sessions: Sessions, run_id: RunId) -> None:
    with writing(sessions) as session:
        assert next_due_at(session, run_id) == NOW
        assert unfinished_due(session, run_id, NOW)

        mark(session, claim(session, run_id, FEW), DeliveryStatus.DEFERRED, LATER)

        assert next_due_at(session, run_id) == LATER
        assert not unfinished_due(session, run_id, NOW)
        assert unfinished_due(session, run_id, LATER)


def test_a_run_is_unfinished_while_somebody_has_the_rest_in_hand(
    sessions: Sessions, run_id: RunId
) -> None:
    with writing(sessions) as session:
        taken = claim(session, run_id, FEW)

        assert next_due_at(session, run_id) is None
        assert has_unfinished(session, run_id)

        mark(session, taken, DeliveryStatus.SENT, NOW)

        assert not has_unfinished(session, run_id)


def test_runs_that_are_done_are_listed_without_counting_a_delivery(
    engine: Engine, sessions: Sessions, run_id: RunId
) -> None:
    with writing(sessions) as session:
        for number in range(2, 12):
            open_run(session, number)
        for run in session.scalars(select(RunRow)):
            close(session, run)

    with sessions() as session, statements_of(engine) as asked:
        runs = list_runs(session)

    assert len(runs) == 11
    assert runs[-1].id == run_id
    assert len([statement for statement, _ in asked if statement != "BEGIN"]) == 2
    assert not [statement for statement, _ in asked if "deliveries" in statement]


PAGES = ("/", "/feed.atom", "/sitemap.xml", "/issues/", "/desk/", "/desk/issues/", "/desk/runs/")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_as_many_questions_for_many_issues_and_runs_as_for_few(
    installation: Installation, path: str
) -> None:
    ana = Colleague(installation, "Ana", Role.WRITER)
    ana.sign_in()
    with installation.wiring.writing() as session:
        add_subscribers(session, 1)
    fill(installation, range(1, 4))
    few = questions_for(installation, ana, path)
    fill(installation, range(4, 31))
    many = questions_for(installation, ana, path)

    assert many == few


def close(session: Session, run: RunRow) -> None:
    count_finally(session, run)
    run.status, run.finished_at = RunStatus.DONE, LATER


def fill(installation: Installation, numbers: range) -> None:
    """Publish issues that different people edited, with their runs, and leave as many drafts."""
    for number in numbers:
        editor = installation.add_editor(f"Editor-{number}", Role.EDITOR)
        with installation.wiring.writing() as session:
            # Of runs that are not over there are one or two, and each is counted by itself.
            close(session, session.get_one(RunRow, open_run(session, number)))
            draft = new_issue(complete_content(f"Draft {number}"), created_at=NOW)
            session.add(draft)
            session.flush()
            edited = [IssueRow.number == number, IssueRow.id == IssueId(draft.id)]
            for which in edited:
                session.execute(update(IssueRow).where(which).values(edited_by=editor.id))


def questions_for(installation: Installation, colleague: Colleague, path: str) -> int:
    with installation.app.app_context(), statements_of(db.engine) as asked:
        colleague.browser.flask.get(path)
    return len(asked)
