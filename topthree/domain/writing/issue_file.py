"""An issue as a text file that people can write by hand; docs/issue-format.md describes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from topthree.domain.plain_text import text_problems
from topthree.domain.refusal import Invalid, Problem, Refusal
from topthree.domain.writing.issue import PLACES, IssueContent, storable_content_problems, tidy
from topthree.domain.writing.issue_file_syntax import (
    BadLine,
    Block,
    ItemBlock,
    Line,
    read_blocks,
    shown,
    write_block,
)
from topthree.domain.writing.issue_file_values import (
    read_closing,
    read_date,
    read_file_name,
    read_link,
    read_number,
    read_pictured,
    read_yes,
    write_closing,
    write_date,
    write_file_name,
    write_link,
    write_pictured,
)
from topthree.domain.writing.item import Contributor, Item, Participation

#: What the longest issue that can be saved needs in UTF-8, and a little room.
SIZE_LIMIT = 300_000
_BOM = b"\xef\xbb\xbf"
_UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_COUNTS = ("no item", "one item", "two items")
_NEARLY_AN_ITEM = re.compile(r"\s*#+\s*(resource|reflection|opportunity)\b", re.IGNORECASE)
_TEXTS = {"greeting", "body"}
#: Fields whose key has another name, or one of two.
_KEYS_OF_FIELD = {
    "contributor-name": ("contributor",),
    "contributor-role": ("role",),
    "contributor-school": ("school",),
    "contributor-consents-on": ("consent",),
    "link-label": ("link-label", "link"),
    "link-url": ("link-url", "link"),
    "picture-alt": ("alt",),
    "picture-caption": ("caption",),
    "picture-credit": ("credit",),
}


class Malformed(Refusal):
    """A file cannot be read; it says where and what to do, and nothing was taken from it."""

    def __init__(self, *, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.file = file
        #: 1 for the first line of the file.
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFile:
    """What one file holds; a draft may have neither day nor number."""

    content: IssueContent
    day: date | None = None
    number: int | None = None
    #: Made-up content, marked as such wherever it is shown.
    is_sample: bool = False


def decode_issue(raw: bytes, *, name: str) -> str:
    """Return the text of a file in UTF-8, without the byte order mark that it may begin with.

    :raises Malformed: if it is too long, in another encoding, or holds a NUL.
    """
    if len(raw) > SIZE_LIMIT:
        reason = f"the file has more than {SIZE_LIMIT:,} bytes. No issue needs that; shorten it."
        raise Malformed(file=name, line=1, reason=reason)
    if raw.startswith(_UTF_16_BOMS):
        reason = "the file is written in UTF-16. Save it as UTF-8."
        raise Malformed(file=name, line=1, reason=reason)
    content = raw.removeprefix(_BOM)
    if (nul := content.find(b"\0")) >= 0:
        reason = "there is a NUL character. Take it out, or save the file as UTF-8 if it is UTF-16."
        raise Malformed(file=name, line=_line_at(content, nul), reason=reason)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        reason = "there is a character that is not UTF-8. Save the file as UTF-8."
        line = _line_at(content, error.start)
        raise Malformed(file=name, line=line, reason=reason) from None


def read_issue(text: str, *, name: str) -> IssueFile:
    """Return what the file says, tidied; the name is only for the message.

    :raises Malformed: if a line of it cannot be understood or kept.
    """
    try:
        return _read(*read_blocks(text))
    except BadLine as bad:
        raise Malformed(file=name, line=bad.line, reason=bad.reason) from None


def write_issue(issue: IssueFile) -> str:
    """Return the file's text; :func:`read_issue` gives the same issue back, tidied.

    :raises Invalid: if the content could not be saved, even as a draft.
    """
    content = tidy(issue.content)
    if problems := storable_content_problems(content):
        raise Invalid(*problems)
    head = (
        ("number", str(issue.number or "")),
        ("date", write_date(issue.day)),
        ("subject", content.subject),
        ("preheader", content.preheader),
        ("language", content.language),
        ("corrects", write_date(content.corrects)),
        ("sample", "yes" if issue.is_sample else ""),
    )
    blocks = [write_block("", head, content.greeting)]
    blocks += [_write_item(item) for item in content.items]
    return "\n\n".join(blocks) + "\n"


def _line_at(raw: bytes, index: int) -> int:
    return len(re.split(rb"\r\n|\r|\n", raw[:index]))


def _read(head: Block, items: Sequence[ItemBlock]) -> IssueFile:
    _require_three(head, items)
    first, second, third = (read_item(block) for block in items)
    content = tidy(
        IssueContent(
            subject=head.value("subject"),
            preheader=head.value("preheader"),
            greeting=head.whole_text(),
            language=head.value("language") or "en",
            items=(first, second, third),
            corrects=read_date(head.values.get("corrects")),
        )
    )
    _refuse_what_cannot_be_kept(content, (head, *items))
    return IssueFile(
        content=content,
        day=read_date(head.values.get("date")),
        number=read_number(head.values.get("number")),
        is_sample=read_yes(head.values.get("sample")),
    )


def _require_three(head: Block, items: Sequence[ItemBlock]) -> None:
    if len(items) > len(PLACES):
        reason = (
            f"an issue has exactly three items, and this file has {len(items)}; the fourth begins"
            " here. Take one out, or keep it for another issue."
        )
        raise BadLine(items[len(PLACES)].line, reason)
    if len(items) < len(PLACES):
        blocks = (head, *items)
        _refuse_nearly_an_item(blocks)
        reason = (
            f"the file has {_COUNTS[len(items)]}, and an issue has exactly three. Add what is"
            " missing; a heading alone, such as “# Reflection”, keeps a place empty."
        )
        raise BadLine(_last_line(blocks[-1]), reason)


def _refuse_nearly_an_item(blocks: Sequence[Block]) -> None:
    """Point at the heading that was perhaps meant to begin the missing item."""
    for line in (line for block in blocks for line in block.text):
        if _NEARLY_AN_ITEM.match(line.text):
            reason = (
                f"{shown(line.text)} begins no item, and there are fewer than three. An item begins"
                " with a # at the very start and one blank, as in “# Resource: FYI”."
            )
            raise BadLine(line.number, reason)


def _last_line(block: Block) -> int:
    lines = [*block.values.values(), *(line for line in block.text if line.text)]
    return max([block.line, *(line.number for line in lines)])


def read_item(block: ItemBlock) -> Item:
    """Return the item of a block, as it was written.

    :raises BadLine: if a value in it is not of its form.
    """
    closes_on, closes_at = read_closing(block.values.get("closes"))
    return Item(
        section=block.section,
        kicker=block.kicker,
        headline=block.value("headline"),
        body=block.whole_text(),
        link=read_link(block),
        contributor=Contributor(
            name=block.value("contributor"),
            role=block.value("role"),
            school=block.value("school"),
            consents_on=read_date(block.values.get("consent")),
        ),
        participation=Participation(
            closes_on=closes_on,
            closes_at=closes_at,
            happens_on=read_date(block.values.get("happens")),
            place=block.value("place"),
        ),
        language=block.value("language"),
        picture=read_pictured(block),
        portrait=read_file_name(block.values.get("portrait")),
    )


def _refuse_what_cannot_be_kept(content: IssueContent, blocks: Sequence[Block]) -> None:
    problems = storable_content_problems(content)
    if problems:
        found = [(_line_of(problem, blocks), problem.message) for problem in problems]
        raise BadLine(*min(found))


def _line_of(problem: Problem, blocks: Sequence[Block]) -> int:
    """Find the line that a field of the content was read from."""
    item = re.fullmatch(r"item-(\d)-(.+)", problem.field)
    block, part = (blocks[int(item[1])], item[2]) if item else (blocks[0], problem.field)
    if part in _TEXTS:
        return _worst_line(block.text)
    keys = _KEYS_OF_FIELD.get(part, (part,))
    return next((block.values[key].number for key in keys if key in block.values), block.line)


def _worst_line(text: Sequence[Line]) -> int:
    """Return the first line with a forbidden character, or else where the text begins."""
    bad = (line for line in text if text_problems("", "", line.text, len(line.text)))
    return next(bad, text[0]).number


def _write_item(item: Item) -> str:
    values = (
        ("headline", item.headline),
        ("contributor", item.contributor.name),
        ("role", item.contributor.role),
        ("school", item.contributor.school),
        ("consent", write_date(item.contributor.consents_on)),
        ("closes", write_closing(item.participation)),
        ("happens", write_date(item.participation.happens_on)),
        ("place", item.participation.place),
        *write_link(item.link),
        ("language", item.language),
        *write_pictured(item.picture),
        ("portrait", write_file_name(item.portrait)),
    )
    heading = f"{item.section.word}: {item.kicker}" if item.kicker else item.section.word
    return write_block(heading, values, item.body)
