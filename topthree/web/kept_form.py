"""A form that came too late: nothing in it is lost, and a button sends it once more."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, render_template, request

from topthree.domain.refusal import Refusal
from topthree.web.access import SignedOut, signed_in_editor
from topthree.web.csrf import FIELD, FormGrownOld, is_from_our_page
from topthree.web.desk.item_form import showable

#: What nobody typed is sent again, but not shown.
_NOT_TYPED = frozenset({FIELD, "version", "tab", "status", "order", "do", "digest"})


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


def can_be_sent_again(refusal: Refusal) -> bool:
    """Tell whether a person typed something on a page of the desk, and can send it once more.

    What another site sends is never shown: it would be their words on our page, and, for somebody
    who is signed in, a button under them that works.
    """
    is_too_late = isinstance(refusal, SignedOut)
    if not is_too_late and not isinstance(refusal, FormGrownOld):
        return False
    wants_page = request.accept_mimetypes.best != "application/json"
    is_typed = any(_kept(name, text).is_typed for name, text in request.form.items())
    is_ours = is_from_our_page(unless_said=is_too_late)
    return request.blueprint == "desk" and wants_page and is_typed and is_ours


def kept_page(refusal: Refusal, status: int) -> Response:
    """Return the page that holds all of the form, to be sent again after signing in."""
    is_signed_out = isinstance(refusal, SignedOut)
    fields = [
        _kept(name, text)
        for name, text in request.form.items(multi=True)
        # Whoever is signed in gets a mark of their own; it is as good as their session.
        if is_signed_out or name != FIELD
    ]
    page = render_template(
        "desk/kept_form.html",
        fields=fields,
        lost_files=[file.filename for file in request.files.values() if file.filename],
        is_signed_out=is_signed_out or signed_in_editor() is None,
        to=request.path,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _kept(name: str, text: str) -> KeptField:
    return KeptField(name=name, text=showable(text))
