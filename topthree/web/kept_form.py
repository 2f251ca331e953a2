"""A form that could not be taken: nothing in it is lost, and a button sends it once more."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from topthree.web.access import SignedOut
from topthree.web.csrf import FIELD, FormGrownOld, is_from_our_page
from topthree.web.typed_text import showable

#: What nobody typed is sent again, but not shown.
_NOT_TYPED = frozenset({FIELD, "version", "tab", "status", "order", "do", "digest", "look"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptField:
    """A field of the form, with what was typed into it."""

    name: str
    text: str

    @property
    def label(self) -> str:
        """The field's name in words."""
        return self.name.replace("-", " ").capitalize()

    @property
    def is_typed(self) -> bool:
        """Whether a person would miss it."""
        is_picture = self.name.endswith(("-picture", "-portrait"))
        return bool(self.text.strip()) and self.name not in _NOT_TYPED and not is_picture


def can_be_sent_again(failure: Exception) -> bool:
    """Tell whether a person typed something on a page of the desk, and can send it once more.

    What another site sends is never shown: it would be their words on our page, and, for somebody
    who is signed in, a button under them that works.
    """
    is_page = request.accept_mimetypes.best != "application/json"
    is_framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
    is_ours = is_from_our_page(unless_said=isinstance(failure, SignedOut))
    return request.blueprint == "desk" and is_page and not is_framed and is_ours and _is_typed()


def kept_page(failure: Exception, status: int, why: str) -> Response:
    """Return the page that holds all of the form, to be sent again.

    :param why: what happened and what to do; shown where signing in is not what helps.
    """
    is_signed_out = isinstance(failure, SignedOut)
    # What grew old is not sent once more: its sender gets a mark of their own.
    needs_mark = isinstance(failure, FormGrownOld)
    fields = [
        _kept(name, text)
        for name, text in request.form.items(multi=True)
        if not (needs_mark and name == FIELD)
    ]
    page = render_template(
        "desk/forms/kept_form.html",
        fields=fields,
        lost_files=[file.filename for file in request.files.values() if file.filename],
        is_signed_out=is_signed_out,
        needs_mark=needs_mark,
        why=why,
        to=request.path,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _is_typed() -> bool:
    try:
        return any(_kept(name, text).is_typed for name, text in request.form.items())
    except RequestEntityTooLarge:
        return False


def _kept(name: str, text: str) -> KeptField:
    return KeptField(name=name, text=showable(text))
