"""What is said of files that people take for pictures, and that cannot be shown in mail."""

from __future__ import annotations

import re

_LOOKED_AT = 4_096
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
_SVG = re.compile(rb"<svg[\s/>]", re.IGNORECASE)
_MARKUP = re.compile(rb"\A(\xef\xbb\xbf)?\s*<[!?a-z]", re.IGNORECASE)
_OFFICE = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_TIFFS = (b"II*\x00", b"MM\x00*")


def foreign_words(raw: bytes) -> str:
    """Return what to do instead, if the file is of a kind that we know and cannot take."""
    start = raw[:_LOOKED_AT]
    if _MARKUP.match(start):
        return _of_markup(start)
    if start[4:8] == b"ftyp":
        return _of_brand(start[8:12])
    if start.startswith(b"%PDF"):
        return (
            "This is a PDF document, not a picture. Link to it from the text, or save the page"
            " that you want to show as PNG."
        )
    if start.startswith((_OFFICE, _OLD_OFFICE)):
        return "This is an office document, not a picture. Save the picture in it as JPEG or PNG."
    if start.startswith((*_TIFFS, b"BM")):
        return "Mail programs do not show TIFF and BMP pictures. Save it as JPEG or PNG."
    return ""


def _of_markup(start: bytes) -> str:
    if _SVG.search(start):
        return (
            "This is an SVG drawing. Mail programs do not show them, and they can carry programs."
            " Save it as PNG, 1,200 pixels across or more, and choose that."
        )
    return "This is a web page, not a picture. Save the picture itself from the page."


def _of_brand(brand: bytes) -> str:
    if brand in _HEIF_BRANDS:
        return (
            "This is an HEIC picture, as iPhones make them, and most mail programs cannot show it."
            " Save it as JPEG: on the phone, share it with “Most Compatible”."
        )
    if brand in {b"avif", b"avis"}:
        return "This is an AVIF picture, and many mail programs cannot show it. Save it as JPEG."
    return "This is a film, not a picture. Save one of its pictures as JPEG."
