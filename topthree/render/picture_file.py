"""Pictures as files: whatever was uploaded is decoded, and written anew with nothing else in it."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from topthree.domain.pictures.framing import ORIGINAL_SIDE, SMALLEST_SIDE, Frame, Size, shrink_to
from topthree.domain.refusal import Invalid, Problem
from topthree.render.picture_refusals import foreign_words

BYTES_LIMIT = 10_000_000
#: A telephone's camera makes 12 to 50 million. JPEG is read at a part of its size.
_JPEG_PIXELS = 50_000_000
_PIXELS = 20_000_000
#: Browsers' and cameras' progressive files have about ten; thousands keep a decoder busy for hours.
_SCANS_LIMIT = 100
_SCAN = b"\xff\xda"
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_JPEG_FORMATS = {"JPEG", "MPO"}
_NAME_DIGITS = 32
#: What Pillow reads from a file that it wrote itself, with nothing added.
_OWN_INFO = frozenset(
    {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
)
_QUALITY = 86
# Decoding takes much memory, so one at a time does it.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """A picture that we wrote: JPEG or PNG in sRGB, upright, on white, and nothing besides."""

    #: Made from the content: the same name is the same picture.
    name: str
    content: bytes
    size: Size
    #: The upload had several pictures in a row, of which this is the first.
    was_moving: bool = False


def read_upload(raw: bytes) -> PictureFile:
    """Return what the upload shows, as a file of our own; what it is called does not matter.

    :raises Invalid: naming the field ``file``, if it is no picture, broken, or too large.
    """
    _refuse_by_looks(raw)
    with _ONE_AT_A_TIME:
        try:
            with _opened(raw) as image:
                _refuse_by_size(image, raw)
                was_moving = bool(getattr(image, "is_animated", False)) and image.format != "MPO"
                is_jpeg = image.format in _JPEG_FORMATS
                picture = _upright(image)
                return _written(_in_srgb(picture), is_jpeg=is_jpeg, was_moving=was_moving)
        except Invalid:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise _too_many_pixels() from None
        except Exception as error:
            # What foreign bytes make a decoder stumble over has no common name.
            message = (
                "This file is damaged, or not all of it arrived. Open it, save it anew as JPEG"
                " or PNG, and choose it again."
            )
            raise _invalid(message) from error


def cut_picture(content: bytes, frame: Frame, box: Size) -> PictureFile:
    """Return the part of one of our own files that lies in the frame, small enough for the box."""
    with _ONE_AT_A_TIME, Image.open(BytesIO(content), formats=_FORMATS) as image:
        edges = (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
        size = shrink_to(frame.size, box)
        part = image.crop(edges).resize((size.width, size.height), Image.Resampling.LANCZOS)
        return _written(part.convert("RGB"), is_jpeg=image.format == "JPEG")


def recognise(raw: bytes, name: str) -> PictureFile | None:
    """Return one of our own files, come back from a folder; None if it is not one.

    Its name says whether a single byte of it is another, and nothing may be hidden in it.
    """
    if picture_name(raw, name.rpartition(".")[2]) != name:
        return None
    with _ONE_AT_A_TIME:
        try:
            with Image.open(BytesIO(raw), formats=("JPEG", "PNG")) as image:
                is_right = image.format == {"jpg": "JPEG", "png": "PNG"}.get(name[-3:])
                is_small = max(image.size) <= ORIGINAL_SIDE
                if not (is_right and is_small and image.info.keys() <= _OWN_INFO):
                    return None
                image.load()
                size = Size(width=image.width, height=image.height)
        except Exception:  # noqa: BLE001 - as above
            return None
    return PictureFile(name=name, content=raw, size=size)


def picture_name(content: bytes, ending: str) -> str:
    """Return the name of a file with this content."""
    return f"{hashlib.sha256(content).hexdigest()[:_NAME_DIGITS]}.{ending}"


def _refuse_by_looks(raw: bytes) -> None:
    if not raw:
        raise _invalid("The file is empty. Choose another one.")
    if len(raw) > BYTES_LIMIT:
        message = (
            f"This file has {len(raw) / 1_000_000:.1f} MB; a picture may have 10 MB."
            " Save it smaller, 2,400 pixels across are plenty, and choose it again."
        )
        raise _invalid(message)
    words = foreign_words(raw)
    if words:
        raise _invalid(words)


def _opened(raw: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(raw), formats=_FORMATS)
    except UnidentifiedImageError:
        message = "This is no picture that can be shown. Choose a JPEG, PNG, GIF or WebP file."
        raise _invalid(message) from None


def _refuse_by_size(image: Image.Image, raw: bytes) -> None:
    width, height = image.size
    is_jpeg = image.format in _JPEG_FORMATS
    if width * height > (_JPEG_PIXELS if is_jpeg else _PIXELS):
        raise _too_many_pixels(Size(width=width, height=height))
    if is_jpeg and raw.count(_SCAN) > _SCANS_LIMIT:
        message = "This file is made in an unusual way. Open it, save it anew, and try again."
        raise _invalid(message)
    if min(width, height) < SMALLEST_SIDE:
        message = (
            f"This picture has only {width} × {height} pixels. Choose a larger one:"
            f" it needs at least {SMALLEST_SIDE} each way, and 1,200 across look best."
        )
        raise _invalid(message)


def _upright(image: Image.Image) -> Image.Image:
    """Return the first picture of the file, decoded, the right way up and no larger than kept."""
    # A decoder of JPEG makes half or a quarter of the size by itself, in a fraction of the memory.
    image.draft(None, (ORIGINAL_SIDE, ORIGINAL_SIDE))
    image.load()
    try:
        turned = ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - what a camera wrote beside the picture is not the picture
        turned = image
    return turned


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the colors as they were meant, in sRGB, eight bits each, on white."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = _on_white(image.convert("RGBA"))
    if image.mode not in {"L", "RGB", "CMYK"}:
        image = image.convert("RGB")
    return _converted(image, profile) if profile else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """Fill in what is transparent: on a dark page, dark lines would be lost."""
    # Made small first: the layers take four bytes a pixel each.
    image.thumbnail((ORIGINAL_SIDE, ORIGINAL_SIDE), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        made = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A profile that is broken, or of other colors than the picture's, says nothing.
        made = None
    return made if made is not None else image.convert("RGB")


def _written(image: Image.Image, *, is_jpeg: bool, was_moving: bool = False) -> PictureFile:
    """Write the picture anew: as JPEG, or as PNG if that is smaller, as it is for drawings."""
    size = shrink_to(
        Size(width=image.width, height=image.height),
        Size(width=ORIGINAL_SIDE, height=ORIGINAL_SIDE),
    )
    # On a fresh sheet: what came along in the file (place, camera, comments) stays behind.
    sheet = Image.new("RGB", (size.width, size.height))
    sheet.paste(image.resize((size.width, size.height), Image.Resampling.LANCZOS))
    jpeg, png = BytesIO(), BytesIO()
    sheet.save(jpeg, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    if not is_jpeg:
        sheet.save(png, "PNG")
    is_png = 0 < len(png.getvalue()) <= len(jpeg.getvalue())
    content = (png if is_png else jpeg).getvalue()
    name = picture_name(content, "png" if is_png else "jpg")
    return PictureFile(name=name, content=content, size=size, was_moving=was_moving)


def _too_many_pixels(size: Size | None = None) -> Invalid:
    has = f" has {size.width:,} × {size.height:,} pixels. That" if size else ""
    message = (
        f"This picture{has} is more than can be taken in. Save it with"
        " 2,400 pixels across and choose it again."
    )
    return _invalid(message)


def _invalid(message: str) -> Invalid:
    return Invalid(Problem(field="file", message=message))
