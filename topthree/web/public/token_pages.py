"""What all pages behind a link in a message have in common."""

from __future__ import annotations

from flask import render_template

from topthree.web.public.join_form import JoinForm


def useless_link(
    message: str,
    status: int,
    *,
    title: str = "This link does not work",
    join: JoinForm | None = None,
) -> tuple[str, int]:
    """Return the page for a link that does nothing, and what to do instead."""
    page = render_template("error.html", title=title, message=message, status=status, join=join)
    return page, status
