"""Pictures that an installation has, as an editor brings them in."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from tests.support.installation import Installation
from tests.support.pictures import photograph, saved
from topthree.domain.pictures.picture import Picture
from topthree.domain.writing.issue import IssueContent
from topthree.services.identity.editor_view import EditorView
from topthree.services.pictures.cut_picture import Part, take_in
from topthree.services.pictures.keep_picture import keep_picture


def kept_picture(
    installation: Installation,
    editor: EditorView,
    image: Image.Image | None = None,
    part: Part = Part.PICTURE,
) -> Picture:
    """Bring a picture in; nothing is said about it yet."""
    cut = take_in(saved(image or photograph(), "PNG"), part)
    with installation.wiring.writing() as session:
        return keep_picture(session, cut, editor, installation.clock())


def with_pictures(
    installation: Installation, editor: EditorView, content: IssueContent
) -> IssueContent:
    """Return the content with a picture beside the first item and a portrait beside the second."""
    first, second, third = content.items
    picture = replace(
        kept_picture(installation, editor),
        alt="Soft hills, and a yellow sun above them.",
        caption="The view from room 12.",
        credit="Photo: Ana Duarte",
    )
    portrait = kept_picture(installation, editor, part=Part.PORTRAIT)
    items = (replace(first, picture=picture), replace(second, portrait=portrait), third)
    return replace(content, items=items)
