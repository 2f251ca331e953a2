"""What every page template may use: assets by content, and dates in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from topthree.domain.calendar_words import day_words, moment_words, short_day
from topthree.domain.how_many import how_many
from topthree.domain.writing.item import Item
from topthree.render.page import plain_summary
from topthree.web.access import current_editor, signed_in_editor
from topthree.web.csrf import csrf_field
from topthree.web.length_words import time_of, words_of
from topthree.web.linked_text import linked
from topthree.web.site import site


def prepare(app: Flask) -> None:
    """Set the app's templates up; a misspelt name in one is an error, not a blank."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=_asset_urls(Path(app.static_folder or "")),
        csrf_field=lambda: csrf_field(current_editor().id),
        editor=signed_in_editor,
        how_many=how_many,
        newsletter=lambda: site().newsletter,
    )
    app.jinja_env.filters.update(
        day_words=day_words,
        first_sentence=_first_sentence,
        short_day=short_day,
        linked=linked,
        moment=_moment,
        paragraphs=_paragraphs,
        time_of=time_of,
        words_of=words_of,
    )


def _asset_urls(folder: Path) -> Callable[[str], str]:
    """Return a function that gives a file's address, which changes with its content."""
    marks = {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in folder.rglob("*")
        if file.is_file()
    }

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=marks[name])

    return asset


def _first_sentence(markdown: str) -> str:
    return plain_summary(Item(body=markdown))


def _moment(at: datetime) -> str:
    return moment_words(at.astimezone(site().cadence.zone))


def _paragraphs(text: str) -> list[Markup]:
    """Split plain text at its blank lines; escaped, with single line breaks kept."""
    return [Markup("<br>").join(block.split("\n")) for block in text.split("\n\n") if block.strip()]
