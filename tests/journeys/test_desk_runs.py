"""Following a run at the desk: how far it is, stopping it, deciding, and who got it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import opened_page
from tests.support.colleague import Colleague
from tests.support.faults import Fault, Phase
from tests.support.going_out import AUDIENCE, begin_run, come_in, send_all_that_is_due, spoil
from tests.support.installation import Installation, dismantle, install
from tests.support.page import Page, text_of
from tests.support.relay import Relay
from tests.support.reports import Report, dsn
from tests.support.sending import send_what_is_due
from tests.support.served import served
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.ids import RunId, SubscriberId
from topthree.services.feedback.heed_feedback import heed_message
from topthree.services.sending.bounce_address import bounce_sender
from topthree.services.sending.steer_run import pause_run
from topthree.services.subscribers.unsubscribe import unsubscribe
from topthree.tokens import Purpose

RUN = "/desk/runs/1/"
GOT_IT, HELD = "ben@mail.example", "maybe@slow.example"


@pytest.fixture
def house(database_url: str, tmp_path: Path, relay: Relay) -> Iterator[Installation]:
    """An installation that keeps what is uncertain for an editor to decide."""
    installation = install(
        tmp_path / "instance",
        database_url,
        TOPTHREE_SMTP_URL=relay.url,
        TOPTHREE_ON_UNCERTAIN="hold",
    )
    yield installation
    dismantle(installation)


@pytest.fixture
def run_id(house: Installation) -> RunId:
    return begin_run(house)


@pytest.fixture
def ended(house: Installation, relay: Relay, run_id: RunId) -> RunId:
    """A run with everything in it that can happen to somebody; one of them has left."""
    spoil(relay)
    now, tokens = house.clock(), house.wiring.tokens
    with house.wiring.writing() as session:
        token = tokens.sign(Purpose.UNSUBSCRIBE, 2, now)
        unsubscribe(session, tokens, token, by_one_click=True, now=now)
    send_all_that_is_due(house, run_id)
    return run_id


def figures(page: Page) -> dict[str, str]:
    """Return the figures on the screen, by what they are called."""
    names = [text_of(each) for each in page.select(".counts dt")]
    return dict(
        zip(
            names,
            [text_of(each, without=["small"]) for each in page.select(".counts dd")],
            strict=True,
        )
    )


def rows_of(page: Page, body: str) -> list[list[str]]:
    """Return the cells of a table's body."""
    return [[text_of(cell) for cell in row] for row in page.one(body).iter("tr")]


def send_some(house: Installation, run_id: RunId, count: int) -> None:
    answers = iter([False] * (count + 1))
    send_what_is_due(house.wiring, run_id, lambda: next(answers, True))


def test_a_run_under_way_says_how_far_and_how_fast_it_is(
    house: Installation, run_id: RunId
) -> None:
    send_some(house, run_id, 3)
    house.clock.advance(timedelta(seconds=30))
    pat = come_in(house, "Pat", Role.WRITER)

    page = pat.get(RUN)

    accepted = int(figures(page)["Accepted by the relay"])
    assert 0 < accepted < len(AUDIENCE)
    assert f"{accepted} of 8 accepted" in page.text
    assert f"{accepted * 2} a minute over the last minute. At that pace" in page.text
    assert "Figures of 6:00:30 am EST" in page.text


def test_when_nothing_was_accepted_lately_the_time_left_is_not_guessed(
    house: Installation, run_id: RunId
) -> None:
    pat = come_in(house, "Pat", Role.WRITER)

    page = pat.get(RUN)

    assert "How long it takes cannot be said: nothing was accepted in the last minute." in page.text


def test_what_came_back_is_counted_on_the_page(house: Installation, run_id: RunId) -> None:
    pat = come_in(house, "Pat", Role.WRITER)
    before = figures(pat.get(RUN))
    with_mailbox = replace(house.wiring, bounce_address="bounces@letters.example")
    for subscriber_id, status in ((1, "5.1.1"), (2, "5.2.2"), (3, "5.2.2")):
        to = bounce_sender(with_mailbox, run_id, SubscriberId(subscriber_id))
        heed_message(house.wiring, dsn(Report(to=to, status=status, diagnostic="")))

    after = figures(pat.get(RUN))

    assert "Came back" not in before
    assert (after["Came back"], after["Came back for now"]) == ("1", "2")
    assert "Called it spam" not in after


def test_figures_are_counted_anew_after_a_few_seconds_and_not_before(
    house: Installation, run_id: RunId
) -> None:
    pat = come_in(house, "Pat", Role.WRITER)
    pat.get(RUN)
    send_some(house, run_id, 3)

    at_once = figures(pat.get(RUN))
    house.clock.advance(timedelta(minutes=1))
    later = figures(pat.get(RUN))

    assert at_once["Accepted by the relay"] == "0"
    assert later["Accepted by the relay"] != "0"


