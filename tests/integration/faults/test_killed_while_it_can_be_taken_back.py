"""Killed while a letter waits that somebody asked to send: it goes once, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.crashing import Pace, life_in, sending
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install, with_wiring
from tests.support.nemesis import Watched
from tests.support.watching import wait_until
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.services.identity.editor_view import EditorView
from topthree.services.sending.report_run import list_runs
from topthree.services.sending.send_by_hand import ask_to_send, take_back_send, waiting_send

TEACHERS = ("ana@school.example", "ben@school.example", "cyd@school.example")


@pytest.fixture
def house(
    sqlite_databases: Databases, tmp_path: Path, sink: Watched, pace: Pace
) -> Iterator[Installation]:
    """On SQLite alone: that asking is a row, and its end the run's transaction, holds on both."""
    for url in sqlite_databases.fresh():
        installation = install(tmp_path / "house", url, TOPTHREE_SMTP_URL=sink.url)
        installation.clock.now = pace.now()
        installation.add_subscribers(*TEACHERS)
        yield with_wiring(installation, clock=pace.now, elapsed=pace.elapsed)
        dismantle(installation)


@pytest.fixture
def pace() -> Pace:
    """The ten minutes last three seconds."""
    return Pace.of(200)


def ask(house: Installation, issue_id: IssueId, editor: EditorView) -> None:
    with house.wiring.writing() as session:
        ask_to_send(session, house.wiring, issue_id, editor)


def take_back(house: Installation, issue_id: IssueId, editor: EditorView) -> None:
    with house.wiring.writing() as session:
        take_back_send(session, issue_id, editor, house.wiring.clock())


def waits(house: Installation, issue_id: IssueId) -> bool:
    with house.wiring.reading() as session:
        return waiting_send(session, issue_id) is not None


def sent_issues(house: Installation) -> list[tuple[IssueId, bool]]:
    """Which issues have a run, and whether it is over."""
    with house.wiring.reading() as session:
        return [(run.issue_id, run.finished_at is not None) for run in list_runs(session)]


def test_what_waited_goes_once_and_what_is_taken_back_after_the_restart_does_not(
    house: Installation, sink: Watched, pace: Pace
) -> None:
    pat = house.add_editor("Pat", Role.PUBLISHER)
    goes, stays = (house.schedule_approved_issue() for _ in range(2))
    life = replace(life_in(house, TOPTHREE_SMTP_URL=sink.url), pace=pace, is_whole=True)

    with sending(life) as service:
        # The mail that tells editors of their turn: the service is up.
        sink.wait_for(1)
        ask(house, stays, pat)
        ask(house, goes, pat)
        service.kill()
    assert waits(house, goes)
    assert waits(house, stays)
    assert sent_issues(house) == []

    with sending(life) as service:
        take_back(house, stays, pat)
        wait_until(lambda: sent_issues(house) == [(goes, True)])
        service.kill()

    letters = Counter(each.recipient for each in sink.arrivals() if each.recipient in TEACHERS)
    assert letters == dict.fromkeys(TEACHERS, 1)
    assert not waits(house, goes)
    assert not waits(house, stays)
