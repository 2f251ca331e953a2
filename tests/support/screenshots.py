"""Take the pictures in docs/screenshots: `make screenshots` does, on sample data."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser

from tests.support.browser import launched_browser
from tests.support.databases import migrate
from tests.support.going_out import AUDIENCE, begin_run, send_all_that_is_due, spoil
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.relay import Relay
from tests.support.served import served
from topthree.domain.editors.permission import Role
from topthree.domain.ids import BankItemId
from topthree.domain.subscribers.address import EmailAddress
from topthree.services.bank.use_bank_item import Place, Putting, put_into_place
from topthree.services.editors.sign_in import make_sign_in_token
from topthree.services.installation.first_start import load_samples
from topthree.services.planning.slots_ahead import slot_choices
from topthree.services.planning.start_issue import start_issue

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "screenshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: which page, how wide, in which colors, and how much of it."""

    name: str
    path: str
    width: int = 1280
    height: int = 860
    scheme: str = "light"


SHOTS = (
    Shot(name="first-page", path="/", height=980),
    Shot(name="issue", path="/issues/2026-11-19/", height=1100),
    Shot(name="issue-dark-phone", path="/issues/2026-11-19/", width=390, scheme="dark"),
    Shot(name="mail", path="/desk/issues/7/preview/mail.html", width=640, height=1100),
    Shot(name="archive", path="/issues/", height=900),
    Shot(name="board", path="/desk/"),
    Shot(name="board-dark", path="/desk/", scheme="dark"),
    Shot(name="bank", path="/desk/bank/"),
    Shot(name="choose-dark", path="/desk/issues/10/places/2/", scheme="dark"),
    Shot(name="compose", path="/desk/issues/8/", height=1100),
    Shot(name="compose-dark", path="/desk/issues/8/", height=1100, scheme="dark"),
    Shot(name="review", path="/desk/issues/8/review/"),
    Shot(name="review-dark", path="/desk/issues/8/review/", scheme="dark"),
    Shot(name="audit", path="/desk/audit/"),
)
#: Taken while an issue goes out.
SHOTS_OF_A_RUN = (
    Shot(name="run", path="/desk/runs/1/", height=1000),
    Shot(name="stop-on-a-phone", path="/desk/", width=390),
)
_SENT, _SCHOOLS, _TEACHERS = 850, 11, 1_200


def main() -> None:
    """Furnish a house with the samples and one that sends, and photograph them."""
    with tempfile.TemporaryDirectory() as folder, Relay() as relay:
        _photograph(_furnished(Path(folder) / "quiet"), SHOTS)
        _photograph(_sending(Path(folder) / "sending", relay), SHOTS_OF_A_RUN)


def _photograph(house: Installation, shots: Sequence[Shot]) -> None:
    with served(house) as url, launched_browser() as browser:
        state = _signed_in(house, browser, url)
        for shot in shots:
            _take(browser, url, shot, state)
    dismantle(house)


def _furnished(folder: Path) -> Installation:
    house = _installed(folder)
    house.clock.now = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)
    ana = house.add_editor("Ana", Role.PUBLISHER)
    with house.wiring.writing() as session:
        load_samples(session, house.wiring, ROOT / "issues")
    house.schedule_approved_issue(complete_content("Who decides? Ask it on a Monday"))
    with house.wiring.writing() as session:
        day = slot_choices(session, house.wiring.cadence, house.clock())[0].day
        issue = start_issue(session, house.wiring.cadence, day, ana, house.clock())
        for item_id, number in ((1, 1), (5, 3)):
            place = Place(issue_id=issue.id, number=number)
            putting = Putting(item_id=BankItemId(item_id), place=place)
            put_into_place(session, putting, ana, house.clock())
    return house


def _sending(folder: Path, relay: Relay) -> Installation:
    house = _installed(folder, TOPTHREE_SMTP_URL=relay.url, TOPTHREE_ON_UNCERTAIN="hold")
    house.add_editor("Ana", Role.PUBLISHER)
    schools = [f"school-{number}.example" for number in range(1, _SCHOOLS)]
    house.add_subscribers(
        *AUDIENCE,
        *(f"teacher-{number}@{schools[number % len(schools)]}" for number in range(_TEACHERS)),
    )
    spoil(relay)
    run_id = begin_run(house)
    turns = iter([False] * _SENT)
    send_all_that_is_due(house, run_id, lambda: next(turns, True))
    house.clock.advance(timedelta(seconds=27))
    return house


def _installed(folder: Path, **environment: str) -> Installation:
    folder.mkdir()
    url = f"sqlite:///{folder}/house.sqlite"
    migrate(url)
    return install(folder / "house", url, **environment)


def _signed_in(house: Installation, browser: Browser, url: str) -> Path:
    address = EmailAddress(local="ana", domain="desk.example")
    with house.wiring.writing() as session:
        token = make_sign_in_token(session, house.wiring.tokens, address, house.clock())
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto(f"/desk/sign-in/{token}/")
    page.get_by_role("button").click()
    state = house.folder / "signed-in.json"
    context.storage_state(path=state)
    context.close()
    return state


def _take(browser: Browser, url: str, shot: Shot, state: Path) -> None:
    context = browser.new_context(
        base_url=url,
        storage_state=state,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        locale="en-US",
    )
    page = context.new_page()
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()


if __name__ == "__main__":
    main()
