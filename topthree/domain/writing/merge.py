"""Bringing together what two people made of one content, each beginning with the same version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from topthree.domain.writing.content_difference import (
    AS_IT_WAS,
    Order,
    in_order,
    order_between,
)
from topthree.domain.writing.content_fields import (
    field_label,
    field_text,
    field_values,
    with_fields,
)
from topthree.domain.writing.difference import Passage, compare_texts, shortened
from topthree.domain.writing.issue import IssueContent


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A field that both changed, each in their own way."""

    field: str
    #: “Item 2: headline”.
    label: str
    before: str
    mine: str
    theirs: str

    def passages(self) -> tuple[Passage, ...]:
        """Return what theirs has otherwise than mine, word by word."""
        return shortened(compare_texts(self.mine, self.theirs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Both together; where they clash, mine."""

    content: IssueContent
    clashes: tuple[Clash, ...]
    #: How the items of theirs stand in it.
    their_order: Order = AS_IT_WAS


def merge(base: IssueContent | None, mine: IssueContent, theirs: IssueContent) -> Merged:
    """Take from each side the fields that it changed.

    An item that somebody moved takes along what the other changed in it; if both moved items, mine
    stay where I put them.

    :param base: what both began with; without it, each field that is not the same is a clash.
    """
    if base is None:
        return _joined(None, mine, theirs)
    my_order, their_order = order_between(base, mine), order_between(base, theirs)
    target = my_order if my_order != AS_IT_WAS else their_order
    their_step = _step(their_order, target)
    merged = _joined(
        in_order(base, target),
        in_order(mine, _step(my_order, target)),
        in_order(theirs, their_step),
    )
    return replace(merged, their_order=their_step)


def take(
    content: IssueContent, theirs: IssueContent, is_theirs: Callable[[str], bool]
) -> IssueContent:
    """Return the content with the chosen fields as they are in theirs."""
    values = field_values(theirs)
    chosen = {name: value for name, value in values.items() if is_theirs(name)}
    return with_fields(content, chosen)


def _joined(base: IssueContent | None, mine: IssueContent, theirs: IssueContent) -> Merged:
    old = field_values(base) if base else {}
    my, their = field_values(mine), field_values(theirs)
    differing = [name for name in my if my[name] != their[name]]
    from_theirs = [name for name in differing if name in old and my[name] == old[name]]
    clashing = [
        name for name in differing if name not in old or old[name] not in (my[name], their[name])
    ]
    return Merged(
        content=with_fields(mine, {name: their[name] for name in from_theirs}),
        clashes=tuple(_clash(name, old, my, their) for name in clashing),
    )


def _clash(
    name: str, old: Mapping[str, Any], my: Mapping[str, Any], their: Mapping[str, Any]
) -> Clash:
    return Clash(
        field=name,
        label=field_label(name),
        before=field_text(old.get(name)),
        mine=field_text(my[name]),
        theirs=field_text(their[name]),
    )


def _step(order: Order, target: Order) -> Order:
    """Return the order in which what stands in one order stands in the other."""
    first, second, third = (order.index(item) for item in target)
    return (first, second, third)
