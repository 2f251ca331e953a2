from __future__ import annotations

import re

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.support.pictures import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    opened,
    photograph,
    png_that_claims,
    quarters,
    saved,
)
from topthree.domain.pictures.framing import Frame, Size
from topthree.domain.pictures.picture import is_kept_name
from topthree.domain.refusal import Invalid
from topthree.render.picture_file import BYTES_LIMIT, PictureFile, cut_picture, read_upload

PLACE = b"42 deg 21"
SCRIPT = b"<script>alert(1)</script>"


def corners(file: PictureFile) -> list[tuple[int, ...]]:
    """The colors of the quarters: top left, top right, bottom left, bottom right."""
    image = opened(file.content).convert("RGB")
    width, height = image.size
    spots = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    found = [image.getpixel((int(width * x), int(height * y))) for x, y in spots]
    return [spot for spot in found if isinstance(spot, tuple)]


def assert_colors(file: PictureFile, *colors: tuple[int, ...]) -> None:
    """JPEG and other profiles move a color a little."""
    for found, meant in zip(corners(file), colors, strict=True):
        assert all(abs(one - other) <= 12 for one, other in zip(found, meant, strict=True)), (
            found,
            meant,
        )


def refused(raw: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_upload(raw)
    (problem,) = caught.value.problems
    assert problem.field == "file"
    return problem.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_each_kind_of_picture_is_taken_in(kind: str) -> None:
    file = read_upload(saved(quarters(), kind))

    assert file.size == Size(width=600, height=400)
    assert_colors(file, RED, GREEN, BLUE, WHITE)


def test_a_photograph_becomes_a_jpeg_and_a_drawing_a_png() -> None:
    photo = read_upload(saved(photograph(), "PNG"))
    drawing = read_upload(saved(quarters(), "PNG"))

    assert (photo.name[-4:], opened(photo.content).format) == (".jpg", "JPEG")
    assert (drawing.name[-4:], opened(drawing.content).format) == (".png", "PNG")


def test_the_name_comes_from_the_content() -> None:
    raw = saved(quarters(), "PNG")

    assert is_kept_name(read_upload(raw).name)
    assert read_upload(raw) == read_upload(raw)
    assert read_upload(raw).name != read_upload(saved(photograph(), "PNG")).name


def test_a_large_photograph_is_kept_no_larger_than_can_be_used() -> None:
    file = read_upload(saved(photograph(6_000, 4_000), "JPEG"))

    assert file.size == Size(width=2400, height=1600)


def test_nothing_of_what_the_camera_wrote_beside_the_picture_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ms. Duarte"
    exif.get_ifd(0x8825)[29] = PLACE.decode()
    raw = saved(photograph(), "JPEG", exif=exif, comment=SCRIPT, xmp=b"<x:xmpmeta/>")
    assert PLACE in raw
    assert SCRIPT in raw

    file = read_upload(raw)

    image = opened(file.content)
    assert not image.getexif()
    assert not {"exif", "comment", "xmp", "icc_profile"} & image.info.keys()
    assert not [
        word for word in (PLACE, b"Duarte", SCRIPT, b"xmp", b"Exif") if word in file.content
    ]


def test_nor_is_what_a_png_carries() -> None:
    notes = PngInfo()
    notes.add_text("Comment", SCRIPT.decode())
    raw = saved(quarters(), "PNG", pnginfo=notes, dpi=(300, 300))

    image = opened(read_upload(raw).content)

    assert image.info == {}


def test_what_hangs_behind_the_picture_is_left_behind() -> None:
    raw = saved(quarters(), "GIF") + b"PK\x03\x04" + SCRIPT

    file = read_upload(raw)

    assert SCRIPT not in file.content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_taken_with_the_camera_turned_stands_upright(orientation: int) -> None:
    undone = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    taken = quarters() if undone is None else quarters().transpose(undone)
    exif = Image.Exif()
    exif[0x0112] = orientation

    file = read_upload(saved(taken, "JPEG", exif=exif, quality=95))

    assert file.size == Size(width=600, height=400)
    assert_colors(file, RED, GREEN, BLUE, WHITE)


# Pillow only warns, and warnings are errors in tests.
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_notes_of_the_camera_do_not_hide_the_picture() -> None:
    file = read_upload(saved(quarters(), "JPEG", quality=95, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))

    assert_colors(file, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB"])
def test_a_picture_in_any_colors_becomes_one_in_red_green_and_blue(mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG", "LAB": "TIFF"}.get(mode, "PNG")
    image = photograph().convert("RGB" if mode == "LAB" else mode)
    raw = saved(image, "JPEG" if kind == "TIFF" else kind)

    file = read_upload(raw)

    assert opened(file.content).mode == "RGB"
    assert file.size == Size(width=1500, height=1000)


def test_a_picture_for_the_press_keeps_its_colors() -> None:
    file = read_upload(saved(quarters().convert("CMYK"), "JPEG", quality=95))

    assert_colors(file, RED, GREEN, BLUE, WHITE)


def test_sixteen_bits_become_eight() -> None:
    gray = Image.new("I;16", (300, 200), 40_000)

    file = read_upload(saved(gray, "PNG"))

    (level, *_), *_ = corners(file)
    assert abs(level - 40_000 // 256) <= 2


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    options: dict[str, object] = {}
    if mode == "P":
        image = Image.new("P", (300, 200), 0)
        options = {"transparency": 0}
    elif mode != "RGBA":
        image = image.convert("LA")

    file = read_upload(saved(image, "PNG", **options))

    assert_colors(file, WHITE, WHITE, WHITE, WHITE)


def test_the_colors_of_another_profile_are_brought_over() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB", 5000)).tobytes()
    plain = read_upload(saved(quarters(), "PNG"))

    file = read_upload(saved(quarters(), "PNG", icc_profile=lab))

    assert_colors(file, *corners(plain))
    assert "icc_profile" not in opened(file.content).info


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200])
def test_a_broken_profile_does_not_hide_the_picture(profile: bytes) -> None:
    file = read_upload(saved(quarters(), "PNG", icc_profile=profile))

    assert_colors(file, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_a_moving_picture_the_first_is_taken_and_that_is_said(kind: str) -> None:
    first, then = quarters(), Image.new("RGB", (600, 400), "black")

    moving = read_upload(saved(first, kind, save_all=True, append_images=[then, first]))
    still = read_upload(saved(first, kind))

    assert moving.was_moving
    assert not still.was_moving
    assert_colors(moving, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_half_a_file_is_refused(kind: str, share: float) -> None:
    raw = saved(photograph(), kind)

    assert re.search("damaged|no picture", refused(raw[: int(len(raw) * share)]))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"GIF89a", "damaged|no picture"),
        (b"\xff\xd8\xff\xe0", "damaged|no picture"),
        (b"plain text", "no picture"),
        (b"\x00" * 5_000, "no picture"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
        (b"\xef\xbb\xbf  <SVG onload=alert(1)>", "SVG drawing"),
        (b"<!-- GIF89a --><svg/>", "SVG drawing"),
        (b"<!DOCTYPE html><p>", "web page"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04word/", "office document"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x18ftypavif", "AVIF"),
        (b"\0\0\0\x18ftypmp42", "film"),
        (b"II*\x00", "TIFF"),
        (b"BM", "TIFF and BMP"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_do(raw: bytes, words: str) -> None:
    assert re.search(words, refused(raw))


def test_a_file_called_a_picture_is_what_it_holds() -> None:
    assert "TIFF" in refused(saved(quarters(), "TIFF"))
    assert "TIFF and BMP" in refused(saved(quarters(), "BMP"))
    assert "no picture" in refused(saved(quarters(), "ICO"))


@pytest.mark.parametrize(
    ("width", "height"), [(13_000, 13_000), (30_000, 30_000), (65_000, 65_000), (5_000, 4_001)]
)
def test_a_bomb_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    assert "more than can be taken in" in refused(png_that_claims(width, height))


def test_a_header_that_promises_more_than_there_is_is_refused() -> None:
    assert "damaged" in refused(png_that_claims(4_000, 4_000))


def test_a_file_too_large_is_refused_with_its_size() -> None:
    raw = saved(quarters(), "JPEG")

    assert "11.0 MB" in refused(raw + bytes(11_000_000 - len(raw)))
    assert BYTES_LIMIT == 10_000_000


def test_thousands_of_passes_over_one_picture_are_refused() -> None:
    raw = saved(quarters(), "JPEG", progressive=True)

    assert "unusual way" in refused(raw + b"\xff\xda" * 200)


@pytest.mark.parametrize("size", [(1, 1), (99, 2_000)])
def test_what_is_too_small_to_see_is_refused(size: tuple[int, int]) -> None:
    assert "larger one" in refused(saved(Image.new("RGB", size), "PNG"))


def test_a_part_is_cut_out_and_made_small_enough() -> None:
    whole = read_upload(saved(quarters(2_000, 1_200), "PNG"))
    right = Frame(left=1_000, top=0, width=1_000, height=1_200)

    part = cut_picture(whole.content, right, Size(width=500, height=500))

    assert part.size == Size(width=417, height=500)
    assert_colors(part, GREEN, GREEN, WHITE, WHITE)


def test_cutting_never_enlarges() -> None:
    whole = read_upload(saved(quarters(), "JPEG"))
    frame = Frame(left=0, top=0, width=300, height=200)

    part = cut_picture(whole.content, frame, Size(width=1_200, height=800))

    assert part.size == Size(width=300, height=200)
    assert part.name.endswith(".jpg")
