"""Pictures as people and their cameras make them, drawn on the spot."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 60), (40, 60, 200), (255, 255, 255)


def quarters(width: int = 600, height: int = 400) -> Image.Image:
    """A picture whose quarters are red, green, blue and white: one sees which way is up."""
    image = Image.new("RGB", (width, height))
    across, down = width // 2, height // 2
    for color, left, top in (
        (RED, 0, 0),
        (GREEN, across, 0),
        (BLUE, 0, down),
        (WHITE, across, down),
    ):
        image.paste(color, (left, top, left + across, top + down))
    return image


def photograph(width: int = 1500, height: int = 1000) -> Image.Image:
    """Something like a photograph: soft colors and noise, the same each time."""
    chance = random.Random(7)  # noqa: S311 - the same picture each time
    image = Image.new("RGB", (60, 40))
    pixels = [
        (90 + x * 2 + chance.randrange(40), 80 + y * 3 + chance.randrange(40), 120)
        for y in range(40)
        for x in range(60)
    ]
    image.putdata(pixels)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.6, height * 0.2, width * 0.8, height * 0.5), fill=(240, 200, 90))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the file that a program would have saved."""
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    """Return the picture in the file, decoded."""
    image = Image.open(BytesIO(content))
    image.load()
    return image


def png_that_claims(width: int, height: int) -> bytes:
    """A small PNG whose header promises this many pixels; its rows are one long zero."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10_000))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts
