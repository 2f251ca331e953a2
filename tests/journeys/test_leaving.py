"""A teacher leaves: by the page's button, by the mail program's, and back when it was a slip."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from tests.support.client import PageClient
from tests.support.installation import Installation, dismantle, install
from tests.support.page import text_of
from tests.support.publishing import publish
from tests.support.teacher import Teacher
from topthree.domain.subscribers.wording import LEAVE, UNDO_LEAVING
from topthree.tokens import Purpose

MASKED = "t•••@springfield.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
PART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)

#: What mail programs send: headers and body.
ONE_CLICKS: tuple[tuple[dict[str, str], bytes], ...] = (
    (FORM, b"List-Unsubscribe=One-Click"),
    (MULTIPART, PART),
    ({}, b""),
    (FORM, b""),
    ({"Content-Type": "text/plain"}, b"Unsubscribe me"),
    ({"Content-Type": "application/json"}, b"{not json"),
    ({"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"} | FORM, b"x=y"),
    ({"Cookie": "desk=stolen"} | FORM, b"List-Unsubscribe=One-Click"),
)


@pytest.fixture
def teacher(installation: Installation) -> Teacher:
    """A teacher who has got an issue."""
    teacher = Teacher(installation)
    teacher.subscribe()
    publish(installation)
    return teacher


@pytest.fixture
def mail_program(installation: Installation) -> FlaskClient:
    """Something that sends requests and is no browser."""
    return installation.app.test_client()


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Installation]:
    """The service while its database cannot be reached."""
    missing = tmp_path / "missing" / "database.sqlite"
    installation = install(tmp_path / "instance", f"sqlite:///{missing}")
    yield installation
    dismantle(installation)


def one_click_path(teacher: Teacher) -> str:
    return urlsplit(teacher.newest_mail.unsubscribe_url).path


def useless_tokens(teacher: Teacher) -> list[str]:
    """Cut, changed, made for another purpose, or never one."""
    token = teacher.link("u").split("/")[2]
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    other = teacher.link("c").split("/")[2]
    return ["x", "%00", token[:-1], token[1:], flipped, token + "A", other, "x" * 4000]


def test_the_link_of_an_issue_leads_to_one_button(teacher: Teacher) -> None:
    page = teacher.open_link("u")

    assert page.status == 200
    assert page.heading == "Leave the letter?"
    assert "Teachers’ Top Three" in text_of(page.one(".dek"))
    assert MASKED in page.text
    assert teacher.address not in page.source
    assert [button.text for button in page.select("main button")] == [LEAVE]


def test_the_button_ends_the_letter_at_once(installation: Installation, teacher: Teacher) -> None:
    teacher.open_link("u")

    page = teacher.press_the_button()
    publish(installation)

    assert page.heading == "Done"
    assert f"We will not send Teachers’ Top Three to {MASKED} again." in page.text
    assert len(teacher.mail) == 2


def test_leaving_can_be_undone_at_once(installation: Installation, teacher: Teacher) -> None:
    teacher.open_link("u")
    left = teacher.press_the_button()

    page = teacher.press_the_button()
    publish(installation)

    assert [button.text for button in left.select("main button")] == [UNDO_LEAVING]
    assert page.heading == "The letter keeps coming"
    assert MASKED in page.text
    assert len(teacher.mail) == 3


def test_undoing_twice_is_harmless(teacher: Teacher) -> None:
    teacher.open_link("u")
    path = teacher.press_the_button().one("main form").get("action", "")
    teacher.browser.post(path)

    assert teacher.browser.post(path).heading == "The letter keeps coming"


def test_the_address_of_undoing_shows_the_button_again(teacher: Teacher) -> None:
    teacher.open_link("u")
    path = teacher.press_the_button().one("main form").get("action", "")
    teacher.browser.get(path)

    assert teacher.press_the_button().heading == "The letter keeps coming"


def test_leaving_twice_is_harmless_and_the_page_says_so(teacher: Teacher) -> None:
    teacher.open_link("u")
    teacher.press_the_button()

    looked = teacher.open_link("u")
    again = teacher.browser.post(teacher.link("u"))

    assert looked.status == again.status == 200
    assert looked.heading == "You have left already"
    assert [button.text for button in looked.select("main button")] == [UNDO_LEAVING]


def test_a_link_from_an_old_issue_still_works(installation: Installation, teacher: Teacher) -> None:
    old = teacher.link("u")
    for _ in range(3):
        publish(installation)

    teacher.browser.get(old)

    assert teacher.press_the_button().heading == "Done"


def test_undoing_does_not_stand_in_for_consent(teacher: Teacher) -> None:
    """Who left, signed up anew and then said it was not them, has no letter to get back."""
    teacher.open_link("u")
    undo = teacher.press_the_button().one("main form").get("action", "")
    teacher.ask_for_the_letter()
    teacher.browser.post(teacher.link("w"))

    page = teacher.browser.post(undo)

    assert page.status == 409
    assert page.heading == "This cannot be undone"


def test_an_unknown_link_looks_the_same_whatever_is_wrong_with_it(teacher: Teacher) -> None:
    pages = [
        page
        for token in useless_tokens(teacher)
        for page in (teacher.browser.get(f"/u/{token}/"), teacher.browser.post(f"/u/{token}/"))
    ]

    assert {(page.status, page.heading) for page in pages} == {(404, "This link does not work")}
    assert len({page.body for page in pages}) == 1
    assert teacher.open_link("u").heading == "Leave the letter?"


def test_undoing_with_a_useless_link_says_so(teacher: Teacher) -> None:
    token = teacher.link("u").split("/")[2]

    assert teacher.browser.post("/b/x/").status == 404
    assert teacher.browser.post(f"/b/{token}/").status == 404


def test_one_click_in_the_mail_program_is_enough(
    teacher: Teacher, mail_program: FlaskClient
) -> None:
    path = one_click_path(teacher)

    for headers, body in ONE_CLICKS:
        answer = mail_program.post(path, headers=headers, data=body)
        assert answer.status_code == 200
        assert answer.content_type == "text/plain; charset=utf-8"
        assert answer.text == "Unsubscribed.\n"
        assert "Location" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert teacher.open_link("u").heading == "You have left already"
        assert teacher.press_the_button().heading == "The letter keeps coming"


def test_one_click_answers_the_same_a_second_time(
    teacher: Teacher, mail_program: FlaskClient
) -> None:
    path = one_click_path(teacher)

    answers = [mail_program.post(path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data


def test_one_click_needs_no_redirect_for_a_missing_slash(
    teacher: Teacher, mail_program: FlaskClient
) -> None:
    path = one_click_path(teacher)

    assert mail_program.post(path.rstrip("/")).status_code == 200


def test_a_thousand_clicks_from_one_provider_are_all_answered(
    teacher: Teacher, mail_program: FlaskClient
) -> None:
    path = one_click_path(teacher)

    answers = {mail_program.post(path).status_code for _ in range(1000)}

    assert answers == {200}


def test_one_click_on_a_useless_link_is_not_found(
    teacher: Teacher, mail_program: FlaskClient
) -> None:
    answers = [mail_program.post(f"/o/{token}/") for token in useless_tokens(teacher)]

    assert {(answer.status_code, answer.data) for answer in answers} == {
        (404, b"This is not a link of ours.\n")
    }
    assert teacher.open_link("u").heading == "Leave the letter?"


def test_a_person_who_opens_the_mail_programs_link_gets_the_page(teacher: Teacher) -> None:
    path = one_click_path(teacher)

    page = teacher.browser.get(path)

    assert page.heading == "Leave the letter?"
    assert teacher.press_the_button().heading == "Done"


def test_one_click_is_to_be_tried_again_while_the_database_is_away(broken: Installation) -> None:
    token = broken.wiring.tokens.sign(Purpose.UNSUBSCRIBE, 1, broken.clock())

    answer = broken.app.test_client().post(f"/o/{token}/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Set-Cookie" not in answer.headers


def test_the_page_says_to_try_again_while_the_database_is_away(broken: Installation) -> None:
    token = broken.wiring.tokens.sign(Purpose.UNSUBSCRIBE, 1, broken.clock())

    page = PageClient(broken.app).post(f"/u/{token}/")

    assert page.status == 503
    assert "try again" in page.text


def test_an_undo_link_that_has_grown_old_offers_the_form(
    installation: Installation, teacher: Teacher
) -> None:
    teacher.open_link("u")
    teacher.press_the_button()
    installation.clock.advance(timedelta(days=31))

    page = teacher.press_the_button()

    assert page.status == 404
    assert page.select("form.join")