def test_a_writer_pauses_a_run_from_the_board_and_everybody_sees_who_did(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    wes = come_in(house, "Wes", Role.WRITER)
    board = wes.get("/desk/")

    page = wes.submit("main .pause")
    send_what_is_due(house.wiring, run_id)

    assert "0 of 8 accepted" in board.text
    assert "Paused since" in page.text
    assert "Wes paused it." in page.text
    assert "A publisher can let it go on." in page.text
    assert not page.select("main .pause")
    assert not relay.accepted


def test_a_publisher_lets_a_paused_run_go_on(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)
    pat.get(RUN)
    paused = pat.submit("main .pause")

    page = pat.submit("main .pause")
    send_what_is_due(house.wiring, run_id)

    assert "It is paused: nothing leaves. 8 wait for it to go on." in paused.text
    assert "It goes on." in page.text
    assert len(relay.accepted) == 8


def test_stopping_for_good_asks_once_more_and_says_who_will_not_get_it(
    house: Installation, run_id: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)
    send_some(house, run_id, 3)
    pat.get(RUN)

    asked = pat.follow(".danger a")
    accepted = int(text_of(asked.select("strong")[0]))
    page = pat.submit("main form")

    assert asked.heading == "Stop No. 1 for good?"
    assert f"{8 - accepted} will not get it." in asked.text
    assert "Stopped for good" in page.text
    assert "Pat stopped it for good." in page.text
    assert not page.select(".danger")


def test_whoever_was_stopped_can_be_sent_it_after_all(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)
    send_some(house, run_id, 3)
    pat.get(f"{RUN}cancel/")
    pat.submit("main form")
    send_what_is_due(house.wiring, run_id)
    pat.get(RUN)

    asked = pat.follow("a[href$='/missed/']")
    pat.submit("main form")
    send_what_is_due(house.wiring, run_id)

    assert "The run was stopped before their turn." in asked.text
    assert sorted(message.recipients[0] for message in relay.accepted) == sorted(AUDIENCE)


def test_a_page_about_stopping_a_run_that_is_over_offers_nothing(
    house: Installation, run_id: RunId
) -> None:
    send_what_is_due(house.wiring, run_id)
    pat = come_in(house, "Pat", Role.PUBLISHER)

    stopping, missed = pat.get(f"{RUN}cancel/"), pat.get(f"{RUN}missed/")

    assert "It is over already" in stopping.text
    assert "Nobody was missed" in missed.text
    assert not stopping.select("main form")
    assert not missed.select("main form")


def test_those_of_an_ended_run_are_counted_by_what_became_of_them(
    house: Installation, ended: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)

    page = pat.get(RUN)

    assert figures(page) == {
        "Accepted by the relay": "3",
        "Not tried yet": "0",
        "Asked to wait": "1",
        "Waiting for a decision": "1",
        "Refused or given up": "2",
        "Left since the run opened": "1",
    }
    assert "One was asked to wait: it is tried again" in page.text
    assert "Send to the one who was missed" in page.text


def test_domains_with_the_most_that_is_not_accepted_come_first_with_the_relays_words(
    house: Installation, ended: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)

    rows = rows_of(pat.get(RUN), "#run-domains")

    assert rows[0][:7] == ["slow.example", "0", "0", "1", "0", "1", "Asked to wait"]
    assert "451 4.7.1 Greylisted, please try again" in rows[0][7]
    assert rows[1][:6] == ["mail.example", "3", "0", "0", "0", "0"]
    assert rows[2][:7] == ["gone.example", "0", "0", "0", "1", "0", "Refused"]
    assert "550 5.1.1 No such mailbox" in rows[2][7]
    assert "The mailbox does not exist." in rows[2][7]


def test_somebody_decides_whether_the_uncertain_got_it(
    house: Installation, relay: Relay, ended: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)
    pat.get(RUN)

    asked = pat.follow("#run-held a")
    page = pat.submit("main tbody form", button="got-it")

    assert HELD in text_of(asked.one("main tbody"))
    assert "There is nothing to decide" in page.text
    assert figures(pat.get(RUN))["Accepted by the relay"] == "4"


def test_what_is_decided_after_the_end_is_in_the_figures_that_stay(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    relay.add_fault(Fault(phase=Phase.FINAL_DOT, recipient=HELD, drop=True, times=1))
    send_all_that_is_due(house, run_id)
    pat = come_in(house, "Pat", Role.PUBLISHER)
    before = figures(pat.get(RUN))["Accepted by the relay"]
    pat.get(f"{RUN}held/")

    pat.submit("main tbody form", button="got-it")

    everybody = len(AUDIENCE)
    assert (before, figures(pat.get(RUN))["Accepted by the relay"]) == (
        str(everybody - 1),
        str(everybody),
    )


def test_all_the_uncertain_can_be_sent_it_again_at_once(
    house: Installation, relay: Relay, run_id: RunId
) -> None:
    for address in (HELD, GOT_IT):
        relay.add_fault(Fault(phase=Phase.FINAL_DOT, recipient=address, drop=True, times=1))
    send_all_that_is_due(house, run_id)
    pat = come_in(house, "Pat", Role.PUBLISHER)
    pat.get(f"{RUN}held/")

    pat.submit("main .below form", button="send-again")
    send_what_is_due(house.wiring, run_id)

    assert len(relay.sent_to(HELD)) == len(relay.sent_to(GOT_IT)) == 2
    assert len(relay.accepted) == len(AUDIENCE) + 2


def test_a_decision_that_is_not_offered_is_refused(house: Installation, ended: RunId) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)
    mark = pat.get(f"{RUN}held/").select("input[name=csrf]")[0].get("value", "")

    for fields in ({"decision": "got-it"}, {"decision": "x", "person": "5"}, {"person": "-1"}):
        assert pat.post(f"{RUN}held/", {**fields, "csrf": mark}).status == 400


def test_the_people_of_a_run_are_shown_by_outcome_with_the_reason(
    house: Installation, ended: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)
    pat.get(f"{RUN}people/")

    page = pat.submit("form[method=get]", {"outcome": "failed"})

    people = {cells[0]: cells[1] for cells in rows_of(page, "main tbody")}
    assert set(people) == {"gone@gone.example", "policy@strict.example"}
    assert "The mailbox does not exist." in people["gone@gone.example"]


def test_who_does_not_steer_sees_addresses_in_part_but_can_look_one_up(
    house: Installation, ended: RunId
) -> None:
    wes = come_in(house, "Wes", Role.WRITER)

    listed = wes.get(f"{RUN}people/?outcome=nonsense&after=-1")
    found = wes.submit("form[action$='/people/'][method=post]", {"address": GOT_IT.upper()})

    assert "b•••@mail.example" in listed.text
    assert GOT_IT not in listed.text
    assert "Accepted by the relay" in found.text
    assert wes.get(f"{RUN}people.csv").status == 403


@pytest.mark.parametrize(
    ("typed", "said"),
    [("new@mail.example", "This issue was not meant for new@mail.example"), ("ana", "“@” missing")],
)
def test_an_address_that_cannot_be_found_is_said_at_its_field(
    house: Installation, ended: RunId, typed: str, said: str
) -> None:
    wes = come_in(house, "Wes", Role.WRITER)
    wes.get(f"{RUN}people/")

    page = wes.submit("form[action$='/people/'][method=post]", {"address": typed})

    assert said in text_of(page.one("#address-wrong"))
    assert page.title.startswith("Error: ")


def test_the_file_of_people_has_everybody_and_nothing_a_spreadsheet_works_out(
    house: Installation, ended: RunId
) -> None:
    pat = come_in(house, "Pat", Role.PUBLISHER)

    page = pat.get(f"{RUN}people.csv")

    rows = list(csv.reader(io.StringIO(page.source.removeprefix("\ufeff"))))
    by_address = {row[0]: row[1:] for row in rows[1:]}
    assert rows[0] == ["address", "outcome", "reason", "code", "relay's words", "attempts", "time"]
    assert set(by_address) == {*AUDIENCE[:-1], "'=dan@mail.example"}
    assert by_address["gone@gone.example"][:5] == [
        "Refused or given up",
        "The mailbox does not exist.",
        "550",
        "5.1.1 No such mailbox",
        "1",
    ]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_a_run_is_followed_and_stopped_on_a_phone_without_loading_the_page_again(
    installation: Installation, browser: Browser
) -> None:
    run_id = begin_run(installation)
    pat = Colleague(installation, "Pat", Role.PUBLISHER)
    pat.ask_to_sign_in()

    with served(installation) as url, opened_page(browser, url) as page:
        page.set_viewport_size({"width": 320, "height": 640})
        page.goto(pat.link)
        page.get_by_role("button").click()
        page.get_by_role("link", name="No. 1").first.click()
        page.get_by_role("button", name="Keep them still").focus()
        send_some(installation, run_id, 3)
        installation.clock.advance(timedelta(seconds=20))
        page.get_by_role("heading", name="3 of 8 accepted").wait_for()
        focused = page.evaluate("document.activeElement.id")
        pause_run(installation.wiring, run_id, "Wes paused it.", TERMINAL)
        page.get_by_role("status").filter(has_text="Paused. 3 of 8 accepted").wait_for(
            state="attached"
        )
        page.get_by_role("button", name="Let it go on").click()
        said = page.locator(".said").inner_text()
        page.get_by_role("button", name="Pause sending").click()
        paused = page.locator("#run-state").inner_text()

    assert focused == "run-still"
    assert said == "It goes on."
    assert "Pat paused it." in paused
