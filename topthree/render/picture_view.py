"""A picture as templates show it: where its file is, and how much room it takes."""

from __future__ import annotations

from dataclasses import dataclass

from topthree.domain.newsletter import Newsletter
from topthree.domain.pictures.framing import Size, shrink_to
from topthree.domain.pictures.picture import Picture

#: What a picture has room in: a column of mail or of the page, and never the whole of a screen.
_MAIL_BOX = Size(width=536, height=430)
_PAGE_BOX = Size(width=608, height=480)
_PORTRAIT_BOX = Size(width=72, height=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture, ready to be shown."""

    name: str
    #: Absolute, on our own host, and the same for everybody.
    url: str
    #: Empty for one that says nothing the text does not.
    alt: str
    caption: str
    credit: str
    #: CSS pixels, which are fewer than those of the file.
    in_mail: Size
    on_page: Size


def view_picture(picture: Picture, newsletter: Newsletter) -> PictureView | None:
    """Return the picture of an item; None if it has none."""
    return _view(picture, newsletter, _MAIL_BOX, _PAGE_BOX)


def view_portrait(picture: Picture, newsletter: Newsletter) -> PictureView | None:
    """Return a contributor's portrait; None if there is none."""
    return _view(picture, newsletter, _PORTRAIT_BOX, _PORTRAIT_BOX)


def _view(
    picture: Picture, newsletter: Newsletter, in_mail: Size, on_page: Size
) -> PictureView | None:
    # A file that has no size yet was written by hand and never taken in.
    if not (picture and picture.width and picture.height):
        return None
    size = Size(width=picture.width, height=picture.height)
    return PictureView(
        name=picture.name,
        url=newsletter.media_url(picture.name),
        alt=picture.alt,
        caption=picture.caption,
        credit=picture.credit,
        in_mail=shrink_to(size, in_mail),
        on_page=shrink_to(size, on_page),
    )
