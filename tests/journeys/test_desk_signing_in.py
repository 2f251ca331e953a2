"""An editor comes in: by the link, by the six digits, and to the page they wanted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.support.client import PageClient
from tests.support.colleague import Colleague
from tests.support.databases import Databases
from tests.support.installation import Installation, dismantle, install
from tests.support.page import text_of
from topthree.domain.editors.permission import Role
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.editors.sign_in import make_sign_in_token
from topthree.web.database import db

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/desk/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/desk/\\evil.example",
    "/desk//evil.example",
    "/desk/../issues/",
    "/desk/%2e%2e/issues/",
    "/desk/..%2fissues/",
    "/desk/%5c%5cevil.example",
    "/desk/%2f%2fevil.example",
    "/desk@evil.example",
    "/deskevil",
    "desk/",
    "/desk/\t/evil.example",
    "/desk/\r\nLocation: https://evil.example",
    "javascript:alert(1)",
    f"/desk/{'x' * 2_000}",
    "data:text/html,hello",
    "https:evil.example",
    "http:///desk/",
    "/desk/#//evil.example",
    " /desk/issues/",
    "",
)


@pytest.fixture
def ana(installation: Installation) -> Colleague:
    return Colleague(installation, "Ana", Role.WRITER)


def test_the_link_of_the_message_shows_whom_it_signs_in_and_one_button(ana: Colleague) -> None:
    ana.ask_to_sign_in()

    page = ana.browser.get(ana.link)

    assert page.heading == "Sign in as Ana"
    assert len(page.select("button")) == 1
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in page.headers


def test_pressing_the_button_opens_the_desk(ana: Colleague) -> None:
    page = ana.sign_in_by_mail()

    assert (page.path, page.heading) == ("/desk/", "The next six")
    assert "Ana, writer" in page.text


def test_looking_at_the_link_twice_uses_nothing_up(ana: Colleague) -> None:
    ana.ask_to_sign_in()
    ana.browser.get(ana.link)
    ana.browser.flask.head(ana.link)

    ana.browser.get(ana.link)
    page = ana.browser.submit("main form")

    assert page.heading == "The next six"


def test_a_link_works_once(installation: Installation, ana: Colleague) -> None:
    ana.sign_in_by_mail()

    page = PageClient(installation.app).get(ana.link)

    assert page.status == 404
    assert page.title.startswith("Error: ")
    assert "works once, for fifteen minutes" in page.text
    assert page.select("input[name=address]")


def test_a_link_works_for_fifteen_minutes(installation: Installation, ana: Colleague) -> None:
    ana.ask_to_sign_in()
    link = ana.link
    installation.clock.advance(timedelta(minutes=16))

    page = ana.browser.get(link)

    assert page.status == 404


@pytest.mark.parametrize("token", ["nonsense", "AAAA.BBBB", "%00", "x" * 3000])
def test_a_link_that_is_not_ours_says_what_to_do(installation: Installation, token: str) -> None:
    page = PageClient(installation.app).get(f"/desk/sign-in/{token}/")

    assert page.status == 404
    assert "Type your address and we send a fresh one" in page.text


def test_a_used_link_cannot_be_posted_again(installation: Installation, ana: Colleague) -> None:
    ana.sign_in_by_mail()

    stranger = PageClient(installation.app)
    page = stranger.post(ana.link)

    assert page.status == 404
    assert stranger.get("/desk/").heading == "Sign in to the desk"


def test_the_six_digits_lead_to_the_page_that_was_asked_for(ana: Colleague) -> None:
    ana.ask_to_sign_in(follow="/desk/issues/")

    page = ana.browser.submit("main form", {"code": ana.code})

    assert (page.path, page.heading) == ("/desk/issues/", "Issues")


def test_the_link_leads_there_as_well_in_whichever_browser_it_is_opened(
    installation: Installation, ana: Colleague
) -> None:
    ana.ask_to_sign_in(follow="/desk/bank/?state=idea")
    phone = PageClient(installation.app)
    phone.get(ana.link)

    page = phone.submit("main form")
    again = phone.get(ana.link)
    pressed_twice = phone.post(ana.link)

    assert "bank" not in ana.link
    assert (page.path, again.path, pressed_twice.path) == ("/desk/bank/?state=idea",) * 3


def test_a_link_that_came_too_late_keeps_the_page_for_the_next_one(
    installation: Installation, ana: Colleague
) -> None:
    ana.ask_to_sign_in(follow="/desk/bank/")
    late = ana.link
    installation.clock.advance(timedelta(minutes=16))

    ana.browser.get(late)
    ana.browser.submit('form[action="/desk/sign-in/"]', {"address": ana.editor.address})
    ana.browser.get(ana.link)
    page = ana.browser.submit("main form")

    assert page.path == "/desk/bank/"


def test_wrong_digits_are_shown_again_with_what_to_do(ana: Colleague) -> None:
    ana.ask_to_sign_in()

    page = ana.browser.submit("main form", {"code": "12 <b>"})

    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.one("#code").get("value") == "12 <b>"
    assert page.one("#code").get("aria-invalid") == "true"
    assert "These digits do not sign you in" in text_of(page.one("#code-wrong"))


def test_guessing_digits_ends_after_a_few(ana: Colleague) -> None:
    ana.ask_to_sign_in()
    wrong = f"{(int(ana.code) + 1) % 10**6:06}"
    for _ in range(5):
        ana.browser.submit("main form", {"code": wrong})

    page = ana.browser.submit("main form", {"code": ana.code})

    assert page.status == 422


def test_the_answer_does_not_tell_who_works_here(
    installation: Installation, ana: Colleague
) -> None:
    known = ana.ask_to_sign_in()
    stranger = PageClient(installation.app)
    stranger.get("/desk/")
    unknown = stranger.submit("main form", {"address": "ann@desk.example"})

    assert known.status == unknown.status == 200
    assert known.source.replace("ana@", "ann@") == unknown.source
    assert not [mail for mail in installation.outbox() if mail.recipient == "ann@desk.example"]


def ask_from(installation: Installation, ip: str, address: str = "ana@desk.example") -> None:
    """Type the address at the door, from a computer with this IP address."""
    asked = installation.app.test_client().post(
        "/desk/sign-in/", data={"address": address}, environ_overrides={"REMOTE_ADDR": ip}
    )
    assert asked.status_code == 200


def test_asking_does_the_same_work_for_editors_and_for_strangers(
    installation: Installation, ana: Colleague
) -> None:
    def work(address: str, ip: str) -> list[str]:
        done: list[str] = []

        def note(*arguments: object) -> None:
            done.append(str(arguments[2]).split(maxsplit=1)[0])

        with installation.app.app_context():
            event.listen(db.engine, "before_cursor_execute", note)
            ask_from(installation, ip, address)
            event.remove(db.engine, "before_cursor_execute", note)
        return done

    unknown = work("nobody@desk.example", "192.0.2.1")
    first, second = work(ana.editor.address, "192.0.2.1"), work(ana.editor.address, "192.0.2.1")

    assert unknown.count("INSERT") == 3
    assert unknown == first == second


def test_a_stranger_who_asks_again_and_again_keeps_no_link_from_an_editor(
    installation: Installation, ana: Colleague
) -> None:
    for number in range(30):
        ask_from(installation, f"198.51.{number}.1")
    of_the_stranger = len(installation.outbox())
    installation.clock.advance(timedelta(minutes=2, seconds=1))

    page = ana.sign_in_by_mail()

    assert of_the_stranger == 1
    assert page.heading == "The next six"


def test_the_link_that_a_stranger_asked_for_signs_the_editor_in_as_well(
    installation: Installation, ana: Colleague
) -> None:
    ask_from(installation, "198.51.100.1")
    older = ana.link
    installation.clock.advance(timedelta(minutes=3))
    ask_from(installation, "198.51.100.1")

    ana.browser.get(older)
    page = ana.browser.submit("main form")

    assert len(installation.outbox()) == 2
    assert page.heading == "The next six"


def test_the_link_that_waits_already_leads_to_the_page_that_was_asked_for_last(
    installation: Installation, ana: Colleague
) -> None:
    ana.ask_to_sign_in(follow="/desk/issues/")
    ana.ask_to_sign_in(follow="/desk/bank/")

    ana.browser.get(ana.link)
    page = ana.browser.submit("main form")

    assert len(installation.outbox()) == 1
    assert page.path == "/desk/bank/"


def test_who_has_used_a_link_gets_another_at_once(ana: Colleague) -> None:
    ana.sign_in_by_mail()
    ana.browser.submit("form.me")

    assert ana.sign_in_by_mail().heading == "The next six"


def test_a_link_printed_at_the_terminal_keeps_no_message_back(
    installation: Installation, ana: Colleague
) -> None:
    address = EmailAddress(local="ana", domain="desk.example")
    with installation.wiring.writing() as session:
        make_sign_in_token(session, installation.wiring.tokens, address, installation.clock())

    assert ana.sign_in_by_mail().heading == "The next six"


def test_one_network_asks_twenty_times_an_hour(installation: Installation) -> None:
    names = [f"Editor-{number}" for number in range(22)]
    for name in names:
        installation.add_editor(name, Role.WRITER)
        ask_from(installation, "198.51.100.7", f"{name}@desk.example")
    of_the_hour = len(installation.outbox())
    installation.clock.advance(timedelta(hours=1))

    ask_from(installation, "198.51.100.8", "Editor-21@desk.example")

    assert of_the_hour == 20
    assert installation.outbox()[0].recipient == "editor-21@desk.example"


def test_more_links_buy_nobody_more_guesses_and_the_link_still_works(
    installation: Installation, ana: Colleague
) -> None:
    for _ in range(5):
        ana.ask_to_sign_in()
        wrong = f"{(int(ana.code) + 1) % 10**6:06}"
        for _ in range(5):
            ana.browser.submit("main form", {"code": wrong})
        installation.clock.advance(timedelta(minutes=3))
    ana.ask_to_sign_in()

    by_code = ana.browser.submit("main form", {"code": ana.code})
    ana.browser.get(ana.link)
    by_link = ana.browser.submit("main form")

    assert by_code.status == 422
    assert by_link.heading == "The next six"


def test_an_address_with_a_slip_is_shown_again(installation: Installation) -> None:
    browser = PageClient(installation.app)
    browser.get("/desk/sign-in/")

    page = browser.submit("main form", {"address": "ana.desk.example<script>"})

    assert page.status == 422
    assert page.one("#address").get("value") == "ana.desk.example<script>"
    assert "There is an “@” missing" in text_of(page.one("#address-wrong"))


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(ana: Colleague, elsewhere: str) -> None:
    ana.ask_to_sign_in()
    fields = {"address": ana.editor.address, "code": ana.code, "next": elsewhere}

    answer = ana.browser.flask.post("/desk/sign-in/code/", data=fields)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/desk/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "/desk//evil.example"])
def test_the_link_leads_nowhere_else_whoever_asked_for_it(ana: Colleague, elsewhere: str) -> None:
    ana.browser.post("/desk/sign-in/", {"address": ana.editor.address, "next": elsewhere})

    answer = ana.browser.flask.post(ana.link)

    assert answer.headers["Location"] == "/desk/"


def test_the_wanted_page_keeps_its_query(ana: Colleague) -> None:
    ana.ask_to_sign_in()
    fields = {"address": ana.editor.address, "code": ana.code, "next": "/desk/?said=saved"}

    answer = ana.browser.flask.post("/desk/sign-in/code/", data=fields)

    assert answer.headers["Location"] == "/desk/?said=saved"


def test_a_form_of_another_site_signs_nobody_in(installation: Installation, ana: Colleague) -> None:
    ana.ask_to_sign_in()
    victim = PageClient(installation.app)
    foreign = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://["},
    )

    pages = [victim.post(ana.link, headers=headers) for headers in foreign]

    assert [page.status for page in pages] == [403, 403, 403]
    assert victim.get("/desk/").heading == "Sign in to the desk"


def test_a_clock_that_goes_back_and_comes_right_signs_nobody_out(
    installation: Installation, ana: Colleague
) -> None:
    ana.sign_in()

    headings = []
    for hours in (-1, 1):
        installation.clock.advance(timedelta(hours=hours))
        headings.append(ana.browser.get("/desk/").heading)

    assert headings == ["The next six", "The next six"]


def test_the_cookie_is_kept_from_scripts_and_other_sites(ana: Colleague) -> None:
    ana.ask_to_sign_in()

    answer = ana.browser.flask.post(ana.link)

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("desk=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_is_bound_to_this_host_alone_and_lasts_as_the_session(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    settings = {"TOPTHREE_PUBLIC_URL": "https://letters.example", "TOPTHREE_SESSION_HOURS": "2"}
    for url in sqlite_databases.fresh():
        house = install(tmp_path / "house", url, **settings)
        house.add_editor("Ana", Role.WRITER)
        address = EmailAddress(local="ana", domain="desk.example")
        with house.wiring.writing() as session:
            token = make_sign_in_token(session, house.wiring.tokens, address, house.clock())

        answer = house.app.test_client().post(f"/desk/sign-in/{token}/")
        dismantle(house)

        name, _, rest = answer.headers["Set-Cookie"].partition("=")
        parts = set(rest.split("; ")[1:])
        assert name == "__Host-desk"
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7200"} <= parts
        assert not any(part.startswith("Domain") for part in parts)


def test_signing_out_ends_the_session_itself(installation: Installation, ana: Colleague) -> None:
    ana.sign_in_by_mail()
    cookie = ana.browser.flask.get_cookie("desk")
    assert cookie is not None

    page = ana.browser.submit("form.me")
    thief = PageClient(installation.app)
    thief.flask.set_cookie("desk", cookie.value)

    assert "You are signed out" in page.text
    assert thief.get("/desk/").heading == "Sign in to the desk"


def test_a_session_lasts_twelve_hours(installation: Installation, ana: Colleague) -> None:
    ana.sign_in_by_mail()

    installation.clock.advance(timedelta(hours=12, minutes=1))

    assert ana.browser.get("/desk/").heading == "Sign in to the desk"


def test_who_is_signed_in_does_not_see_the_door(ana: Colleague) -> None:
    ana.sign_in_by_mail()

    page = ana.browser.get("/desk/sign-in/?next=/desk/editors/")

    assert page.heading == "Editors"


def test_a_session_ends_half_an_hour_after_anybody_was_there(
    installation: Installation, ana: Colleague
) -> None:
    ana.sign_in_by_mail()
    for _ in range(3):
        installation.clock.advance(timedelta(minutes=29))
        assert ana.browser.get("/desk/").heading == "The next six"

    installation.clock.advance(timedelta(minutes=31))

    assert ana.browser.get("/desk/").heading == "Sign in to the desk"


def test_what_a_script_asks_for_by_itself_keeps_no_session_alive(
    installation: Installation, ana: Colleague
) -> None:
    ana.sign_in_by_mail()
    path = ana.write_issue()
    csrf = ana.browser.page.select("input[name=csrf]")[0].get("value", "")
    for _ in range(3):
        installation.clock.advance(timedelta(minutes=11))
        ana.browser.flask.post(f"{path}presence/", data={"csrf": csrf, "tab": "a"})

    assert ana.browser.get("/desk/").heading == "Sign in to the desk"


def test_everybody_sees_where_they_are_signed_in_and_ends_it_there(ana: Colleague) -> None:
    ana.sign_in_by_mail()
    phone = ana.browser
    ana.browser = PageClient(phone.flask.application)
    ana.sign_in_by_mail()

    listed = ana.browser.get("/desk/me/")
    page = ana.browser.submit('form[action$="/end/"]')

    assert len(listed.select("tbody tr")) == 2
    assert "Signed out there." in page.text
    assert phone.get("/desk/").heading == "Sign in to the desk"
    assert ana.browser.get("/desk/").heading == "The next six"


def test_everywhere_else_is_ended_by_one_button(ana: Colleague) -> None:
    others = []
    for _ in range(2):
        ana.sign_in_by_mail()
        others.append(ana.browser)
        ana.browser = PageClient(ana.browser.flask.application)
    ana.sign_in_by_mail()
    ana.browser.get("/desk/me/")

    page = ana.browser.submit('form[action$="/end-others/"]')

    assert "Signed out everywhere but here." in page.text
    assert {each.get("/desk/").heading for each in others} == {"Sign in to the desk"}


def test_nobody_ends_the_session_of_another(installation: Installation, ana: Colleague) -> None:
    ana.sign_in_by_mail()
    ben = Colleague(installation, "Ben", Role.WRITER)
    ben.sign_in_by_mail()
    csrf = ben.browser.get("/desk/").select("input[name=csrf]")[0].get("value", "")

    refused = ben.browser.post("/desk/me/sessions/1/end/", {"csrf": csrf})

    assert refused.status == 404
    assert ana.browser.get("/desk/").heading == "The next six"


def test_each_sign_in_has_a_secret_of_its_own_and_ends_the_one_before_it(ana: Colleague) -> None:
    ana.sign_in_by_mail()
    before = ana.browser.flask.get_cookie("desk")
    asking = {"address": ana.editor.address}
    PageClient(ana.browser.flask.application).post("/desk/sign-in/", asking)
    ana.browser.get(ana.link)
    ana.browser.submit("main form")
    thief = PageClient(ana.browser.flask.application)
    assert before is not None
    thief.flask.set_cookie("desk", before.value)

    after = ana.browser.flask.get_cookie("desk")

    assert after is not None
    assert after.value != before.value
    assert thief.get("/desk/").heading == "Sign in to the desk"
