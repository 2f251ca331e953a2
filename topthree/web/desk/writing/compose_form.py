"""The compose form: what an editor typed, as text, and the content it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from topthree.domain.plain_text import without_hidden
from topthree.domain.refusal import Problem
from topthree.domain.writing.issue import (
    PLACES,
    IssueContent,
    storable_content_problems,
    tidy,
)
from topthree.web.desk.writing.item_form import (
    ItemForm,
    item_fields,
    item_values,
)
from topthree.web.typed_text import showable

HEAD_FIELDS = ("subject", "preheader", "greeting", "language")
#: Every field, in the order of the page.
FIELDS = HEAD_FIELDS + tuple(name for place in PLACES for name in item_fields(place))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeForm:
    """The fields as they were typed, whether or not they make sense."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return what stands in the field, as a page can show it."""
        return showable(self.values[name])

    @property
    def size(self) -> int:
        """How many characters are typed."""
        return sum(map(len, self.values.values()))

    def item(self, place: int) -> ItemForm:
        """Return the part of the item at this place (1 to 3)."""
        return ItemForm(values=self.values, place=place)

    def greeting_with(self, line: str) -> ComposeForm:
        """Return the form with a paragraph more at the end of its greeting."""
        greeting = f"{self['greeting'].rstrip()}\n\n{line}".lstrip()
        return ComposeForm(values={**self.values, "greeting": greeting})

    def moved(self, place: int, to: int) -> ComposeForm:
        """Return the form with the item at a place (1 to 3) at another, the rest in their order."""
        order = [each for each in PLACES if each != place]
        order.insert(to - 1, place)
        values = dict(self.values)
        for there, here in zip(PLACES, order, strict=True):
            for name, moved in zip(item_fields(there), item_fields(here), strict=True):
                values[name] = self.values[moved]
        return ComposeForm(values=values)

    def content(self) -> IssueContent:
        """Return the content that the fields make; what does not parse is left out of it."""
        first, second, third = (self.item(place).item() for place in PLACES)
        return tidy(
            IssueContent(
                subject=self.values["subject"],
                preheader=self.values["preheader"],
                greeting=self.values["greeting"],
                language=self.values["language"],
                items=(first, second, third),
            )
        )

    def problems(self) -> tuple[Problem, ...]:
        """Say what keeps the form from being saved, in the order of the page."""
        problems = [problem for place in PLACES for problem in self.item(place).unparsed()]
        problems += storable_content_problems(self.content())
        return tuple(sorted(problems, key=lambda problem: _position(problem.field)))


def form_of(content: IssueContent) -> ComposeForm:
    """Return the form as it begins, filled in with this content."""
    values = {name: str(getattr(content, name)) for name in HEAD_FIELDS}
    for place, item in zip(PLACES, content.items, strict=True):
        values.update(item_values(item, place))
    return ComposeForm(values=values)


def sent_form(fields: Mapping[str, str]) -> ComposeForm:
    """Return the form as a browser sent it; a field that was not sent is empty."""
    return ComposeForm(values={name: fields.get(name, "") for name in FIELDS})


def as_shown(form: ComposeForm) -> ComposeForm:
    """Return the form without what can neither be kept nor shown."""
    return ComposeForm(values={name: without_hidden(form[name]) for name in FIELDS})


def _position(name: str) -> int:
    return FIELDS.index(name) if name in FIELDS else len(FIELDS)
