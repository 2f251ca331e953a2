"""A picture beside an item: the file that readers get, and what it shows, in words."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace

from topthree.domain.plain_text import line_problems, normalise_line
from topthree.domain.refusal import Problem

ALT_LIMIT = 250
CAPTION_LIMIT = 300
CREDIT_LIMIT = 120
#: No picture that is kept has a side longer than this.
SIDE_LIMIT = 4_000
_NAME_LIMIT = 100
# In files that people write, a picture has whatever name it has in their folder.
_FILE_NAME = re.compile(
    r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*\.(jpe?g|png|gif|webp)", re.IGNORECASE
)
_KEPT_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What readers see; without a name there is no picture.

    How it was cut, and from what, is known of the file alone: another cut is another file.
    """

    #: Of a kept file, made from its content: the same name is the same picture for ever.
    name: str = ""
    #: Pixels of the file; on good screens two of them fill the room of one.
    width: int = 0
    height: int = 0
    #: What it shows, for those who do not see it.
    alt: str = ""
    #: It says nothing that the text does not, so there is nothing to describe.
    is_decorative: bool = False
    caption: str = ""
    #: Whom it is by, as it shall stand there.
    credit: str = ""

    def __bool__(self) -> bool:
        """Tell whether there is a picture."""
        return bool(self.name)

    @property
    def is_described(self) -> bool:
        """Whether somebody who does not see it misses nothing."""
        return not self.name or self.is_decorative or bool(self.alt)


NO_PICTURE = Picture()


def is_kept_name(name: str) -> bool:
    """Tell whether this is the name of a file that we keep, or could be."""
    return _KEPT_NAME.fullmatch(name) is not None


def tidy_picture(picture: Picture) -> Picture:
    """Return the picture as it is kept everywhere; nothing if there is no file."""
    if not picture.name.strip():
        return NO_PICTURE
    return replace(
        picture,
        name=picture.name.strip(),
        alt="" if picture.is_decorative else normalise_line(picture.alt),
        caption=normalise_line(picture.caption),
        credit=normalise_line(picture.credit),
    )


def without_words(picture: Picture) -> Picture:
    """Return the picture alone, as a portrait is kept: the name beside it says all."""
    return Picture(name=picture.name, width=picture.width, height=picture.height)


def picture_problems(picture: Picture, field: str) -> list[Problem]:
    """Say what keeps the picture from being saved, even in a draft.

    :param field: what the names of its fields begin with, and the name of the file's.
    """
    problems = line_problems(f"{field}-alt", "The description", picture.alt, ALT_LIMIT)
    problems += line_problems(f"{field}-caption", "The caption", picture.caption, CAPTION_LIMIT)
    problems += line_problems(f"{field}-credit", "The credit", picture.credit, CREDIT_LIMIT)
    is_file = len(picture.name) <= _NAME_LIMIT and _FILE_NAME.fullmatch(picture.name)
    has_size = 0 <= picture.width <= SIDE_LIMIT and 0 <= picture.height <= SIDE_LIMIT
    if picture and not (is_file and has_size):
        said = "This names no picture that can be shown. Choose it once more."
        problems.append(Problem(field=field, message=said))
    return problems


def write_picture(picture: Picture) -> str:
    """Return the picture as one line, for a column or a field; nothing for none."""
    if not picture:
        return ""
    return json.dumps(asdict(picture), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_picture(text: str) -> Picture:
    """Return what :func:`write_picture` wrote; anything else is no picture."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return NO_PICTURE
    fields = asdict(NO_PICTURE)
    if not isinstance(values, dict) or values.keys() != fields.keys():
        return NO_PICTURE
    if any(type(values[name]) is not type(fields[name]) for name in fields):
        return NO_PICTURE
    return Picture(**values)
