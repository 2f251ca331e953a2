"""A restored database has forgotten what was sent since: nothing leaves until a person says so."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from email import message_from_bytes
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.journal import Accepted
from tests.support.relay import Relay
from tests.support.sending import never, send_what_is_due
from tests.support.server import StartServer
from tests.support.watching import wait_until
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId
from topthree.domain.planning.cadence import SlotFate
from topthree.domain.refusal import Conflict
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.jobs import restore_watch
from topthree.jobs.restore_watch import watching_for_a_restore
from topthree.services.installation.back_up import Backup, back_up
from topthree.services.installation.notice_restore import notice_restore
from topthree.services.installation.restore import mark_restored, restore
from topthree.services.sending.finish_run import unfinished_runs
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.reconcile_run import Reconciliation, reconcile_run
from topthree.services.sending.send_by_hand import ask_to_send, open_asked_runs, waiting_send
from topthree.services.sending.steer_run import pause_run, resume_run
from topthree.store.planning.slots import find_slot
from topthree.store.sending.deliveries import count_deliveries
from topthree.store.sending.runs import RunRow, find_run

ADDRESSES = tuple(f"teacher-{number}@school.example" for number in range(1, 81))
BEFORE = 20
AFTER = 30


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    """An installation that sends through the relay, and has been started once."""
    house = install(tmp_path / "instance", database_url, TOPTHREE_SMTP_URL=relay.url)
    house.add_subscribers(*ADDRESSES)
    notice_restore(house.wiring, house.folder)
    yield house
    dismantle(house)


@pytest.fixture
def one_machine(
    sqlite_databases: Databases, tmp_path: Path, relay: Relay
) -> Iterator[Installation]:
    """As above, on SQLite, whose file anybody can copy."""
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "instance", url, TOPTHREE_SMTP_URL=relay.url)
        house.add_subscribers(*ADDRESSES)
        notice_restore(house.wiring, house.folder)
        yield house
        dismantle(house)


def open_the_run(house: Installation) -> RunId:
    house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    return run_id


def stop_after(messages: int) -> Callable[[], bool]:
    # It is asked once before each message, and once before each batch.
    asked = count()
    return lambda: next(asked) > messages


def back_up_in_the_middle(house: Installation, folder: Path) -> tuple[RunId, Backup]:
    """Send some of a run, back up, and send some more."""
    run_id = open_the_run(house)
    send_what_is_due(house.wiring, run_id, stop_after(BEFORE))
    backup = back_up(house.premises(), folder / "backup", replace=False)
    send_what_is_due(house.wiring, run_id, stop_after(AFTER))
    return run_id, backup


def bring_back(house: Installation, backup: Backup) -> None:
    engine = house.premises().engine
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    dismantle(house)
    restore(house.premises(), backup.path)


def start(house: Installation) -> None:
    """Do what a sending process does when it starts, and send all it would send."""
    notice_restore(house.wiring, house.folder)
    open_due_runs(house.wiring)
    open_asked_runs(house.wiring)
    for run_id in unfinished_runs(house.wiring):
        send_what_is_due(house.wiring, run_id, never)


def read(house: Installation, run_id: RunId) -> RunRow:
    with house.wiring.reading() as session:
        run = find_run(session, run_id)
    assert run is not None
    return run


def counts(house: Installation, run_id: RunId) -> dict[DeliveryStatus, int]:
    with house.wiring.reading() as session:
        return count_deliveries(session, [run_id])[run_id]


def copies(relay: Relay) -> Counter[str]:
    return Counter(message.recipients[0] for message in relay.accepted)


def log_of(accepted: list[Accepted], folder: Path) -> Path:
    """Write what Postfix writes about the messages it takes."""
    log = folder / "mail.log"
    lines = []
    for number, message in enumerate(accepted, start=0xA00001):
        message_id = message_from_bytes(message.content)["Message-ID"]
        at, queue_id = "Dec  3 06:01:07 relay", f"4{number:09X}"
        lines += [
            f"{at} postfix/cleanup[815]: {queue_id}: message-id={message_id}",
            f"{at} postfix/qmgr[77]: {queue_id}: from=<{message.sender}>, size=28160, nrcpt=1",
            f"{at} postfix/smtp[820]: {queue_id}: to=<{message.recipients[0]}>, status=sent (250)",
            f"{at} postfix/qmgr[77]: {queue_id}: removed",
        ]
    log.write_text("\n".join([*lines, ""]))
    return log


def test_after_a_restore_nothing_leaves_and_the_run_says_how_many_may_have(
    house: Installation, relay: Relay, tmp_path: Path
) -> None:
    run_id, backup = back_up_in_the_middle(house, tmp_path)
    gone = len(relay.accepted)
    bring_back(house, backup)

    start(house)
    start(house)

    run = read(house, run_id)
    assert BEFORE < gone < len(ADDRESSES)
    assert len(relay.accepted) == gone
    assert run.status is RunStatus.PAUSED
    to_send = len(ADDRESSES) - counts(house, run_id)[DeliveryStatus.SENT]
    assert f"Up to {to_send} of this run's letters may have gone out since." in run.standing
    if house.premises().engine.dialect.name == "sqlite":
        assert run.standing.startswith("This database is from a backup made at 2026-12-03 06:00")
    assert backup.unfinished_runs == 1


def test_the_relays_log_and_a_resume_bring_it_to_everybody_once(
    house: Installation, relay: Relay, tmp_path: Path
) -> None:
    run_id, backup = back_up_in_the_middle(house, tmp_path)
    bring_back(house, backup)
    start(house)
    log = log_of(list(relay.accepted), tmp_path)

    found = reconcile_run(house.wiring, run_id, [log], dry_run=False)
    resume_run(house.wiring, run_id, TERMINAL)
    start(house)

    assert found.matched > 0
    assert found.matched + found.already_sent + found.still_to_send == len(ADDRESSES)
    assert copies(relay) == dict.fromkeys(ADDRESSES, 1)
    assert read(house, run_id).status is RunStatus.DONE


def test_a_dry_run_counts_the_same_and_changes_nothing(
    house: Installation, relay: Relay, tmp_path: Path
) -> None:
    run_id, backup = back_up_in_the_middle(house, tmp_path)
    bring_back(house, backup)
    start(house)
    log = log_of(list(relay.accepted), tmp_path)
    before = counts(house, run_id)

    dry = reconcile_run(house.wiring, run_id, [log], dry_run=True)
    unchanged = counts(house, run_id)
    wet = reconcile_run(house.wiring, run_id, [log], dry_run=False)
    again = reconcile_run(house.wiring, run_id, [log], dry_run=False)

    assert dry == wet
    assert unchanged == before
    assert again == Reconciliation(
        matched=0,
        already_sent=wet.matched + wet.already_sent,
        left_alone=0,
        unknown=0,
        still_to_send=wet.still_to_send,
    )


def test_what_the_log_says_of_other_messages_of_ours_is_told_apart(
    house: Installation, tmp_path: Path
) -> None:
    run_id = open_the_run(house)
    pause_run(house.wiring, run_id, "to look", TERMINAL)
    log = tmp_path / "mail.log"
    domain = house.wiring.newsletter.domain
    log.write_text(f"2026-12-03 06:01:07 1tFabc-0002 <= a@b H=app id={'0' * 32}@{domain}\n")

    found = reconcile_run(house.wiring, run_id, [log], dry_run=False)

    assert (found.unknown, found.matched, found.still_to_send) == (1, 0, len(ADDRESSES))


def test_a_run_that_is_being_sent_is_not_reconciled(house: Installation, tmp_path: Path) -> None:
    run_id = open_the_run(house)

    with pytest.raises(Conflict, match="Pause it first"):
        reconcile_run(house.wiring, run_id, [log_of([], tmp_path)], dry_run=False)


def test_a_planned_issue_whose_hour_came_since_the_backup_is_held(
    house: Installation, relay: Relay, tmp_path: Path
) -> None:
    house.schedule_approved_issue()
    backup = back_up(house.premises(), tmp_path / "backup", replace=False)
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    start(house)
    gone = copies(relay)
    bring_back(house, backup)

    start(house)

    with house.wiring.reading() as session:
        slot = find_slot(session, house.clock.now.date())
    assert copies(relay) == gone == dict.fromkeys(ADDRESSES, 1)
    assert slot is not None
    assert slot.fate is SlotFate.HELD
    assert slot.note.startswith("This database is from a backup")


def test_what_was_to_be_sent_by_hand_when_the_backup_was_made_is_held(
    house: Installation, relay: Relay, tmp_path: Path
) -> None:
    issue_id = house.schedule_approved_issue()
    pat = house.add_editor("Pat", Role.PUBLISHER)
    with house.wiring.writing() as session:
        ask_to_send(session, house.wiring, issue_id, pat)
    backup = back_up(house.premises(), tmp_path / "backup", replace=False)
    house.clock.advance(house.wiring.undo_window)
    start(house)
    gone = copies(relay)
    bring_back(house, backup)

    start(house)

    with house.wiring.reading() as session:
        held = waiting_send(session, issue_id)
    assert copies(relay) == gone == dict.fromkeys(ADDRESSES, 1)
    assert held is not None
    assert "may have gone out" in held.stopped_because


def test_starting_again_and_again_pauses_nothing(house: Installation) -> None:
    run_id = open_the_run(house)

    found = [notice_restore(house.wiring, house.folder) for _ in range(3)]

    assert found == [False, False, False]
    assert read(house, run_id).status is RunStatus.RUNNING


def test_a_person_who_resumes_is_not_overruled_at_the_next_start(
    house: Installation, tmp_path: Path
) -> None:
    run_id, backup = back_up_in_the_middle(house, tmp_path)
    bring_back(house, backup)
    notice_restore(house.wiring, house.folder)
    resume_run(house.wiring, run_id, TERMINAL)

    notice_restore(house.wiring, house.folder)

    assert read(house, run_id).status is RunStatus.RUNNING


def test_while_letters_leave_the_number_goes_up_more_often(
    one_machine: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare copy that is a few seconds old is known for one; at rest, one of a minute is."""
    monkeypatch.setattr(restore_watch, "_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(restore_watch, "_TIMES_AT_REST", 10**6)
    number = one_machine.folder / "generation"

    with watching_for_a_restore(one_machine.wiring, one_machine.folder):
        at_rest = number.read_text()
        time.sleep(0.2)
        still = number.read_text()
        open_the_run(one_machine)
        wait_until(lambda: number.read_text() != still)

    assert still == at_rest


def test_a_copy_of_the_bare_file_is_known_by_the_number_outside_of_it(
    one_machine: Installation, tmp_path: Path
) -> None:
    house = one_machine
    run_id = open_the_run(house)
    send_what_is_due(house.wiring, run_id, stop_after(BEFORE))
    file = _file_of(house.premises().engine)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(file, tmp_path / "by hand")
    notice_restore(house.wiring, house.folder)
    dismantle(house)
    for beside in ("-wal", "-shm"):
        Path(f"{file}{beside}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "by hand", file)

    assert notice_restore(house.wiring, house.folder)

    assert read(house, run_id).status is RunStatus.PAUSED
    assert "from a backup made at about 2026-11-23 10:00 EST" in read(house, run_id).standing


def test_a_database_that_comes_to_another_folder_is_taken_for_a_copy(
    one_machine: Installation, tmp_path: Path
) -> None:
    run_id = open_the_run(one_machine)

    assert notice_restore(one_machine.wiring, tmp_path)

    assert read(one_machine, run_id).status is RunStatus.PAUSED


def test_what_an_operator_says_to_be_a_copy_is_one(house: Installation) -> None:
    run_id = open_the_run(house)
    mark_restored(house.premises())

    assert notice_restore(house.wiring, house.folder)

    assert read(house, run_id).status is RunStatus.PAUSED


def test_of_several_machines_on_one_database_none_pauses_the_work_of_the_others(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
    for url in postgresql_databases.fresh():
        house = install(tmp_path / "instance", url)
        house.add_subscribers(*ADDRESSES)
        run_id = open_the_run(house)

        found = [notice_restore(house.wiring, folder) for folder in (*folders, *folders[::-1])]
        mark_restored(house.premises())
        at_the_restore = notice_restore(house.wiring, folders[0])
        resume_run(house.wiring, run_id, TERMINAL)
        afterwards = [notice_restore(house.wiring, folder) for folder in folders[::-1]]

        assert not any(found)
        assert at_the_restore
        assert not any(afterwards)
        assert read(house, run_id).status is RunStatus.RUNNING
        dismantle(house)


def test_a_process_looks_before_it_sends_and_leaves_a_higher_number_when_it_ends(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.stop()
    kept = int((server.instance / "generation").read_text())
    house = install(server.instance, f"sqlite:///{server.instance / 'topthree.sqlite3'}")
    run_id = open_the_run(house)
    mark_restored(house.premises())

    server.start()
    server.stop()

    assert read(house, run_id).status is RunStatus.PAUSED
    assert int((server.instance / "generation").read_text()) > kept > 0
    dismantle(house)


def _file_of(engine: Engine) -> Path:
    assert engine.url.database is not None
    return Path(engine.url.database)
