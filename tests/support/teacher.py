"""A teacher in the tests: subscribes, reads the mail that came, opens its links."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.support.client import PageClient
from tests.support.installation import Installation
from tests.support.page import Page
from topthree.mail.transports.maildir import OutboxMessage

_CODE = re.compile(r"^ +(\d{3})\s(\d{3})\s*$", re.MULTILINE)


class Teacher:
    """One person with an address and a browser."""

    def __init__(
        self, installation: Installation, address: str = "teacher@springfield.example"
    ) -> None:
        self.address = address
        self.browser = PageClient(installation.app)
        self._installation = installation

    @property
    def mail(self) -> tuple[OutboxMessage, ...]:
        """Every message to this address, newest first."""
        return tuple(
            message for message in self._installation.outbox() if message.recipient == self.address
        )

    @property
    def newest_mail(self) -> OutboxMessage:
        if not self.mail:
            raise AssertionError(f"Nothing has come for {self.address}.")
        return self.mail[0]

    @property
    def code(self) -> str:
        """The six digits of the newest message that holds any."""
        found = self._newest(_CODE)
        return found[1] + found[2]

    def link(self, kind: str) -> str:
        """The path of the newest link whose path begins with this letter."""
        return self._newest(re.compile(rf"<http://letters\.example(/{kind}/[^>]+)>"))[1]

    def ask_for_the_letter(self) -> Page:
        self.browser.get("/")
        return self.browser.submit("form.join", {"address": self.address})

    def open_link(self, kind: str) -> Page:
        return self.browser.get(self.link(kind))

    def press_the_button(self) -> Page:
        return self.browser.submit("main form")

    def subscribe(self) -> Page:
        """Ask for the letter and confirm; a while passes, so that the form can be used again."""
        self.ask_for_the_letter()
        self.open_link("c")
        page = self.press_the_button()
        self._installation.clock.advance(timedelta(minutes=11))
        return page

    def _newest(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = filter(None, (pattern.search(message.text) for message in self.mail))
        match = next(found, None)
        if match is None:
            raise AssertionError(f"No message to {self.address} has {pattern.pattern}.")
        return match
