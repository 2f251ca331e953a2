"""A real browser, on a short leash: it speaks to the service under test and to nobody else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from werkzeug.datastructures import Headers

from tests.support.page import Page as FetchedPage
from tests.support.page_checker import assert_good_page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever is not on this machine is asked of a proxy that is not there.
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=127.0.0.1;localhost",
)


def find_browser() -> str | None:
    """Return the path of a Chromium of this machine, or None."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def why_not() -> str | None:
    """Return in one line why no test can run in a browser here, or None if they can."""
    if find_browser() is None:
        return "there is no Chromium; `make test` installs it where it may"
    driver = [sys.executable, "-m", "playwright", "--version"]
    if subprocess.run(driver, capture_output=True, check=False).returncode != 0:
        return "Playwright's driver does not start; `make test` installs what it lacks where it may"
    return None


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """Start the browser once; each test opens pages of its own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), headless=True, args=list(_OPTIONS)
        )
        yield browser
        browser.close()


@contextmanager
def opened_page(browser: Browser, origin: str, *, with_script: bool = True) -> Iterator[Page]:
    """Open a page for a new person on the service at `origin`, watched until it is closed.

    Every document it shows goes through the page checker. At the end the test fails if the page
    asked anyone else for anything, had an error in a script, or broke its own security policy.
    """
    context = browser.new_context(
        base_url=origin,
        java_script_enabled=with_script,
        locale="en-US",
        reduced_motion="reduce",
        timezone_id="America/New_York",
    )
    watch = _Watch(context, origin)
    try:
        yield context.new_page()
        watch.catch_up()
    finally:
        context.close()
    watch.assert_nothing_found()


class _Watch:
    """What one person's browser does, without standing in its way."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._context = context
        self._origin = origin
        self._missed: set[str] = set()
        self._findings: list[str] = []
        context.on("request", self._note)
        context.on("requestfinished", self._read)
        context.on("console", lambda message: self._listen(message.text))
        context.on("weberror", lambda error: self._findings.append(f"in a script: {error.error}"))

    def catch_up(self) -> None:
        """Wait for the pages still loading, and fetch once more those that were gone too soon."""
        for page in self._context.pages:
            page.wait_for_load_state()
        for url in self._missed:
            self._check(self._context.request.get(url, max_redirects=0))

    def assert_nothing_found(self) -> None:
        if self._findings:
            raise AssertionError("In the browser:\n" + "\n".join(self._findings))

    def _note(self, request: Request) -> None:
        if _origin_of(request.url) != self._origin:
            self._findings.append(f"asked someone else: {request.url}")

    def _read(self, request: Request) -> None:
        response = request.response()
        if response is None or request.resource_type != "document":
            return
        try:
            self._check(response)
        except PlaywrightError:
            # The browser forgets what came as soon as the next page takes its place. What a POST
            # answers cannot be asked for again.
            if request.method == "GET":
                self._missed.add(request.url)

    def _check(self, response: Response | APIResponse) -> None:
        parts = urlsplit(response.url)
        page = FetchedPage(
            path=f"{parts.path}?{parts.query}" if parts.query else parts.path,
            status=response.status,
            headers=Headers(response.headers),
            body=b"" if 300 <= response.status < 400 else response.body(),
        )
        try:
            if page.is_html:
                assert_good_page(page)
        except AssertionError as complaint:
            self._findings.append(str(complaint))

    def _listen(self, text: str) -> None:
        if "Content Security Policy" in text:
            self._findings.append(text)


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
