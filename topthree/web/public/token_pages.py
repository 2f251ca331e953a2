"""What all pages behind a link in a message have in common."""

from __future__ import annotations

from flask import Response, render_template, request

from topthree.web.public.join_form import JoinForm
from topthree.web.security import unlisted


def keep_out_of_sight(response: Response) -> Response:
    """Give every answer of a path that holds a token the headers of standards R-117."""
    return unlisted(response) if "token" in (request.view_args or {}) else response


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
