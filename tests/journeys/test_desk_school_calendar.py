"""Publishers bring the school calendar in, and slots that fall into a break are plain to see."""

from __future__ import annotations

import io

import pytest

from tests.support.colleague import Colleague, signed_in
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from topthree.domain.editors.permission import Role

WINTER = "2026-12-24 to 2027-01-03 Winter break"
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20270104
SUMMARY:Winter break
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261210
SUMMARY:Report cards go home
END:VEVENT
BEGIN:VEVENT
DTSTART:20261210T190000Z
SUMMARY:Board meeting
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def pat(installation: Installation) -> Colleague:
    return signed_in(installation, "Pat", Role.PUBLISHER)


def paste(colleague: Colleague, text: str) -> Page:
    colleague.browser.get("/desk/calendar/breaks/")
    return colleague.browser.submit("form[aria-label='Paste dates']", {"dates": text})


def upload(colleague: Colleague, name: str, raw: bytes) -> tuple[int, str]:
    page = colleague.browser.get("/desk/calendar/breaks/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")
    answer = colleague.browser.flask.post(
        "/desk/calendar/breaks/read/", data={"csrf": csrf, "file": (io.BytesIO(raw), name)}
    )
    return answer.status_code, answer.get_data(as_text=True)


def test_pasted_dates_are_shown_first_and_kept_when_taken_over(pat: Colleague) -> None:
    preview = paste(pat, WINTER)
    before = pat.browser.get("/desk/calendar/")
    paste(pat, WINTER)
    after = pat.browser.submit("form.choices")

    assert "Nothing is kept yet" in preview.text
    assert "Winter break" not in before.text
    assert text_of(after.one(".breaks b")) == "Winter break"
    assert "Thu, Dec 24 to Sun, Jan 3" in after.text


def test_a_slot_in_a_break_is_marked_and_one_click_leads_to_the_form_filled_in(
    pat: Colleague,
) -> None:
    paste(pat, WINTER)
    pat.browser.submit("form.choices")
    page = pat.browser.get("/desk/calendar/")
    marked = [text_of(row) for row in page.select("tbody tr") if "School break" in text_of(row)]

    skipping = pat.browser.follow("a[href*='change=skip']")
    filled = skipping.one("#skip-on option[selected]").get("value"), skipping.one("#skip-note")
    pat.browser.get("/desk/calendar/")
    moving = pat.browser.follow("a[href*='change=move']")
    moved = pat.browser.submit("form#move")

    assert len(marked) == 1
    assert "Thursday, December 31, 2026" in marked[0]
    assert (filled[0], filled[1].get("value")) == ("2026-12-31", "Winter break")
    assert skipping.one("#skip-on").iterancestors("details").__next__().get("open") is not None
    assert moving.one("#move-until").get("value") == "2027-01-07"
    assert "School break" not in text_of(moved.one("tbody"))
    changed = text_of(moved.one("section[aria-labelledby=made]"))
    assert "Moved Thursday, December 31, 2026 to Thursday, January 7, 2027" in changed
    assert "Pat, Monday, November 23, 10:00 am EST" in changed


def test_a_calendar_file_is_read_and_what_sounds_like_a_break_is_ticked(pat: Colleague) -> None:
    status, page = upload(pat, "school.ics", CALENDAR.encode())

    assert status == 200
    assert 'value="2026-12-24/2027-01-03/Winter break" checked' in page
    assert 'value="2026-12-10/2026-12-10/Report cards go home">' in page
    assert "Passed over: 1 with a time of day, which is no day off." in page


def test_a_bad_file_is_named_beside_its_field(pat: Colleague) -> None:
    status, page = upload(pat, "holiday\u202e.pdf", b"BEGIN:VCALENDAR\nEND:VEVENT\n")

    assert status == 422
    assert "holiday.pdf cannot be taken over" in page


def test_unreadable_lines_are_named_and_the_text_is_kept(pat: Colleague) -> None:
    page = paste(pat, f"{WINTER}\n2027-02-30 No such day")

    assert page.status == 422
    assert "Line 2, “2027-02-30 No such day”" in text_of(page.one("#dates-wrong"))
    assert page.one("#dates").text == f"{WINTER}\n2027-02-30 No such day"


def test_boxes_that_no_page_offered_are_not_kept(pat: Colleague) -> None:
    page = pat.browser.get("/desk/calendar/breaks/")
    csrf = page.select("input[name=csrf]")[0].get("value", "")
    boxes = ["x", "2026-12-24/2026-01-01/Backwards", "//", "2026-12-24/2026-12-25/"]

    answers = [
        pat.browser.post("/desk/calendar/breaks/", {"csrf": csrf, "break": [box]}) for box in boxes
    ]

    assert [answer.status for answer in answers] == [422] * 4
    assert "No break is known yet" in pat.browser.get("/desk/calendar/breaks/").text


def test_a_break_is_removed(pat: Colleague) -> None:
    paste(pat, WINTER)
    pat.browser.submit("form.choices")

    choosing = pat.browser.get(f"{pat.write_issue()}slot/")
    pat.browser.get("/desk/calendar/breaks/")
    page = pat.browser.submit(".breaks form")

    marked = choosing.one("label[for='day-2026-12-31']")
    assert "School break: Winter break" in text_of(marked)
    assert "The break is removed" in page.text
    assert "No break is known yet" in page.text


def test_a_writer_sees_the_breaks_and_no_forms(installation: Installation, pat: Colleague) -> None:
    paste(pat, WINTER)
    pat.browser.submit("form.choices")
    wim = Colleague(installation, "Wim", Role.WRITER)
    wim.sign_in()

    page = wim.browser.get("/desk/calendar/breaks/")

    odd = "/desk/calendar/?change=%00<script>&on=</form>&until=%22&note=%0a<b>"
    assert "Winter break" in page.text
    assert page.select("main form") == []
    assert wim.browser.get(odd).status == 200
