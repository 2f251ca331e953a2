"""An issue as a text file that people can write by hand; docs/issue-format.md describes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from topthree.domain.issue import PLACES, IssueContent, storable_content_problems, tidy
from topthree.domain.issue_file_syntax import (
    BadLine,
    Block,
    Line,
    closest,
    read_blocks,
    shown,
    write_block,
)
from topthree.domain.item import Contributor, Item, Link, Participation, Section
from topthree.domain.plain_text import text_problems
from topthree.domain.refusal import Invalid, Problem, Refusal

#: What the longest issue that can be saved needs in UTF-8, and a little room.
SIZE_LIMIT = 300_000
_BOM = b"\xef\xbb\xbf"
_UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{6})?)?", re.ASCII)
# Neither bracket in the address, so that the last pair is always the address.
_LINK = re.compile(r"(.*?)[ \t]*<([^<>]+)>")
_NEARLY_AN_ITEM = re.compile(r"\s*#+\s*(resource|reflection|opportunity)\b", re.IGNORECASE)
_TEXTS = {"greeting", "body"}
#: Fields whose key has another name, or one of two.
_KEYS_OF_FIELD = {
    "contributor-name": ("contributor",),
    "contributor-role": ("role",),
    "contributor-school": ("school",),
    "link-label": ("link-label", "link"),
    "link-url": ("link-url", "link"),
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
        reason = f"the file has {len(raw):,} bytes; at most {SIZE_LIMIT:,} fit. Shorten it."
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

    :raises Malformed: at the first line that cannot be understood or kept.
    """
    try:
        return _read(read_blocks(text))
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
        ("date", issue.day.isoformat() if issue.day else ""),
        ("subject", content.subject),
        ("preheader", content.preheader),
        ("language", content.language),
        ("sample", "yes" if issue.is_sample else ""),
    )
    blocks = [write_block("", head, content.greeting)]
    blocks += [_write_item(item) for item in content.items]
    return "\n\n".join(blocks) + "\n"


def _line_at(raw: bytes, index: int) -> int:
    return len(re.split(rb"\r\n|\r|\n", raw[:index]))


def _read(blocks: Sequence[Block]) -> IssueFile:
    head, *items = blocks
    sections = [_read_heading(block.heading) for block in items]
    _require_three(blocks)
    first, second, third = (
        _read_item(block, section=section, kicker=kicker)
        for block, (section, kicker) in zip(items, sections, strict=True)
    )
    content = tidy(
        IssueContent(
            subject=head.value("subject"),
            preheader=head.value("preheader"),
            greeting=head.whole_text(),
            language=head.value("language") or "en",
            items=(first, second, third),
        )
    )
    _refuse_what_cannot_be_kept(content, blocks)
    return IssueFile(
        content=content,
        day=_read_date(head.values.get("date")),
        number=_read_number(head.values.get("number")),
        is_sample=_read_sample(head.values.get("sample")),
    )


def _read_heading(heading: Line) -> tuple[Section, str]:
    word, _, kicker = heading.text.partition(":")
    try:
        return Section(word.strip().lower()), kicker.strip()
    except ValueError:
        reason = (
            f"{shown(f'# {heading.text}')} begins no item."
            f"{closest(word.strip().capitalize(), [section.word for section in Section])}"
            " An item begins with “# Resource: What We’re Reading”, “# Reflection” or"
            " “# Opportunity”. If this line is text, put a backslash before the #."
        )
        raise BadLine(heading.number, reason) from None


def _require_three(blocks: Sequence[Block]) -> None:
    head, *items = blocks
    if len(items) > len(PLACES):
        extra = items[len(PLACES)].heading.number
        raise BadLine(
            extra,
            f"an issue has exactly three items, and this file has {len(items)}; the fourth"
            " begins here. Take one out, or keep it for another issue.",
        )
    if len(items) < len(PLACES):
        text = [line for block in blocks for line in block.text]
        near = next((line for line in text if _NEARLY_AN_ITEM.match(line.text)), None)
        if near:
            reason = (
                f"{shown(near.text)} begins no item. An item begins with one # at the start of"
                " the line and one blank, as in “# Resource: What We’re Reading”."
            )
            raise BadLine(near.number, reason)
        raise BadLine(
            _last_line(blocks[-1]),
            f"the file ends after {_count(len(items))}, and an issue has exactly three. Add what"
            " is missing; a heading alone, such as “# Reflection”, keeps a place empty.",
        )


def _count(items: int) -> str:
    return ("no item", "one item", "two items")[items]


def _last_line(block: Block) -> int:
    return max(line.number for line in (block.heading, *block.values.values(), *block.text))


