"""What comes of looking at an address: an answer, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from topthree.domain.links.link_check import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a site said when it was asked for an address."""

    status: int
    #: The address that answered, after redirections.
    url: str
    #: Without parameters, in small letters; empty if it was not said.
    content_type: str
    #: Bytes of what stands there, as the site says; None if it does not.
    content_length: int | None


class NoAnswer(Exception):
    """An address was not looked at to the end."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(f"{trouble.words}: {detail}" if detail else trouble.words)
        self.trouble = trouble
