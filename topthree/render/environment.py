"""The Jinja environment of the message templates, and how one of them is rendered."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from topthree.render.inline import inline_styles
from topthree.render.plain_words import wrapped
from topthree.render.values import RenderedMessage

_MANY_BLANK_LINES = re.compile(r"\n{4,}")


def render_message(kind: str, **context: object) -> RenderedMessage:
    """Return the message of this kind: a folder of templates/emails, with its three parts."""
    templates = environment()
    subject, text, html = (
        templates.get_template(f"{kind}/{part}").render(context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return RenderedMessage(
        subject=" ".join(subject.split()), text=_tidy(text), html=inline_styles(html)
    )


@functools.cache
def environment() -> Environment:
    """Return the one environment; a name that no value is given for is an error."""
    made = Environment(
        loader=FileSystemLoader(_templates_folder()),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["wrapped"] = wrapped
    return made


def _templates_folder() -> Path:
    package = Path(__file__).parents[1]
    installed = package / "templates" / "emails"
    return installed if installed.is_dir() else package.parent / "templates" / "emails"


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return _MANY_BLANK_LINES.sub("\n\n\n", lines).strip("\n") + "\n"
