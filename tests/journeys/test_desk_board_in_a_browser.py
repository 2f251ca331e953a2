"""From an empty board to a full slot in a real browser, with the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.installation import Installation
from tests.support.keyboard import press
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.services.installation.first_start import load_samples

SAMPLES = Path(__file__).resolve().parents[2] / "issues"


@pytest.fixture
def house(installation: Installation) -> Installation:
    """A trial installation as it is after its first start."""
    with installation.wiring.writing() as session:
        load_samples(session, installation.wiring, SAMPLES)
    return installation


def test_a_slot_is_filled_from_the_bank_without_script_and_with_the_keyboard_alone(
    house: Installation, browser: Browser
) -> None:
    pat = Colleague(house, "Pat", Role.PUBLISHER)
    pat.ask_to_sign_in()

    with served(house) as url, opened_page(browser, url, with_script=False) as page:
        page.goto(pat.link)
        press(page, "Open the desk")
        empty = page.locator(".slot").first.inner_text()
        press(page, "Choose one for place 1, Thu, Dec 3")
        press(page, "Put it here: A one-page planner for common time")
        press(page, "Put it here: The first ten minutes")
        press(page, "Put it here: Read a draft and tell us where you stopped")
        said = page.get_by_role("status").inner_text()
        press(page, "Board")
        slot = page.locator(".slot").first
        full = slot.locator("h3").all_text_contents()
        dashed = slot.locator(".place.empty").count()

    assert empty.count("ready in the bank") == 3
    assert "All three places are filled" in said
    assert [line.partition(": ")[2] for line in full] == [
        "A one-page planner for common time",
        "The first ten minutes",
        "Read a draft and tell us where you stopped",
    ]
    assert dashed == 0
