"""A browser without a screen: Flask's test client, whose every page is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from urllib.parse import urlencode, urljoin

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.support.forms import Entry, Submission, fill_in
from tests.support.page import Page
from tests.support.page_checker import assert_good_page


class PageClient:
    """One person's browser: it keeps cookies, follows redirects and remembers its page.

    Every HTML answer on the way goes through the page checker. Use one client for each person.
    `flask` is the client below, for requests no browser makes.
    """

    def __init__(self, app: Flask, *, base_url: str | None = None) -> None:
        self.flask: FlaskClient = app.test_client()
        self._base_url = base_url
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        """The page on the screen."""
        if self._page is None:
            raise AssertionError("Nothing has been fetched yet.")
        return self._page

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Page:
        """Go to a path, following redirects."""
        return self._visit("GET", path, headers=headers)

    def post(
        self,
        path: str,
        data: Mapping[str, str | Sequence[str]] | bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send exactly this, which need not be what any form would send."""
        return self._visit("POST", path, data=data, headers=headers)

    def submit(
        self,
        form: str,
        entries: Mapping[str, Entry] | None = None,
        *,
        button: str | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Page:
        """Fill in a form of the page on the screen, found by CSS selector, and press its button.

        :param files: name and content of what is chosen in fields for files.
        """
        submission = fill_in(self.page, form, entries or {}, button=button)
        target = urljoin(self.page.path, submission.action)
        if submission.method == "get":
            return self.get(f"{target.partition('?')[0]}?{urlencode(submission.fields)}")
        return self._send(target, submission, files or {})

    def follow(self, link: str) -> Page:
        """Click the one link of the page that the CSS selector finds."""
        target = self.page.one(link).get("href", "")
        return self.get(urljoin(self.page.path, target).partition("#")[0])

    def _send(
        self, target: str, submission: Submission, files: Mapping[str, tuple[str, bytes]]
    ) -> Page:
        data: MultiDict[str, object] = MultiDict(
            (name, value) for name, value in submission.fields if name not in files
        )
        for field, (name, content) in files.items():
            data.add(field, (BytesIO(content), name))
        return self._visit(
            "POST", target, data=data, headers={"Content-Type": submission.content_type}
        )

    def _visit(
        self,
        method: str,
        path: str,
        *,
        data: Mapping[str, str | Sequence[str]] | MultiDict[str, object] | bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        response = self.flask.open(
            path,
            method=method,
            data=data,
            headers=dict(headers or {}),
            base_url=self._base_url,
            follow_redirects=True,
        )
        for step in (*response.history, response):
            self._page = _page_of(step)
            if self._page.is_html:
                assert_good_page(self._page)
        return self.page


def _page_of(response: TestResponse) -> Page:
    return Page(
        path=response.request.full_path.removesuffix("?"),
        status=response.status_code,
        headers=response.headers,
        body=response.get_data(),
    )
