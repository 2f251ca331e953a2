"""What was changed in an issue, field by field and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from topthree.domain.writing.content_fields import field_label, field_text, field_values
from topthree.domain.writing.difference import Passage, compare_texts, shortened
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Item

#: Which of the items (0 to 2) stands in each place now.
Order = tuple[int, int, int]

AS_IT_WAS: Order = (0, 1, 2)
_ORDERS = [(one, two, 3 - one - two) for one, two in permutations(AS_IT_WAS, 2)]
ORDER_FIELD = "items"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field that is not what it was; ``items`` stands for the order of the three."""

    field: str
    #: “Item 2: headline”.
    label: str
    before: str
    after: str

    def passages(self) -> tuple[Passage, ...]:
        """Return the two texts in one, word by word, without what is the same far from it."""
        return shortened(compare_texts(self.before, self.after))


def compare_contents(before: IssueContent, after: IssueContent) -> tuple[FieldChange, ...]:
    """Return what was changed, in the order of the page; nothing, if the two are the same.

    Items that changed places are compared with themselves, not with what stood there before.
    """
    order = order_between(before, after)
    moved = in_order(before, order)
    old, new = field_values(moved), field_values(after)
    changes = [
        FieldChange(
            field=name,
            label=field_label(name),
            before=field_text(old[name]),
            after=field_text(value),
        )
        for name, value in new.items()
        if value != old[name]
    ]
    if order != AS_IT_WAS:
        changes.insert(0, _moved(before, moved))
    return tuple(changes)


def change_words(changes: Sequence[FieldChange]) -> str:
    """Return what was changed in one line: “Subject. Item 2: headline, text”."""
    groups: dict[str, list[str]] = {}
    for change in changes:
        whole, _, part = change.label.partition(": ")
        groups.setdefault(whole, []).append(part)
    return ". ".join(
        f"{whole}: {', '.join(parts)}" if any(parts) else whole for whole, parts in groups.items()
    )


def order_between(before: IssueContent, after: IssueContent) -> Order:
    """Return which items of before stand in the places of after, as far as they are known again."""

    def likeness(order: Order) -> tuple[int, bool]:
        pairs = zip(in_order(before, order).items, after.items, strict=True)
        return sum(_likeness(old, new) for old, new in pairs), order == AS_IT_WAS

    return max(_ORDERS, key=likeness)


def in_order(content: IssueContent, order: Order) -> IssueContent:
    """Return the content with its items in this order."""
    first, second, third = (content.items[index] for index in order)
    return replace(content, items=(first, second, third))


def _likeness(old: Item, new: Item) -> int:
    if old == new:
        return 3
    return 2 * bool(old.headline and old.headline == new.headline) + bool(
        old.body and old.body == new.body
    )


def _moved(before: IssueContent, after: IssueContent) -> FieldChange:
    return FieldChange(
        field=ORDER_FIELD,
        label="Order of the items",
        before=_in_a_row(before),
        after=_in_a_row(after),
    )


def _in_a_row(content: IssueContent) -> str:
    lines = enumerate(content.items, start=1)
    return "\n".join(f"{place}. {item.headline or '(no headline)'}" for place, item in lines)