def _read_item(block: Block, *, section: Section, kicker: str) -> Item:
    closes_on, closes_at = _read_closing(block.values.get("closes"))
    return Item(
        section=section,
        kicker=kicker,
        headline=block.value("headline"),
        body=block.whole_text(),
        link=_read_link(block),
        contributor=Contributor(
            name=block.value("contributor"), role=block.value("role"), school=block.value("school")
        ),
        participation=Participation(
            closes_on=closes_on,
            closes_at=closes_at,
            happens_on=_read_date(block.values.get("happens")),
            place=block.value("place"),
        ),
        language=block.value("language"),
    )


def _read_link(block: Block) -> Link:
    line = block.values.get("link")
    if not line or not line.text:
        return Link(label=block.value("link-label"), url=block.value("link-url"))
    for key in ("link-label", "link-url"):
        if key in block.values:
            reason = f"there is a “link” and a “{key}” as well. Keep one of the two ways."
            raise BadLine(max(line.number, block.values[key].number), reason)
    link = _split_link(line.text)
    if not link:
        reason = (
            f"{shown(line.text)} is not a link. Write its words, then its address between"
            " < and >, as in “link: The guide as PDF <https://www.example.gov/guide.pdf>”."
        )
        raise BadLine(line.number, reason)
    return link


def _split_link(text: str) -> Link | None:
    match = _LINK.fullmatch(text)
    return Link(label=match[1].strip(), url=match[2].strip()) if match else None


def _read_number(line: Line | None) -> int | None:
    if not line or not line.text:
        return None
    if not _NUMBER.fullmatch(line.text):
        reason = (
            f"{shown(line.text)} is not the number of an issue."
            " Write a whole number, as in 27, or leave the line out."
        )
        raise BadLine(line.number, reason)
    return int(line.text)


def _read_sample(line: Line | None) -> bool:
    answer = line.text.lower() if line else ""
    if line and answer not in {"yes", "no", ""}:
        reason = f"{shown(line.text)} is neither yes nor no. Write “sample: yes”, or leave it out."
        raise BadLine(line.number, reason)
    return answer == "yes"


def _read_date(line: Line | None) -> date | None:
    if not line or not line.text:
        return None
    try:
        return _parse_date(line.text)
    except ValueError:
        reason = (
            f"{shown(line.text)} is not a date."
            " Write year, month and day with hyphens, as in 2026-11-19."
        )
        raise BadLine(line.number, reason) from None


def _read_closing(line: Line | None) -> tuple[date | None, time | None]:
    """Read a date, a date and a time, or, in a draft, a time alone."""
    if not line or not line.text:
        return None, None
    *days, last = line.text.split()
    if ":" not in last:
        days, last = [*days, last], ""
    try:
        (day,) = days or [""]
        return _parse_date(day) if day else None, _parse_time(last) if last else None
    except ValueError:
        reason = (
            f"{shown(line.text)} is not a closing date. Write the date, and the time of day from"
            " 00:00 to 23:59 if there is one, as in 2026-12-04 17:00."
        )
        raise BadLine(line.number, reason) from None


def _parse_date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _parse_time(text: str) -> time:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


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
    return next((block.values[key] for key in keys if key in block.values), block.heading).number


def _worst_line(text: Sequence[Line]) -> int:
    """Return the first line with a forbidden character, or else where the text begins."""
    for line in text:
        if text_problems("", "", line.text, len(line.text)):
            return line.number
    return text[0].number


def _write_item(item: Item) -> str:
    participation = item.participation
    values = (
        ("headline", item.headline),
        ("contributor", item.contributor.name),
        ("role", item.contributor.role),
        ("school", item.contributor.school),
        ("closes", _written_closing(participation)),
        ("happens", participation.happens_on.isoformat() if participation.happens_on else ""),
        ("place", participation.place),
        *_written_link(item.link),
        ("language", item.language),
    )
    heading = f"{item.section.word}: {item.kicker}" if item.kicker else item.section.word
    return write_block(heading, values, item.body)


def _written_closing(participation: Participation) -> str:
    day, hour = participation.closes_on, participation.closes_at
    words = [day.isoformat()] if day else []
    if hour:
        short = hour.second == hour.microsecond == 0
        words.append(hour.isoformat(timespec="minutes" if short else "auto"))
    return " ".join(words)


def _written_link(link: Link) -> tuple[tuple[str, str], ...]:
    """Write the short form where it reads back as the same link, and both halves elsewhere."""
    short = f"{link.label} <{link.url}>".strip()
    if _split_link(short) == link:
        return (("link", short),)
    return (("link-label", link.label), ("link-url", link.url))
