"""Signing in with a passkey, in a real browser with a virtual device (WebAuthn over CDP)."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.support.browser import opened_page
from tests.support.client import PageClient
from tests.support.colleague import Colleague
from tests.support.databases import on_both_databases
from tests.support.installation import Installation, dismantle, install
from tests.support.keyboard import assert_shown, press, type_into
from tests.support.network import LOOPBACK
from topthree.domain.audit.act import Act
from topthree.domain.editors.permission import Role
from topthree.services.audit.log import Wanted, list_entries


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[tuple[Installation, str]]:
    """An installation under the name “localhost”, to which passkeys can be bound."""
    with _port() as port:
        url = f"http://localhost:{port}"
    settings = {"TOPTHREE_PUBLIC_URL": url, "TOPTHREE_PASSKEYS": "yes"}
    installation = install(tmp_path / "house", database_url, **settings)
    server = make_server(LOOPBACK, port, installation.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="passkeys")
    thread.start()
    yield installation, url
    server.shutdown()
    thread.join()
    server.server_close()
    dismantle(installation)


@contextmanager
def _port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        yield probe.getsockname()[1]


@pytest.fixture
def ana(site: tuple[Installation, str]) -> Colleague:
    return Colleague(site[0], "Ana", Role.WRITER)


def sign_in_by_mail(installation: Installation, ana: Colleague, page: Page) -> None:
    ana.ask_to_sign_in()
    text = installation.outbox()[0].text
    path = text.partition("/desk/sign-in/")[2].partition(">")[0]
    page.goto(f"/desk/sign-in/{path}")
    page.get_by_role("button", name="Open the desk").press("Enter")


def add_device(page: Page) -> None:
    """Give the browser a device that keeps passkeys and has just seen its owner's finger."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page: Page, name: str = "Office laptop") -> None:
    page.goto("/desk/me/")
    page.get_by_label("Name of the new passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").press("Enter")
    page.get_by_text("From now on you can sign in with it").wait_for()


def acts(installation: Installation) -> list[str]:
    with installation.wiring.reading() as session:
        return [entry.act for entry in list_entries(session, Wanted(), limit=5).entries]


def test_a_passkey_is_added_signs_in_is_renamed_and_removed_by_keyboard(
    site: tuple[Installation, str], ana: Colleague, browser: Browser
) -> None:
    installation, url = site
    with opened_page(browser, url) as page:
        add_device(page)
        sign_in_by_mail(installation, ana, page)
        press(page, "Ana, writer")
        type_into(page, "Name of the new passkey", "Office laptop")
        press(page, "Add a passkey")
        assert_shown(page, "From now on you can sign in with it")
        press(page, "Sign out")

        press(page, "Sign in with a passkey")
        press(page, "Ana, writer")
        by_passkey = page.get_by_text("by a passkey").count()
        type_into(page, "Name of the passkey Office laptop", "W" * 60)
        press(page, "Rename")
        assert_shown(page, "Renamed.")
        press(page, "Remove")
        page.get_by_text("It signs nobody in any more").wait_for()
        recorded = acts(installation)
        press(page, "Sign out")
        press(page, "Sign in with a passkey")
        assert_shown(page, "This passkey does not sign you in")

    assert by_passkey == 1
    assert recorded == [
        Act.PASSKEY_REMOVED,
        Act.PASSKEY_RENAMED,
        Act.SIGNED_IN,
        Act.SIGNED_OUT,
        Act.PASSKEY_ADDED,
    ]


@on_both_databases
def test_an_answer_is_taken_once_soon_and_only_while_the_count_grows(
    site: tuple[Installation, str], ana: Colleague, browser: Browser
) -> None:
    installation, url = site
    with opened_page(browser, url) as page:
        add_device(page)
        sign_in_by_mail(installation, ana, page)
        add_passkey(page)
        page.context.clear_cookies()
        page.goto("/desk/sign-in/")
        first, second, third, fourth = (answer_of(page) for _ in range(4))
    stranger = PageClient(installation.app)

    def statuses(*answers: str) -> list[int]:
        path = "/desk/sign-in/passkey/"
        return [
            stranger.flask.post(path, data={"answer": answer}).status_code for answer in answers
        ]

    forged = json.loads(third)
    forged["response"]["signature"] = forged["response"]["signature"][:-8] + "AAAAAAAA"
    nonsense = ("", "{}", "[1]", '{"rawId":"x","response":{}}', "x" * 30_000)
    assert statuses(*nonsense) == [422] * len(nonsense)
    # The newest count first: an older answer is then of a key that counts backwards.
    assert statuses(second, second, first) == [303, 422, 422]
    assert statuses(json.dumps(forged), third) == [422, 422]

    installation.clock.advance(timedelta(minutes=6))
    assert statuses(fourth) == [422]


def answer_of(page: Page) -> str:
    """Let the device answer a question of the door, and keep the answer instead of sending it."""
    answer = page.evaluate(
        """async () => {
          const form = document.querySelector("[data-passkey]");
          return new Promise((resolve) => {
            form.submit = () => resolve(form.elements.answer.value);
            form.requestSubmit();
          });
        }"""
    )
    assert isinstance(answer, str)
    return answer


def test_a_passkey_is_added_only_right_after_signing_in(
    site: tuple[Installation, str], ana: Colleague, browser: Browser
) -> None:
    installation, url = site
    with opened_page(browser, url) as page:
        sign_in_by_mail(installation, ana, page)
        installation.clock.advance(timedelta(minutes=16))
        answer = page.request.post(
            f"{url}/desk/me/passkeys/ask/",
            form={"csrf": page.locator("input[name=csrf]").first.input_value()},
        )

        assert answer.status == 409
        assert "right after signing in" in answer.text()


def test_without_a_script_the_door_offers_the_message_alone(
    site: tuple[Installation, str], browser: Browser
) -> None:
    with opened_page(browser, site[1], with_script=False) as page:
        page.goto("/desk/sign-in/")

        assert page.get_by_role("button").all_inner_texts() == ["Send me a link and a code"]


def test_where_passkeys_are_off_nothing_of_them_is_there(installation: Installation) -> None:
    stranger = PageClient(installation.app)

    page = stranger.get("/desk/sign-in/")

    assert "passkey" not in page.source.casefold()
    assert stranger.post("/desk/sign-in/passkey/ask/").status == 404
