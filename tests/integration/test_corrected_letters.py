"""Who has not got a letter whose page was corrected gets it corrected, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.faults import Fault, Phase
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.relay import Relay
from tests.support.sending import send_what_is_due
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId
from topthree.domain.refusal import Conflict, NotAllowed
from topthree.services.agreeing.corrected_letter import (
    CorrectedLetter,
    approve_corrected_letter,
    read_corrected_letter,
)
from topthree.services.archive.correct_issue import Correcting, correct_issue
from topthree.services.archive.record_run import record_runs
from topthree.services.identity.editor_view import EditorView
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.report_run import read_run
from topthree.services.sending.steer_run import pause_run, resume_run, send_to_missed

SLIP, RIGHT = "Share the lead", "Share the load"
NOTE = "The headline said lead and means load."


@pytest.fixture
def house(database_url: str, relay: Relay, tmp_path: Path) -> Iterator[Installation]:
    installation = install(tmp_path / "house", database_url, TOPTHREE_SMTP_URL=relay.url)
    installation.add_subscribers("ann@school.example", "ben@school.example")
    yield installation
    dismantle(installation)


@pytest.fixture
def pat(house: Installation) -> EditorView:
    return house.add_editor("Pat", Role.PUBLISHER)


@pytest.fixture
def quinn(house: Installation) -> EditorView:
    return house.add_editor("Quinn", Role.EDITOR)


@pytest.fixture
def run_id(house: Installation, relay: Relay, pat: EditorView) -> RunId:
    """A run that Ann got and Ben did not, for no fault of his; then Pat corrects its page."""
    relay.add_fault(
        Fault(phase=Phase.RCPT, recipient="ben@school.example", refuse="550 5.7.1 policy", times=1)
    )
    house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (opened,) = open_due_runs(house.wiring)
    send_what_is_due(house.wiring, opened)
    correct(house, opened, pat)
    return opened


def correct(house: Installation, run_id: RunId, editor: EditorView, subject: str = RIGHT) -> None:
    content = replace(complete_content(), subject=subject)
    with house.wiring.writing() as session:
        issue_id = read_run(session, run_id).issue_id
        based_on = 0 if subject == RIGHT else 1
        correcting = Correcting(issue_id=issue_id, based_on=based_on, content=content, note=NOTE)
        correct_issue(session, correcting, editor, house.clock())


def letter(house: Installation, run_id: RunId, editor: EditorView) -> CorrectedLetter:
    with house.wiring.reading() as session:
        found = read_corrected_letter(session, house.wiring.approval, run_id, editor)
    assert found is not None
    return found


def subjects(relay: Relay, count: int) -> list[tuple[str, ...]]:
    """Who got which letter, in the order in which the relay took them."""
    return [
        (each.recipients[0], SLIP if f"Subject: {SLIP}" in each.content.decode() else RIGHT)
        for each in relay.wait_for(count)
    ]


def test_nobody_who_was_missed_gets_a_slip_that_is_known(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    with pytest.raises(Conflict, match="nobody gets a slip that is known"):
        send_to_missed(house.wiring, run_id, TERMINAL)

    send_what_is_due(house.wiring, run_id)
    assert subjects(relay, 1) == [("ann@school.example", SLIP)]


def test_once_a_second_person_has_approved_it_the_missed_get_the_corrected_letter(
    house: Installation, relay: Relay, run_id: RunId, pat: EditorView, quinn: EditorView
) -> None:
    read = letter(house, run_id, quinn)
    approve_corrected_letter(house.wiring, run_id, read.digest, quinn)

    send_to_missed(house.wiring, run_id, TERMINAL)
    send_what_is_due(house.wiring, run_id)

    assert subjects(relay, 2) == [("ann@school.example", SLIP), ("ben@school.example", RIGHT)]
    assert [change.label for change in read.changes] == ["Subject"]
    assert read.notes == (NOTE,)
    assert letter(house, run_id, pat).approved_by == "Quinn"


def test_the_record_keeps_both_letters(
    house: Installation, run_id: RunId, quinn: EditorView
) -> None:
    digest = letter(house, run_id, quinn).digest
    approve_corrected_letter(house.wiring, run_id, digest, quinn)

    record_runs(house.wiring)

    folder = house.wiring.issues_folder / "2026-12-03"
    facts = json.loads((folder / "record.json").read_text())
    assert SLIP in (folder / "message.html").read_text()
    assert RIGHT in (folder / "message-corrected-1.html").read_text()
    assert [each["correction"] for each in facts["corrected_letters"]] == [1]


def test_whoever_corrected_it_does_not_approve_it_and_a_writer_neither(
    house: Installation, run_id: RunId, pat: EditorView
) -> None:
    writer = house.add_editor("Wim", Role.WRITER)
    read = letter(house, run_id, pat)

    assert "somebody else has to approve it" in read.why_not
    for editor in (pat, writer):
        with pytest.raises(NotAllowed):
            approve_corrected_letter(house.wiring, run_id, read.digest, editor)


def test_an_approval_is_of_what_was_read_and_a_later_correction_asks_for_another(
    house: Installation, run_id: RunId, pat: EditorView, quinn: EditorView
) -> None:
    read = letter(house, run_id, quinn)
    house.clock.advance(timedelta(minutes=1))
    correct(house, run_id, pat, "Share the lot")

    with pytest.raises(Conflict, match="corrected again after you opened it"):
        approve_corrected_letter(house.wiring, run_id, read.digest, quinn)

    anew = letter(house, run_id, quinn)
    for _ in range(3):
        approve_corrected_letter(house.wiring, run_id, anew.digest, quinn)
    assert letter(house, run_id, quinn).approved_by == "Quinn"


def test_a_run_that_was_paused_for_a_slip_goes_on_with_the_corrected_letter(
    house: Installation, relay: Relay, pat: EditorView, quinn: EditorView
) -> None:
    house.schedule_approved_issue()
    house.clock.now = house.clock.now.replace(month=12, day=3, hour=11)
    (run_id,) = open_due_runs(house.wiring)
    pause_run(house.wiring, run_id, "Pat saw a slip.", TERMINAL)
    correct(house, run_id, pat)
    with pytest.raises(Conflict, match="nobody gets a slip that is known"):
        resume_run(house.wiring, run_id, TERMINAL)

    digest = letter(house, run_id, quinn).digest
    approve_corrected_letter(house.wiring, run_id, digest, quinn)
    resume_run(house.wiring, run_id, TERMINAL)
    send_what_is_due(house.wiring, run_id)

    assert {subject for _, subject in subjects(relay, 2)} == {RIGHT}
