"""The item bank as a list: what is there, searched and narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from topthree.domain.bank.bank_item import BankState, read_tags
from topthree.domain.bank.bank_search import BankSearch, UseBy
from topthree.domain.editors.permission import Permission
from topthree.domain.ids import EditorId
from topthree.domain.writing.item import Section
from topthree.services.bank.read_bank import bank_words, search_bank
from topthree.web.access import desk
from topthree.web.database import read_only
from topthree.web.desk.forms.typed_number import SHORT, parse_number
from topthree.web.site import today
from topthree.web.typed_text import shown_again

_Choice = TypeVar("_Choice", bound=StrEnum)
_FIELDS = ("q", "section", "state", "tag", "owner", "use-by")

STATE_WORDS = {
    BankState.IDEA: "Idea",
    BankState.DRAFTING: "Being written",
    BankState.READY: "Ready",
    BankState.USED: "In an issue",
}
_USE_BY_WORDS = {
    UseBy.SOON: "In the next four weeks",
    UseBy.PAST: "Over already",
}
CHOICES = {
    "section": (("", "Any"), *((each.value, each.word) for each in Section)),
    "state": (("", "Any"), *((each.value, STATE_WORDS[each]) for each in BankState)),
    "use-by": (("", "Any time"), *((each.value, _USE_BY_WORDS[each]) for each in UseBy)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the address asks for, as it can be shown in the form again."""

    values: Mapping[str, str]
    #: What the search begins with where a page is about something.
    usual: Mapping[str, str]
    #: The page's number.
    number: int

    @property
    def is_narrow(self) -> bool:
        """Whether anything but words narrows the search otherwise than usual."""
        return any(self.values[name] != self.usual.get(name, "") for name in _FIELDS[1:])

    def search(self, keeps_until: date | None = None) -> BankSearch:
        """Return what is looked for; a criterion that is none is left out."""
        tags = read_tags(self.values["tag"])
        owner = parse_number(self.values["owner"])
        return BankSearch(
            words=self.values["q"],
            section=_choice(Section, self.values["section"]),
            state=_choice(BankState, self.values["state"]),
            tag=tags[0] if tags else "",
            owner_id=EditorId(owner) if owner is not None else None,
            use_by=_choice(UseBy, self.values["use-by"]),
            keeps_until=keeps_until,
        )

    def page(self, number: int) -> str:
        """Return the address of another page of the same search."""
        asked = {name: each for name, each in self.values.items() if each or name in self.usual}
        return "?" + urlencode({**asked, "page": number})


@desk(Permission.READ_DESK)
def bank() -> ResponseReturnValue:
    """Show what the bank holds, a page at a time."""
    wanted = wanted_in_bank()
    with read_only() as session:
        page = search_bank(session, wanted.search(), today(), wanted.number)
        words = bank_words(session)
    return render_template(
        "desk/bank/bank_search.html",
        wanted=wanted,
        page=page,
        words=words,
        choices=CHOICES,
        today=today(),
        bank_state_words=STATE_WORDS,
    )


def wanted_in_bank(**usual: str) -> Wanted:
    """Return what the address asks for; what it does not name is as usual."""
    given = {name: request.args.get(name, usual.get(name, "")) for name in _FIELDS}
    number = parse_number(request.args.get("page", ""), SHORT)
    return Wanted(
        values={name: shown_again(value) for name, value in given.items()},
        usual=usual,
        number=number or 1,
    )


def _choice(kind: type[_Choice], value: str) -> _Choice | None:
    return kind(value) if value in set(kind) else None
