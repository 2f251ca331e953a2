"""The same button, pressed again and again: it does what it says once, and never says it failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role
from topthree.services.sending.report_run import list_runs
from topthree.services.sending.send_by_hand import open_asked_runs

TIMES = 8


@pytest.fixture
def installation(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """On SQLite alone: two at once on PostgreSQL meet in tests/integration/test_two_at_once.py."""
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url)
        house.add_subscribers("ann@school.example")
        yield house
        dismantle(house)


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    return arrived(installation, "Pat")


@pytest.fixture
def path(installation: Installation) -> str:
    """Where Ann's issue is, which waits for an approval."""
    return arrived(installation, "Ann").write_issue(button="submit")


def arrived(installation: Installation, name: str) -> Colleague:
    colleague = Colleague(installation, name, Role.PUBLISHER)
    colleague.sign_in()
    return colleague


def press(colleague: Colleague, form: str, **typed: str) -> list[Page]:
    """Press the button of this form, which stays on the screen, as often as impatience has it."""
    shown = colleague.browser.page.one(form)
    hidden = {field.get("name", ""): field.get("value", "") for field in shown.cssselect("input")}
    action = shown.get("action", "")
    return [colleague.browser.post(action, {**hidden, **typed}) for _ in range(TIMES)]


def test_approving_approves_once_and_tells_the_writer_once(
    installation: Installation, pat: Colleague, path: str
) -> None:
    pat.browser.get(f"{path}review/")

    pages = press(pat, "form[action$='/approve/']")

    assert {(page.status, text_of(page.one("#seal"))) for page in pages} == {(200, "Approved")}
    subjects = [message.subject for message in installation.outbox()]
    assert subjects.count("Pat approved “Share the lead”") == 1


def test_a_test_is_sent_once_and_another_form_sends_another(
    installation: Installation, pat: Colleague, path: str
) -> None:
    for _ in range(2):
        pat.browser.get(f"{path}preview/")
        pages = press(pat, "form[action$='/test/']", address="me@elsewhere.example")
        assert {page.status for page in pages} == {200}

    tests = [message for message in installation.outbox() if "[Test]" in message.subject]
    assert len(tests) == 2


def test_sending_and_taking_back_end_where_the_last_button_says(
    installation: Installation, pat: Colleague, path: str
) -> None:
    pat.browser.get(f"{path}review/")
    pat.browser.submit("form[action$='/approve/']")
    pat.browser.get(f"{path}send/")
    asked = press(pat, "main form[action$='/send/']")
    first = text_of(asked[0].one(".going"))
    back = press(pat, "main form[action$='/send/back/']")
    installation.clock.advance(timedelta(minutes=11))

    assert {text_of(page.one(".going")) for page in asked} == {first}
    assert {page.status for page in back} == {200}
    assert open_asked_runs(installation.wiring) == ()
    with installation.wiring.reading() as session:
        assert list_runs(session) == ()
