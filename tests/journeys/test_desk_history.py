"""An editor looks back, brings a version back, and finds again what was never saved."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import event

from tests.support.client import PageClient
from tests.support.colleague import Colleague, signed_in
from tests.support.forms import Entry, fill_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return signed_in(installation, "Ana", Role.EDITOR)


def subject(page: Page) -> str:
    return page.one("#subject").get("value", "")


def test_the_history_says_who_changed_what_and_any_two_versions_can_be_compared(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ben = signed_in(installation, "Ben", Role.EDITOR)
    ben.browser.get(path)
    ben.fill_in({"subject": "Share all of the work"})

    ana.browser.get(f"{path}history/")
    rows = [text_of(row) for row in ana.browser.page.select("tbody tr")]
    page = ana.browser.submit("form.history", {"from": "2", "to": "3"})

    assert "Ben saved" in rows[0]
    assert "Subject" in rows[0]
    assert "Ana began the issue" in rows[-1]
    added = [text_of(each).replace(" ]", "]") for each in page.select("ins")]
    assert added == ["[added: all of]", "[added: work]"]
    assert [text_of(each) for each in page.select("del")] == ["[removed: lead]"]


def test_a_version_is_brought_back_as_a_new_one(ana: Colleague) -> None:
    path = ana.write_issue()
    ana.browser.get(path)
    ana.fill_in({"subject": "Worse"})

    ana.browser.get(f"{path}history/2/")
    page = ana.browser.submit("form.danger")

    assert subject(page) == "Share the lead"
    assert "Brought back, as a new version" in page.text
    assert "Ana brought back version 2" in ana.browser.get(f"{path}history/").text


def test_a_version_that_is_not_kept_is_a_page_that_says_so(ana: Colleague) -> None:
    path = ana.write_issue()

    pages = [ana.browser.get(f"{path}history/{rest}") for rest in ("9/", "compare/?from=1&to=9")]

    assert [page.status for page in pages] == [404, 404]
    assert ana.browser.get(f"{path}history/compare/?from=x").path.endswith("/history/")


def test_what_could_not_be_saved_is_offered_again_until_it_is(ana: Colleague) -> None:
    path = ana.write_issue()
    ana.browser.get(path)
    ana.fill_in({"subject": "New words", "item-1-link-url": "nowhere"})

    offered = ana.browser.get(path)
    reopened = ana.browser.follow(".offer a.button")
    saved = ana.fill_in({"item-1-link-url": "https://www.example.gov/"})

    assert "You have changes that are not in the issue" in offered.text
    assert subject(offered) == "Share the lead"
    assert subject(reopened) == "New words"
    assert subject(saved) == "New words"
    assert not ana.browser.get(path).select(".offer")


def test_what_was_kept_can_be_thrown_away(ana: Colleague) -> None:
    path = ana.write_issue()
    ana.browser.get(path)
    ana.fill_in({"subject": "New words", "item-1-link-url": "nowhere"})
    ana.browser.get(path)

    page = ana.browser.submit(".offer form")

    assert "Thrown away" in page.text
    assert not page.select(".offer")


def test_nobody_is_offered_what_somebody_else_typed(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ana.browser.get(path)
    tab = ana.fill_in({"item-1-link-url": "nowhere"}).one("input[name=tab]").get("value")
    ben = signed_in(installation, "Ben", Role.EDITOR)

    pages = [ben.browser.get(path), ben.browser.get(f"{path}?tab={tab}")]

    assert not [page for page in pages if page.select(".offer") or "nowhere" in page.source]


def test_saving_over_an_approval_that_was_not_seen_asks_first(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ben, cai = (
        signed_in(installation, "Ben", Role.EDITOR),
        signed_in(installation, "Cai", Role.EDITOR),
    )
    cai.browser.get(path)
    ana.browser.get(f"{path}review/")
    ana.browser.submit("form[action$='/submit/']")
    ben.browser.get(f"{path}review/")
    ben.browser.submit("form[action$='/approve/']")

    asked = cai.fill_in({"subject": "One more thing"})
    still = ben.browser.get(path)
    saved = cai.fill_in({})

    assert asked.status == 409
    assert "This issue was approved while you were writing" in asked.text
    assert subject(asked) == "One more thing"
    assert subject(still) == "Share the lead"
    assert "With this change the approval has ended" in saved.text


def test_a_million_characters_are_refused_in_words_and_kept(ana: Colleague) -> None:
    path = ana.begin_issue()
    pasted = "A long text. " * 80_000

    page = ana.fill_in({"greeting": pasted, "item-1-body": pasted, "item-2-body": pasted})
    again = ana.browser.get(path)

    assert page.status == 422
    assert "at most 20,000 fit" in page.text
    assert "You have changes that are not in the issue" in again.text
    assert (ana.browser.follow(".offer a.button").one("#item-1-body").text or "") == pasted


def test_a_form_of_another_site_is_never_shown_as_ours(ana: Colleague) -> None:
    path = ana.write_issue()
    stranger = signed_out_copy(ana)
    words = {"subject": "Your account is closed, call us"}

    theirs = stranger.post(path, words, headers={"Sec-Fetch-Site": "cross-site"})
    older = stranger.post(path, words, headers={"Origin": "https://evil.example"})
    broken = stranger.post(path, words, headers={"Origin": "https://["})
    ours = stranger.post(path, words, headers={"Sec-Fetch-Site": "same-origin"})

    assert [page.status for page in (theirs, older, broken, ours)] == [403, 403, 403, 403]
    assert "call us" not in theirs.source + older.source + broken.source
    assert "call us" in ours.text


def test_a_form_of_another_editor_is_sent_again_only_by_pressing_a_button(
    installation: Installation, ana: Colleague
) -> None:
    path = ana.write_issue()
    ana.browser.get(path)
    ben = signed_in(installation, "Ben", Role.EDITOR)
    fields = {"subject": "Begun by Ana", "language": "en", "csrf": "of somebody else"}

    silent = ben.browser.post(path, fields)
    kept = ben.browser.post(path, fields, headers={"Sec-Fetch-Site": "same-origin"})

    assert [silent.status, kept.status] == [403, 403]
    assert "Begun by Ana" not in silent.source
    assert subject(ana.browser.get(path)) == "Share the lead"
    assert ben.browser.submit("main form").status != 403


def test_a_form_that_a_busy_database_did_not_take_is_sent_again(
    installation: Installation, ana: Colleague
) -> None:
    ana.browser.get(ana.write_issue())

    with database_in_other_hands(installation):
        kept = pressed(ana, {"subject": "Typed meanwhile"})
    saved = ana.browser.submit("main form")

    assert kept.status == 503
    assert kept.headers["Retry-After"] == "60"
    assert "Nothing is lost" in kept.heading
    assert "Wait a minute, then try again" in kept.text
    assert (subject(saved), saved.status) == ("Typed meanwhile", 200)


def test_more_than_a_stranger_may_send_is_refused_in_words(ana: Colleague) -> None:
    path = ana.write_issue()
    long = {"subject": "x" * 2_000_000}
    ours = {"Sec-Fetch-Site": "same-origin"}

    page = signed_out_copy(ana).post(path, long, headers=ours)

    assert page.status == 403
    assert "You are not signed in any more" in page.text


def pressed(colleague: Colleague, entries: dict[str, Entry]) -> Page:
    """Save the form on the screen, as a browser does that says where the form came from."""
    page = colleague.browser.page
    sent = fill_in(page, "#compose", entries, button="save")
    ours = {"Sec-Fetch-Site": "same-origin"}
    return colleague.browser.post(sent.action, dict(sent.fields), headers=ours)


@contextmanager
def database_in_other_hands(installation: Installation) -> Iterator[None]:
    """Let another program hold the database's lock, and our own wait for nothing."""
    engine = installation.premises().engine
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 0"))
    engine.dispose()
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def signed_out_copy(colleague: Colleague) -> PageClient:
    """The same installation, visited by somebody who is not signed in."""
    return PageClient(colleague.browser.flask.application)


def test_a_script_is_told_in_a_word_that_its_session_has_ended(ana: Colleague) -> None:
    path = ana.write_issue()
    stranger = signed_out_copy(ana)

    answer = stranger.flask.post(f"{path}autosave/", headers={"Accept": "application/json"})

    assert answer.status_code == 403
    assert (answer.get_json() or {})["reason"] == "signed-out"
