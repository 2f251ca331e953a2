"""Items for the bank as a text file: as in an issue file, as many as one likes, and no head."""

from __future__ import annotations

from topthree.domain.writing.issue_file import Malformed, read_item
from topthree.domain.writing.issue_file_syntax import BadLine, Block, ItemBlock, read_blocks
from topthree.domain.writing.item import Item, storable_problems, tidy_item


def read_bank_file(text: str, *, name: str) -> tuple[Item, ...]:
    """Return the items that the file holds, tidied; the name is only for the message.

    :raises Malformed: if a line of it cannot be understood or kept.
    """
    try:
        head, blocks = read_blocks(text)
        _require_items_only(head, blocks)
        return tuple(_kept(block) for block in blocks)
    except BadLine as bad:
        raise Malformed(file=name, line=bad.line, reason=bad.reason) from None


def _require_items_only(head: Block, blocks: tuple[ItemBlock, ...]) -> None:
    if head.values or head.text or not blocks:
        reason = "the file holds items and nothing else. Begin it with “# Resource” or another one."
        raise BadLine(head.line, reason)


def _kept(block: ItemBlock) -> Item:
    item = tidy_item(read_item(block))
    problems = storable_problems(item)
    if problems:
        raise BadLine(block.line, problems[0].message)
    return item
