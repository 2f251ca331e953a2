"""Single sign-on by keyboard, in a real browser, at a provider that is not of our making."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.support.accessibility import assert_accessible
from tests.support.network import LOOPBACK, free_port
from tests.support.server import Server
from tests.support.watching import wait_until

ACCOUNT = "account-7"
ANA = {"sub": ACCOUNT, "email": "ana@desk.example", "email_verified": True}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider in a process of its own."""
    port = free_port()
    module = [sys.executable, "-m", "oidc_provider_mock", "-H", LOOPBACK, "-p", str(port)]
    command = [*module, "--require-nonce", "--user-claims", json.dumps(ANA)]
    provider = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: listens(port))
    yield f"http://{LOOPBACK}:{port}"
    provider.terminate()
    provider.wait()


def listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def desk(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service with an editor whom the provider knows; where it is."""
    settings = {
        "TOPTHREE_OIDC_ISSUER": issuer,
        "TOPTHREE_OIDC_CLIENT_ID": "desk",
        "TOPTHREE_OIDC_CLIENT_SECRET": "a secret",
        "TOPTHREE_OIDC_NAME": "your agency account",
    }
    server = Server(tmp_path_factory.mktemp("single-sign-on") / "house", settings)
    settings["TOPTHREE_PUBLIC_URL"] = server.url
    server.start()
    subprocess.run(
        [sys.executable, "-m", "topthree", "editors", "add", str(ANA["email"]), "--name", "Ana"],
        env=os.environ | settings | {"TOPTHREE_INSTANCE": str(server.instance)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    yield server.url
    server.stop()


@contextmanager
def page_at(browser: Browser, url: str, *, with_script: bool = True) -> Iterator[Page]:
    """Open a page that may leave for the provider, and for nowhere else."""
    with browser.new_context(
        base_url=url, java_script_enabled=with_script, reduced_motion="reduce"
    ) as context:
        context.route("**/*", stay_here)
        context.set_default_timeout(4000)
        yield context.new_page()


def stay_here(route: Route) -> None:
    if route.request.url.startswith(f"http://{LOOPBACK}:"):
        route.continue_()
    else:
        route.abort()


@pytest.mark.parametrize("with_script", [True, False])
def test_an_editor_signs_in_with_the_account_of_their_agency(
    desk: str, browser: Browser, *, with_script: bool
) -> None:
    with page_at(browser, desk, with_script=with_script) as page:
        page.goto("/desk/bank/")
        page.get_by_role("button", name="Sign in with your agency account").press("Enter")
        page.get_by_role("button", name=ACCOUNT).press("Enter")
        page.get_by_role("heading", name="Back from your agency account").wait_for()
        if with_script:
            assert_accessible(page, "light", "dark")
        page.get_by_role("button", name="Open the desk").press("Enter")
        page.get_by_role("link", name="Ana, writer").wait_for()

        assert page.url == f"{desk}/desk/bank/"


def test_an_editor_who_says_no_at_the_provider_is_back_at_the_door(
    desk: str, browser: Browser
) -> None:
    with page_at(browser, desk) as page:
        page.goto("/desk/")
        page.get_by_role("button", name="Sign in with your agency account").press("Enter")
        page.get_by_role("button", name="Deny").press("Enter")

        page.get_by_text("said no to signing in at the desk").wait_for()
        assert_accessible(page, "light", "dark")
        assert page.get_by_role("button", name="Send me a link and a code").count() == 1
