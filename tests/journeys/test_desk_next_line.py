"""Where the next letter does not come in a fortnight, the desk offers to say so."""

from __future__ import annotations

import pytest

from tests.support.colleague import Colleague
from tests.support.installation import Installation
from topthree.domain.editors.permission import Role

LINE = "The next letter comes on Thursday, December 31."


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    """A publisher who has skipped the slot of December 17."""
    colleague = Colleague(installation, "Pat", Role.PUBLISHER)
    colleague.sign_in()
    colleague.browser.get("/desk/calendar/")
    colleague.browser.submit("form#skip", {"on": "2026-12-17", "note": "A short week"})
    return colleague


def on_slot(pat: Colleague, day: str) -> str:
    path = pat.write_issue()
    pat.browser.get(f"{path}slot/")
    pat.browser.submit("form.choices", {"day": day})
    return path


def test_one_button_ends_the_greeting_with_the_line(pat: Colleague) -> None:
    path = on_slot(pat, "2026-12-03")
    before = pat.browser.get(path)
    review = pat.browser.get(f"{path}review/")

    pat.browser.get(path)
    after = pat.fill_in({"greeting": "Dear teachers."}, button="next-line")
    again = pat.fill_in({}, button="save")
    reviewed = pat.browser.get(f"{path}review/")

    assert "comes in 28 days, not in fourteen" in before.text
    assert LINE in before.text
    assert "in 28 days, on Thursday, December 31, 2026, and the greeting does not" in review.text
    assert after.one("#greeting").text == f"Dear teachers.\n\n{LINE}"
    assert "not in fourteen" not in again.text
    assert "in 28 days" not in reviewed.text


def test_pressing_twice_adds_it_once_in_the_language_of_the_issue(pat: Colleague) -> None:
    path = on_slot(pat, "2026-12-03")
    line = "La próxima carta llega el jueves 31 de diciembre."
    page = pat.browser.get(path)
    fields = {
        each.get("name", ""): each.text or each.get("value") or ""
        for each in page.select("#compose input, #compose textarea")
    }
    sent = {**fields, "language": "es", "do": "next-line", "greeting": ""}
    for place, section in enumerate(("resource", "reflection", "opportunity"), start=1):
        sent[f"item-{place}-section"] = section

    first = pat.browser.post(path, sent)
    again = pat.browser.post(path, {**sent, "greeting": line, "version": "2"})

    assert first.one("#greeting").text == again.one("#greeting").text == line


def test_a_greeting_without_room_keeps_what_was_typed(pat: Colleague) -> None:
    path = on_slot(pat, "2026-12-03")
    greeting = "x" * 990

    pat.browser.get(path)
    page = pat.fill_in({"greeting": greeting}, button="next-line")

    assert page.status == 422
    assert (page.one("#greeting").text or "").startswith(greeting)
