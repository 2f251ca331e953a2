"""What stands behind the keys of an issue file: dates, times, numbers, links; read and written."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time

from topthree.domain.pictures.picture import Picture
from topthree.domain.writing.issue_file_syntax import BadLine, Block, Line, shown
from topthree.domain.writing.item import Link, Participation

_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PICTURE = re.compile(r"(.*?)[ \t]+(\d{1,5})x(\d{1,5})", re.ASCII)
_PICTURE_WORDS = ("alt", "decorative", "caption", "credit")
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{6})?)?", re.ASCII)


def read_number(line: Line | None) -> int | None:
    """Return the issue's number, if one is given.

    :raises BadLine: if it is not a whole number from 1 on.
    """
    if not line or not line.text:
        return None
    if not _NUMBER.fullmatch(line.text):
        reason = (
            f"{shown(line.text)} is not the number of an issue."
            " Write a whole number, as in 27, or leave the line out."
        )
        raise BadLine(line.number, reason)
    return int(line.text)


def read_yes(line: Line | None) -> bool:
    """Tell whether the answer is yes; no answer is a no.

    :raises BadLine: if it is neither.
    """
    answer = line.text.lower() if line else ""
    if line and answer not in {"yes", "no", ""}:
        reason = f"{shown(line.text)} is neither yes nor no. Write “yes”, or leave the line out."
        raise BadLine(line.number, reason)
    return answer == "yes"


def read_date(line: Line | None) -> date | None:
    """Return the date, if one is given.

    :raises BadLine: if there is no such day, or it is written in another way.
    """
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


def write_date(day: date | None) -> str:
    """Return the date as :func:`read_date` takes it."""
    return day.isoformat() if day else ""


def read_closing(line: Line | None) -> tuple[date | None, time | None]:
    """Return a date, a date and a time, or, in a draft, a time alone.

    :raises BadLine: if it is none of these.
    """
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


def write_closing(participation: Participation) -> str:
    """Return the closing date and time as :func:`read_closing` takes them."""
    hour = participation.closes_at
    if hour is None:
        return write_date(participation.closes_on)
    is_short = hour.second == hour.microsecond == 0
    clock = hour.isoformat(timespec="minutes" if is_short else "auto")
    return f"{write_date(participation.closes_on)} {clock}".strip()


def read_link(block: Block) -> Link:
    """Return the item's link, from one line or from its two halves.

    :raises BadLine: if it has no address in angle brackets, or is given in both ways.
    """
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


def write_link(link: Link) -> tuple[tuple[str, str], ...]:
    """Return one key and value where that reads back as the same link, and two elsewhere."""
    short = f"{link.label} <{link.url}>".strip()
    if _split_link(short) == link:
        return (("link", short),)
    return (("link-label", link.label), ("link-url", link.url))


def read_pictured(block: Block) -> Picture:
    """Return the item's picture with its words.

    :raises BadLine: if there are words and no picture.
    """
    picture = read_file_name(block.values.get("picture"))
    if not picture:
        for key in _PICTURE_WORDS:
            if block.value(key):
                reason = (
                    f"there is “{key}” and no “picture” that it belongs to."
                    " Name the file, as in “picture: table.jpg”, or leave the line out."
                )
                raise BadLine(block.values[key].number, reason)
        return picture
    return replace(
        picture,
        alt=block.value("alt"),
        is_decorative=read_yes(block.values.get("decorative")),
        caption=block.value("caption"),
        credit=block.value("credit"),
    )


def read_file_name(line: Line | None) -> Picture:
    """Return a picture of which no more is known than its file and, perhaps, its size."""
    text = line.text if line else ""
    sized = _PICTURE.fullmatch(text)
    if sized is None:
        return Picture(name=text)
    return Picture(name=sized[1], width=int(sized[2]), height=int(sized[3]))


def write_pictured(picture: Picture) -> tuple[tuple[str, str], ...]:
    """Return the keys and values that :func:`read_pictured` takes."""
    return (
        ("picture", write_file_name(picture)),
        ("alt", picture.alt),
        ("decorative", "yes" if picture.is_decorative else ""),
        ("caption", picture.caption),
        ("credit", picture.credit),
    )


def write_file_name(picture: Picture) -> str:
    """Return the file and its size as :func:`read_file_name` takes them."""
    has_size = picture.width or picture.height
    return f"{picture.name} {picture.width}x{picture.height}" if has_size else picture.name


def _parse_date(text: str) -> date:
    # The standard library also takes 20261119 and 2026-W47-4.
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _parse_time(text: str) -> time:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return time.fromisoformat(text)


def _split_link(text: str) -> Link | None:
    if not text.endswith(">"):
        return None
    label, bracket, url = text[:-1].rpartition("<")
    is_whole = bracket and url.strip() and ">" not in url
    return Link(label=label.strip(), url=url.strip()) if is_whole else None
