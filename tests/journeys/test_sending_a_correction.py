"""After it went: those who got the letter are told what was wrong in it, by a small issue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.client import PageClient
from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation
from tests.support.lived_in import SAMPLES
from tests.support.page import Page, text_of
from tests.support.publishing import publish
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.services.archive.exchange_issue_files import import_files
from topthree.services.sending.send_by_hand import open_asked_runs

FIRST = "/issues/2026-12-03/"


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    installation.add_subscribers("ann@school.example", "ben@school.example")
    publish(installation)
    return signed_in(installation, "Pat", Role.PUBLISHER)


def begin(pat: Colleague) -> Page:
    """Press the button on the page of the issue that was sent."""
    pat.browser.get("/desk/issues/")
    pat.browser.follow("main .rows h3 a")
    return pat.browser.submit("form[action$='/correction/']")


def approved_by_quinn(installation: Installation, path: str) -> Colleague:
    quinn = Colleague(installation, "Quinn", Role.PUBLISHER)
    quinn.sign_in()
    quinn.browser.get(f"{path}review/")
    quinn.browser.submit("form[action$='/approve/']")
    return quinn


def test_a_correction_is_written_approved_and_sent_and_both_pages_lead_to_each_other(
    installation: Installation, pat: Colleague
) -> None:
    installation.add_subscribers("dee@school.example")
    written = begin(pat)
    path = written.path.partition("?")[0]
    pat.fill_in({"preheader": "The guide’s link led nowhere."}, button="submit")
    pat.browser.submit("form[action$='/submit/']")
    quinn = approved_by_quinn(installation, path)
    asked = quinn.browser.get(f"{path}send/")
    quinn.browser.submit("main form")
    installation.clock.advance(timedelta(minutes=10))
    (run_id,) = open_asked_runs(installation.wiring)

    reader = PageClient(installation.app)
    first = reader.get(FIRST)
    correction = reader.get("/issues/2026-12-03-correction-2/")
    archive = reader.get("/issues/")
    run = quinn.browser.get(f"/desk/runs/{run_id}/")

    assert "goes to those who got that one" in written.text
    assert "of Thursday, December 3, 2026 goes to 2 teachers." in asked.text
    assert "0 of 2 accepted" in run.text
    assert "A correction was sent to its readers on December 3, 2026" in text_of(
        first.one(".amended")
    )
    assert text_of(correction.one(".amended a")) == "This corrects the letter of December 3, 2026"
    assert correction.one(".amended a").get("href") == FIRST
    assert not correction.select("section.item")
    assert "Correction: Share the lead" in archive.text


def test_every_preview_leaves_the_empty_places_out(pat: Colleague) -> None:
    path = begin(pat).path.partition("?")[0]
    preview = pat.browser.get(f"{path}preview/")
    page = pat.browser.get(f"{path}preview/page/")
    text = pat.browser.get(f"{path}preview/text/")

    assert "Correction: Share the lead" in preview.text
    assert "No headline yet" not in page.text
    assert "RESOURCE" not in text.text


def test_an_issue_that_came_from_a_file_offers_no_correction_and_refuses_one_in_words(
    installation: Installation,
) -> None:
    with installation.wiring.writing() as session:
        cadence, now = installation.wiring.cadence, installation.clock()
        import_files(session, cadence, [SAMPLES / "2026-11-19"], TERMINAL, now)
    pat = signed_in(installation, "Pat", Role.PUBLISHER)
    shown = pat.browser.get("/desk/issues/1/")

    refused = pat.browser.post("/desk/issues/1/correction/", {"csrf": csrf_of(shown)})

    assert not shown.select("form[action$='/correction/']")
    assert refused.status == 409
    assert "nobody knows who got it" in refused.text
    assert refused.one("main a.button").get("href") == "/desk/issues/1/"


def csrf_of(page: Page) -> str:
    return page.select("input[name=csrf]")[0].get("value", "")
