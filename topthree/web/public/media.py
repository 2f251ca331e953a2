"""Pictures, for whoever has their address: readers' mail programs, pages, and the desk."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, make_response, request

from topthree.domain.pictures.picture import is_kept_name
from topthree.services.pictures.keep_picture import read_media
from topthree.web.access import public
from topthree.web.database import read_only
from topthree.web.security import kept_for_ever

# Whatever a browser is made to believe about the file, it can do nothing in our name.
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_KINDS = {"jpg": "image/jpeg", "png": "image/png"}


@public
def media(name: str) -> Response:
    """Give the file of this name. It names nobody: everybody's mail asks for the same one."""
    if is_kept_name(name) and name in request.if_none_match:
        # The name is made from the content, so whoever has one of this name has the right one.
        return kept_for_ever(make_response("", HTTPStatus.NOT_MODIFIED), name)
    with read_only() as session:
        content = read_media(session, name)
    response = make_response(content)
    response.content_type = _KINDS[name.rpartition(".")[2]]
    response.headers["Content-Security-Policy"] = _POLICY
    return kept_for_ever(response, name)
