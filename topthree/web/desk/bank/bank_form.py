"""The form of an item in the bank: its text, and what the desk keeps about it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import request

from topthree.domain.bank.bank_item import (
    BankDetails,
    BankState,
    details_problems,
    read_tags,
    tidy_details,
)
from topthree.domain.ids import EditorId
from topthree.domain.refusal import Problem
from topthree.domain.writing.content_fields import item_label
from topthree.domain.writing.item import Item, missing_parts, storable_problems, tidy_item
from topthree.services.bank.read_bank import BankItemView
from topthree.web.desk.forms.typed_dates import NO_DAY, parse_day
from topthree.web.desk.forms.typed_number import parse_number
from topthree.web.desk.writing.item_form import (
    ItemForm,
    item_fields,
    item_values,
)
from topthree.web.typed_text import showable

#: What an editor may call an item; that it is used, the bank knows by itself.
STATES = (BankState.IDEA, BankState.DRAFTING, BankState.READY)
DETAIL_FIELDS = ("state", "owner", "tags", "use-by", "note")
#: Every field, in the order of the page.
BANK_FIELDS = (*item_fields(), *DETAIL_FIELDS)
_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankForm:
    """The fields as they were typed, whether or not they make sense."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return what stands in the field, as a page can show it."""
        return showable(self.values[name])

    @property
    def item_form(self) -> ItemForm:
        """The part that is the item's text."""
        return ItemForm(values=self.values)

    def item(self) -> Item:
        """Return the item that the fields make; what does not parse is left out of it."""
        return tidy_item(self.item_form.item())

    def details(self) -> BankDetails:
        """Return the details that the fields make; what does not parse is left out of them."""
        return tidy_details(
            BankDetails(
                tags=read_tags(self.values["tags"]),
                owner_id=_owner(self.values["owner"]),
                use_by=parse_day(self.values["use-by"]),
                note=self.values["note"],
            )
        )

    def state(self) -> BankState | None:
        """Return what the editor calls the item; None if the form does not ask."""
        return BankState(self.values["state"]) if self.values["state"] in STATES else None

    def problems(self) -> tuple[Problem, ...]:
        """Say what keeps the form from being saved, in the order of the page."""
        problems = [*self.item_form.unparsed(), *storable_problems(self.item())]
        problems += self.details_problems()
        return tuple(sorted(problems, key=lambda problem: _position(problem.field)))

    def details_problems(self) -> tuple[Problem, ...]:
        """Say what keeps the details alone from being saved."""
        return (*self._unparsed(), *details_problems(self.details()))

    def missing(self) -> tuple[Problem, ...]:
        """Say what the item would still lack before it is ready."""
        return tuple(missing_parts(self.item()))

    def _unparsed(self) -> Iterator[Problem]:
        if self.values["use-by"].strip() and parse_day(self.values["use-by"]) is None:
            yield Problem(field="use-by", message=NO_DAY)
        if self.values["owner"] and _owner(self.values["owner"]) is None:
            yield Problem(field="owner", message="Choose one of the editors, or nobody.")


def bank_form_of(shown: BankItemView) -> BankForm:
    """Return the form as it begins, filled in with this item."""
    details = shown.details
    values = {
        "state": shown.state.value,
        "owner": str(details.owner_id or ""),
        "tags": ", ".join(details.tags),
        "use-by": details.use_by.isoformat() if details.use_by else "",
        "note": details.note,
    }
    return BankForm(values=values | item_values(shown.item))


def empty_bank_form(owner_id: EditorId) -> BankForm:
    """Return the form of an item that nobody has written yet."""
    empty = dict.fromkeys(DETAIL_FIELDS, "")
    values = empty | item_values(Item()) | {"owner": str(owner_id), "state": BankState.IDEA.value}
    return BankForm(values=values)


def sent_bank_form() -> BankForm:
    """Return the form as the browser sent it; a field that was not sent is empty."""
    return BankForm(values={name: request.form.get(name, "") for name in BANK_FIELDS})


def bank_label_of(field: str) -> str:
    """Return how a sentence calls the field: “Headline”."""
    name = field.removeprefix("item-")
    return item_label(name).capitalize() if name != field else field.replace("-", " ").capitalize()


def fresh_key() -> str:
    """Return a name for a form, so that sending it twice does what it does once."""
    return secrets.token_urlsafe(16)


def sent_key() -> str:
    """Return the name of the form that was sent; empty for none that we gave."""
    key = request.form.get("key", "")
    return key if _KEY.fullmatch(key) else ""


def _owner(typed: str) -> EditorId | None:
    number = parse_number(typed)
    return None if number is None else EditorId(number)


def _position(name: str) -> int:
    return BANK_FIELDS.index(name) if name in BANK_FIELDS else len(BANK_FIELDS)
