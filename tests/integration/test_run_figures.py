"""Figures of a run: counted right on both databases, and not more often than needed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.going_out import AUDIENCE, begin_run
from tests.support.installation import Installation
from tests.support.sending import send_what_is_due
from topthree.domain.ids import RunId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.closure import ProviderState
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.services.sending.run_people import export_people
from topthree.services.sending.run_progress import (
    ByDomain,
    Figures,
    count_domains,
    count_figures,
    resting,
)
from topthree.store.sending.paces import keep_closure
from topthree.web.desk.sending.recent_figures import RecentFigures


@pytest.fixture
def run_id(installation: Installation) -> RunId:
    return begin_run(installation)


def figures(house: Installation, run_id: RunId) -> Figures:
    with house.wiring.reading() as session:
        return count_figures(session, run_id, house.clock())


def domains(house: Installation, run_id: RunId) -> ByDomain:
    with house.wiring.reading() as session:
        return count_domains(session, run_id, house.clock())


def change(house: Installation, statement: str, **values: str) -> None:
    with house.wiring.writing() as session:
        session.execute(text(statement), values)


def test_only_what_was_accepted_within_the_minute_counts_for_the_rate(
    installation: Installation, run_id: RunId
) -> None:
    send_what_is_due(installation.wiring, run_id)

    at_once = figures(installation, run_id)
    installation.clock.advance(timedelta(seconds=61))
    later = figures(installation, run_id)

    assert at_once.accepted_lately == len(AUDIENCE)
    assert later.accepted_lately == 0
    assert later.counts[DeliveryStatus.SENT] == len(AUDIENCE)


def test_those_who_failed_for_no_fault_of_theirs_were_missed_and_no_others(
    installation: Installation, run_id: RunId
) -> None:
    missed = {}
    for cause in Cause:
        failed = "update deliveries set status = 'failed', cause = :cause"
        change(installation, failed, cause=cause.value)
        missed[cause] = figures(installation, run_id).missed_count

    assert missed == {cause: 8 if cause.can_be_sent_again else 0 for cause in Cause}


def test_addresses_that_were_erased_are_counted_by_themselves(
    installation: Installation, run_id: RunId
) -> None:
    erased = "update subscribers set address = null, address_key = null"
    change(installation, f"{erased} where address like '%slow.example'")

    counted = domains(installation, run_id)
    rows = list(export_people(installation.wiring.reading, run_id))

    assert {line.domain: line.size for line in counted.lines} == {
        "mail.example": 4,
        "": 2,
        "gone.example": 1,
        "strict.example": 1,
    }
    assert sum(row[0] == "" for row in rows) == 2


def test_domains_beyond_the_first_twenty_are_one_line(
    installation: Installation, run_id: RunId
) -> None:
    change(installation, "update subscribers set address = 'a@d' || id || '.example'")
    installation.add_subscribers(*(f"a@late{number}.example" for number in range(16)))
    change(
        installation,
        "insert into deliveries (run_id, subscriber_id, status, attempts, due_at, code, reply)"
        " select 1, id, 'sent', 1, created_at, 250, 'Ok' from subscribers"
        " where address like '%late%'",
    )

    counted = domains(installation, run_id)

    assert len(counted.lines) == 20
    assert [line.not_accepted for line in counted.lines] == [1] * 8 + [0] * 12
    assert (counted.other_domains, counted.others.counts[DeliveryStatus.SENT]) == (4, 4)


def test_a_provider_is_named_as_resting_until_its_time_has_come(
    installation: Installation,
) -> None:
    now = installation.clock()
    state = ProviderState(
        closed_until=now + timedelta(minutes=10), connections_allowed=1, since=now, closures=1
    )
    with installation.wiring.writing() as session:
        keep_closure(session, "mail.example", state)

    with installation.wiring.reading() as session:
        during = resting(session, now)
        afterwards = resting(session, now + timedelta(minutes=10))

    assert [(each.name, each.until) for each in during] == [("mail.example", state.closed_until)]
    assert afterwards == ()


def test_while_one_counts_the_others_get_what_was_before() -> None:
    time = 0.0
    kept = RecentFigures(lambda: time)
    counting, may_end = threading.Event(), threading.Event()

    def slowly() -> str:
        counting.set()
        may_end.wait(10)
        return "new"

    first = kept.get("run", None, lambda: "old", final=False)
    time = 60.0
    counter = threading.Thread(target=kept.get, args=("run", None, slowly), kwargs={"final": False})
    counter.start()
    counting.wait(10)
    meanwhile = kept.get("run", None, lambda: "never", final=False)
    may_end.set()
    counter.join()

    assert (first, meanwhile) == ("old", "old")
    assert kept.get("run", None, lambda: "never", final=False) == "new"


def test_what_is_final_is_counted_once_until_it_changes() -> None:
    time = 0.0
    kept = RecentFigures(lambda: time)

    first = kept.get("run", "closed", lambda: 1, final=True)
    time = 1e9
    same = kept.get("run", "closed", lambda: 2, final=True)
    changed = kept.get("run", "closed again", lambda: 3, final=True)

    assert (first, same, changed) == (1, 1, 3)
