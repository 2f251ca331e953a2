"""A teacher subscribes: the form, the message, its link and its six digits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.client import PageClient
from tests.support.installation import Installation
from tests.support.page import Page, text_of
from tests.support.publishing import publish
from tests.support.teacher import Teacher
from topthree.domain.subscribers.wording import CONFIRM_BY_CODE, CONFIRM_BY_LINK, DISOWN, SUBSCRIBE

MASKED = "t•••@springfield.example"

#: What is typed, and some of what the page says to it.
SLIPS = (
    ("", "Type your address first"),
    ("teacher", "There is an “@” missing"),
    ("@springfield.example", "nothing before"),
    ("teacher@", "nothing after"),
    ("teacher@springfield", "no ending"),
    ("teacher@@springfield.example", "more than one"),
    ("teacher@springfield..example", "two dots"),
    ("teacher @springfield.example", "blank inside"),
    ("teacher@springfield.example.", "dot at the end"),
    ("t" * 65 + "@springfield.example", "too long"),
    ("teacher@" + "s" * 300 + ".example", "longer than an address can be"),
    ("teacher@springfield.example\r\nBcc: everyone@springfield.example", "hidden character"),
    ("teacher@springfield.example\nX: y", "hidden character"),
    ("teacher\0@springfield.example", "hidden character"),
    ("tea\u200bcher@springfield.example", "hidden character"),
    ("t\u0435acher@springfield.example", "cannot stand before"),
    ("\uff54eacher@springfield.example", "cannot stand before"),
    ("<script>alert(1)</script>@springfield.example", "not an address that mail can reach"),
    ("{{7*7}}", "There is an “@” missing"),
)


@pytest.fixture
def teacher(installation: Installation) -> Teacher:
    return Teacher(installation)


def visible_answer(page: Page) -> tuple[int, bytes, list[tuple[str, str]]]:
    return page.status, page.body, sorted(page.headers.items())


def test_the_link_of_the_message_leads_to_one_button(teacher: Teacher) -> None:
    asked = teacher.ask_for_the_letter()

    page = teacher.open_link("c")

    assert asked.heading == "Check your inbox"
    assert page.title.startswith("One more step")
    assert MASKED in page.text
    assert teacher.address not in page.source
    assert [button.text for button in page.select("main button")] == [CONFIRM_BY_LINK]


def test_the_button_confirms_and_the_page_says_what_comes_next(
    installation: Installation, teacher: Teacher
) -> None:
    publish(installation)
    teacher.ask_for_the_letter()
    teacher.open_link("c")

    page = teacher.press_the_button()

    assert page.status == 200
    assert page.heading == "You are in"
    assert MASKED in page.text
    assert "The next letter comes on Thursday, December 17, 2026." in page.text
    assert teacher.browser.follow("main li a").heading == "Share the lead"


def test_without_any_issue_or_slot_the_page_promises_none(teacher: Teacher) -> None:
    assert "Read the newest issue" not in teacher.subscribe().text


def test_confirming_twice_is_harmless(teacher: Teacher) -> None:
    teacher.subscribe()

    again = teacher.browser.post(teacher.link("c"))
    looked = teacher.open_link("c")

    assert again.status == looked.status == 200
    assert again.heading == looked.heading == "You are in"


def test_a_confirmed_teacher_gets_the_letter(installation: Installation, teacher: Teacher) -> None:
    teacher.subscribe()

    publish(installation)

    assert teacher.newest_mail.subject == "Share the lead"


def test_an_unconfirmed_teacher_gets_no_issue(installation: Installation, teacher: Teacher) -> None:
    teacher.ask_for_the_letter()
    assert len(teacher.mail) == 1

    publish(installation)

    (message,) = teacher.mail
    assert message.subject.startswith("Your code for")


@pytest.mark.parametrize("shape", [str, "{} ".format, lambda code: f"{code[:3]} {code[3:]}"])
def test_the_six_digits_confirm_as_well(teacher: Teacher, shape: Callable[[str], str]) -> None:
    teacher.ask_for_the_letter()

    page = teacher.browser.submit("main form", {"code": shape(teacher.code)})

    assert page.status == 200
    assert page.heading == "You are in"
    assert MASKED in page.text


@pytest.mark.parametrize("typed", ["000000", "", "12345", "١٢٣٤٥٦", "1\r\n2\0", "9" * 5000])
def test_digits_that_do_not_fit_can_be_typed_again(teacher: Teacher, typed: str) -> None:
    teacher.ask_for_the_letter()

    page = teacher.browser.submit("main form", {"code": typed})

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "These digits do not fit" in page.text
    assert page.one("#code").get("aria-invalid") == "true"
    assert teacher.browser.submit("main form", {"code": teacher.code}).heading == "You are in"


def test_digits_of_one_address_do_not_confirm_another(installation: Installation) -> None:
    one, other = Teacher(installation, "ann@revere.example"), Teacher(installation)
    one.ask_for_the_letter()
    other.ask_for_the_letter()

    page = other.browser.submit("main form", {"code": one.code})

    assert page.status == 422


@pytest.mark.parametrize("address", ["", "nobody@springfield.example", "not an address\0"])
def test_digits_for_an_address_that_never_asked_get_the_same_no(
    installation: Installation, address: str
) -> None:
    browser = PageClient(installation.app)

    page = browser.post("/confirm-code/", {"address": address, "code": "123456"})

    assert page.status == 422
    assert "These digits do not fit" in page.text


def test_after_ten_wrong_tries_only_the_link_works(teacher: Teacher) -> None:
    teacher.ask_for_the_letter()
    wrong = "000000" if teacher.code != "000000" else "000001"
    for _ in range(10):
        teacher.browser.submit("main form", {"code": wrong})

    page = teacher.browser.submit("main form", {"code": teacher.code})

    assert page.status == 422
    teacher.open_link("c")
    assert teacher.press_the_button().heading == "You are in"


@pytest.mark.parametrize(("typed", "words"), SLIPS)
def test_a_slip_is_named_and_what_was_typed_stays(
    installation: Installation, typed: str, words: str
) -> None:
    browser = PageClient(installation.app)

    page = browser.post("/subscribe/", {"address": typed})

    assert page.status == 422
    assert page.title.startswith("Error: ")
    field = page.one("#address")
    assert field.get("value") == "".join(filter(str.isprintable, typed))
    assert field.get("aria-invalid") == "true"
    described = (field.get("aria-describedby") or "").split()
    assert words in text_of(page.one(f"#{described[0]}"))
    assert page.one(".summary a").get("href") == "#address"
    assert installation.outbox() == ()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  teacher@springfield.example ", "teacher@springfield.example"),
        ("o\u2019brien@Springfield.EXAMPLE", "o'brien@springfield.example"),
        ("lehrer@sch\u00fcle.example", "lehrer@xn--schle-mva.example"),
    ],
)
def test_what_phones_and_languages_do_to_an_address_is_understood(
    installation: Installation, typed: str, kept: str
) -> None:
    page = PageClient(installation.app).post("/subscribe/", {"address": typed})

    assert page.status == 200
    assert [message.recipient for message in installation.outbox()] == [kept]


def test_the_answer_is_the_same_whatever_we_know_of_an_address(
    installation: Installation, teacher: Teacher
) -> None:
    answers = [visible_answer(teacher.ask_for_the_letter())]
    answers.append(visible_answer(teacher.ask_for_the_letter()))
    disowning = teacher.link("w")
    teacher.subscribe()
    answers.append(visible_answer(teacher.ask_for_the_letter()))
    publish(installation)
    teacher.open_link("u")
    teacher.press_the_button()
    answers.append(visible_answer(teacher.ask_for_the_letter()))
    teacher.browser.post(disowning)
    answers.append(visible_answer(teacher.ask_for_the_letter()))

    assert all(answer == answers[0] for answer in answers)


def test_someone_who_has_the_letter_already_is_told_so_by_mail(teacher: Teacher) -> None:
    teacher.subscribe()

    teacher.ask_for_the_letter()

    assert teacher.newest_mail.subject == "You already get Teachers’ Top Three"


def test_the_answer_does_not_tell_that_a_limit_was_reached(installation: Installation) -> None:
    addresses = [f"teacher-{number:02}@springfield.example" for number in range(25)]
    browser = PageClient(installation.app)

    pages = [browser.post("/subscribe/", {"address": address}) for address in addresses]

    bodies = {
        page.body.replace(address.encode(), b"")
        for page, address in zip(pages, addresses, strict=True)
    }
    assert len(bodies) == 1
    assert len(installation.outbox()) == 20


def test_one_address_gets_one_message_in_ten_minutes(teacher: Teacher) -> None:
    for _ in range(5):
        teacher.ask_for_the_letter()

    assert len(teacher.mail) == 1


def test_a_machine_that_fills_in_every_field_gets_the_same_answer_and_nothing_else(
    installation: Installation, teacher: Teacher
) -> None:
    teacher.browser.get("/")

    page = teacher.browser.submit(
        "form.join", {"address": teacher.address, "comment": "Buy watches"}
    )

    assert installation.outbox() == ()
    assert visible_answer(page) == visible_answer(teacher.ask_for_the_letter())


def test_people_do_not_meet_the_field_for_machines(installation: Installation) -> None:
    page = PageClient(installation.app).get("/")

    field = page.one("input[name=comment]")
    assert field.get("type") == "text"
    assert field.get("tabindex") == "-1"
    assert field.get("autocomplete") == "off"
    assert page.select(".trap[aria-hidden=true] input[name=comment]") == [field]


def test_what_a_stranger_typed_besides_the_address_is_in_no_message(
    installation: Installation, teacher: Teacher
) -> None:
    teacher.browser.post(
        "/subscribe/", {"address": teacher.address, "name": "Win a phone", "subject": "Now"}
    )

    message = teacher.newest_mail
    assert "Win a phone" not in message.text + message.html + message.subject


def test_an_expired_link_offers_a_fresh_one(installation: Installation, teacher: Teacher) -> None:
    teacher.ask_for_the_letter()
    link = teacher.link("c")
    installation.clock.advance(timedelta(days=8))

    page = teacher.browser.get(link)
    teacher.browser.submit("form.join", {"address": teacher.address})

    assert page.status == 410
    assert page.heading == "This link no longer works"
    assert len(teacher.mail) == 2


def test_an_expired_button_confirms_nothing(installation: Installation, teacher: Teacher) -> None:
    teacher.ask_for_the_letter()
    teacher.open_link("c")
    installation.clock.advance(timedelta(days=8))

    assert teacher.press_the_button().status == 410


def test_a_link_that_was_cut_changed_or_made_for_something_else_is_refused(
    teacher: Teacher,
) -> None:
    teacher.ask_for_the_letter()
    good, other = teacher.link("c"), teacher.link("w")
    token = good.split("/")[2]
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    useless = ["x", token[:-1], token[1:], flipped, token + "A", other.split("/")[2], "x" * 4000]

    pages = [
        page
        for bad in useless
        for page in (teacher.browser.get(f"/c/{bad}/"), teacher.browser.post(f"/c/{bad}/"))
    ]

    assert {(page.status, page.heading) for page in pages} == {(404, "This link does not work")}
    assert len({page.body for page in pages}) == 1
    assert teacher.browser.get(good).status == 200


def test_an_old_confirmation_does_not_bring_back_someone_who_left(
    installation: Installation, teacher: Teacher
) -> None:
    # The day before a slot: the link must still be young when the issue has come.
    installation.clock.advance(timedelta(days=9))
    teacher.ask_for_the_letter()
    confirmation = teacher.link("c")
    teacher.browser.post(confirmation)
    publish(installation)
    teacher.browser.post(teacher.link("u"))

    page = teacher.browser.post(confirmation)

    assert page.status == 404
    assert teacher.open_link("u").heading == "You have left already"


def test_who_did_not_sign_up_is_never_written_to_again(
    installation: Installation, teacher: Teacher
) -> None:
    teacher.ask_for_the_letter()

    page = teacher.open_link("w")
    done = teacher.press_the_button()

    assert [button.text for button in page.select("main button")] == [DISOWN]
    assert MASKED in page.text
    assert done.heading == "Done"
    installation.clock.advance(timedelta(days=40))
    teacher.ask_for_the_letter()
    assert len(teacher.mail) == 1


def test_saying_twice_that_it_was_someone_else_is_harmless(teacher: Teacher) -> None:
    teacher.ask_for_the_letter()
    teacher.browser.post(teacher.link("w"))

    assert teacher.browser.post(teacher.link("w")).heading == "Done"
    assert teacher.open_link("w").heading == "Done"


def test_the_link_for_strangers_says_when_it_is_too_old_or_unknown(
    installation: Installation, teacher: Teacher
) -> None:
    teacher.ask_for_the_letter()
    confirmation = teacher.link("c").split("/")[2]
    installation.clock.advance(timedelta(days=61))

    assert teacher.open_link("w").status == 410
    assert teacher.browser.get("/w/x/").status == 404
    assert teacher.browser.post(f"/w/{confirmation}/").status == 404


def test_the_words_that_are_recorded_stand_on_the_pages(teacher: Teacher) -> None:
    form = text_of(teacher.browser.get("/").one("form.join"))

    asked = teacher.ask_for_the_letter()

    button, promise = SUBSCRIBE.split(". ", 1)
    assert f"{button} {promise}" in form
    assert [each.text for each in asked.select("main form button")] == [CONFIRM_BY_CODE]


def test_the_form_stands_on_a_page_of_its_own_too(teacher: Teacher) -> None:
    teacher.browser.get("/subscribe/")

    page = teacher.browser.submit("form.join", {"address": teacher.address})

    assert page.heading == "Check your inbox"
