"""After it went: a publisher puts a slip right on the page, and readers see when and what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.client import PageClient
from tests.support.colleague import Colleague
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role
from topthree.services.sending.open_run import open_due_runs

PAGE = "/issues/2026-12-03/"
NOTE = "The guide’s link led nowhere; it is mended."
RIGHT = "https://www.example.gov/the-right-guide.pdf"


@pytest.fixture
def path(installation: Installation) -> str:
    """The desk's page of an issue that has gone out, a day ago."""
    issue_id = installation.schedule_approved_issue()
    installation.clock.now = installation.clock.now.replace(month=12, day=3, hour=11)
    open_due_runs(installation.wiring)
    installation.clock.advance(timedelta(days=1))
    return f"/desk/issues/{issue_id}/"


@pytest.fixture
def pat(installation: Installation, path: str) -> Colleague:
    colleague = Colleague(installation, "Pat", Role.PUBLISHER)
    colleague.sign_in()
    colleague.browser.get(path)
    return colleague


def correct(pat: Colleague, **entries: str) -> Page:
    pat.browser.follow("a[href$='/correct/']")
    return pat.browser.submit(
        "#correct", {name.replace("_", "-"): entries[name] for name in entries}
    )


def test_readers_see_the_right_text_with_a_dated_note_and_can_read_what_was_sent(
    installation: Installation, pat: Colleague
) -> None:
    reader = PageClient(installation.app)

    done = correct(pat, note=NOTE, item_1_link_url=RIGHT)
    page = reader.get(PAGE)
    record = reader.follow(".amended a")

    assert "The page is corrected" in done.text
    assert NOTE in text_of(done.one("section[aria-labelledby=corrections]"))
    assert f"Corrected on December 4, 2026: {NOTE}" in text_of(page.one(".amended"))
    assert RIGHT in page.source
    assert record.path == f"{PAGE}as-sent/"
    assert "This is the record: the letter as it was sent on December 3, 2026." in record.text
    assert RIGHT not in record.source
    assert "https://www.example.gov/guide.pdf" in record.source
    assert record.headers["X-Robots-Tag"] == "noindex"


def test_the_feed_says_when_it_was_changed_and_why(
    installation: Installation, pat: Colleague
) -> None:
    feed = PageClient(installation.app)
    before = feed.get("/feed.atom").source

    correct(pat, note=NOTE, item_1_link_url=RIGHT)
    after = feed.get("/feed.atom").source

    assert before.count("2026-12-04") == 0
    assert after.count("<updated>2026-12-04T11:00:00Z</updated>") == 2
    assert "<published>2026-12-03T11:00:00Z</published>" in after
    assert NOTE in after
    assert RIGHT in after


def test_a_spanish_letter_is_corrected_in_spanish_and_markup_in_a_note_is_words(
    installation: Installation, pat: Colleague
) -> None:
    reader = PageClient(installation.app)
    kept = reader.get(PAGE).headers["Last-Modified"]
    note = "<script>alert(1)</script> {{7*7}} {day}"

    correct(pat, note=note, language="es")

    page = reader.get(PAGE, headers={"If-Modified-Since": kept})
    assert page.status == 200
    assert f"Corregido el 4 de diciembre de 2026: {note}" in text_of(page.one(".amended"))


def test_an_issue_that_was_never_corrected_has_its_record_too(
    installation: Installation, path: str
) -> None:
    page = PageClient(installation.app).get(f"{PAGE}as-sent/")

    assert path
    assert page.status == 200
    assert "This is the record" in page.text
    assert "corrected" not in page.text
    assert PageClient(installation.app).get("/issues/2026-12-17/as-sent/").status == 404


def test_without_a_note_nothing_changes_and_what_was_typed_stays(
    installation: Installation, pat: Colleague
) -> None:
    page = correct(pat, note=" ", item_1_link_url=RIGHT, item_3_closes_on="soon")
    again = pat.browser.submit("#correct", {"item-3-closes-on": ""})

    assert (page.status, again.status) == (422, 422)
    assert "this is no date" in page.text
    assert again.one("#item-1-link-url").get("value") == RIGHT
    assert "Say in one sentence what was wrong" in text_of(again.one("#note-wrong"))
    assert not PageClient(installation.app).get(PAGE).select(".amended")


def test_a_page_that_was_open_while_somebody_corrected_shows_so_and_keeps_the_text(
    installation: Installation, pat: Colleague, path: str
) -> None:
    quinn = Colleague(installation, "Quinn", Role.PUBLISHER)
    quinn.sign_in()
    quinn.browser.get(f"{path}correct/")
    correct(pat, note=NOTE, item_1_link_url=RIGHT)

    page = quinn.browser.submit("#correct", {"note": "Mine", "subject": "Another"})
    decided = quinn.browser.submit("#correct", {})

    assert page.status == 409
    assert "Pat has corrected this issue since you opened it" in page.text
    assert page.one("#subject").get("value") == "Another"
    assert "The page is corrected" in decided.text
