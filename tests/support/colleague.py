"""An editor in the tests: comes in, writes, reviews, presses buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.client import PageClient
from tests.support.desk_session import let_in
from tests.support.forms import Entry
from tests.support.installation import Installation, complete_content
from tests.support.page import Page
from topthree.domain.editors.permission import Role
from topthree.domain.writing.issue import IssueContent
from topthree.web.desk.writing.compose_form import FIELDS, form_of

_LINK = re.compile(r"<http://letters\.example(/desk/sign-in/[^>]+)>")
_CODE = re.compile(r"\b(\d{3}) (\d{3})\b")


class Colleague:
    """One person of the desk, with a browser of their own."""

    def __init__(self, installation: Installation, name: str, role: Role) -> None:
        self.editor = installation.add_editor(name, role)
        self.browser = PageClient(installation.app)
        self._installation = installation

    @property
    def link(self) -> str:
        """The path of the newest link that signs this person in."""
        return self._newest(_LINK)[1]

    @property
    def code(self) -> str:
        """The six digits beside it."""
        found = self._newest(_CODE)
        return found[1] + found[2]

    def ask_to_sign_in(self, *, follow: str = "/desk/") -> Page:
        self.browser.get(follow)
        form = 'form[action="/desk/sign-in/"]'
        return self.browser.submit(form, {"address": self.editor.address})

    def sign_in(self) -> Page:
        """Be at the desk in this browser, without the mail that leads there otherwise."""
        self.browser.flask.set_cookie("desk", let_in(self._installation, self.editor))
        return self.browser.get("/desk/")

    def sign_in_by_mail(self) -> Page:
        """Come in by the link, as everybody does the first time."""
        self.ask_to_sign_in()
        self.browser.get(self.link)
        return self.browser.submit("main form")

    def begin_issue(self) -> str:
        """Press “Write an issue” and return the draft's path."""
        self.browser.get("/desk/issues/")
        page = self.browser.submit("main form.row")
        return page.path.partition("?")[0]

    def fill_in(self, entries: Mapping[str, Entry], *, button: str = "save") -> Page:
        """Type into the compose form on the screen and press one of its buttons.

        Asking for approval goes on to the review, where whoever may approve is asked.
        """
        page = self.browser.submit("#compose", entries, button=button)
        if button == "submit" and page.select("form[action$='/submit/']"):
            return self.browser.submit("form[action$='/submit/']")
        return page

    def write_issue(self, content: IssueContent | None = None, *, button: str = "save") -> str:
        """Begin an issue, fill it in, press the button and return the issue's path."""
        path = self.begin_issue()
        self.fill_in(typed(content or complete_content()), button=button)
        return path

    def _newest(self, pattern: re.Pattern[str]) -> re.Match[str]:
        for message in self._installation.outbox():
            match = pattern.search(message.text)
            if message.recipient == self.editor.address and match:
                return match
        raise AssertionError(f"No message to {self.editor.address} has {pattern.pattern}.")


def signed_in(installation: Installation, name: str, role: Role) -> Colleague:
    """Add an editor who is at the desk already."""
    colleague = Colleague(installation, name, role)
    colleague.sign_in()
    return colleague


def typed(content: IssueContent) -> dict[str, Entry]:
    """What a person types into the compose form to write this content."""
    form = form_of(content)
    return {name: form[name] for name in FIELDS}
