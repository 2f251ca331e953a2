from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest

from tests.unit.render.letters import (
    EASTERN,
    NEWSLETTER,
    REFLECTION,
    RESOURCE,
    declarations,
    document,
    edition_with,
    rendered,
    words_of,
)
from topthree.domain.pictures.picture import Picture
from topthree.domain.writing.item import Item
from topthree.render.page import issue_page
from topthree.render.picture_view import view_picture

NAME = f"{'0a' * 16}.jpg"
PICTURE = Picture(
    name=NAME,
    width=1200,
    height=800,
    alt="Four teachers plan at a long table.",
    caption="Tuesdays at three.",
    credit="Photo: Ana Ruiz",
)
PICTURED = replace(RESOURCE, picture=PICTURE)


def images(item: Item) -> list[Element]:
    return list(document(rendered(edition_with(item)).html).iter("img"))


def text(item: Item) -> str:
    return " ".join(rendered(edition_with(item)).text.split())


def test_a_picture_stands_in_the_mail_with_its_size_and_its_words() -> None:
    (image,) = images(PICTURED)

    assert image.get("alt") == PICTURE.alt
    assert (image.get("width"), image.get("height")) == ("536", "357")
    style = declarations(image)
    assert (style["display"], style["width"], style["height"]) == ("block", "100%", "auto")
    assert style["max-width"] == "536px"


def test_its_address_is_on_our_own_host_over_https_and_names_nobody() -> None:
    (image,) = images(PICTURED)
    target = urlsplit(image.get("src", ""))

    assert (target.scheme, target.netloc) == ("https", "letters.example.gov")
    assert (target.path, target.query, target.fragment) == (f"/media/{NAME}", "", "")


def test_caption_and_credit_stand_under_it() -> None:
    shown = words_of(document(rendered(edition_with(PICTURED)).html))

    assert "Tuesdays at three. Photo: Ana Ruiz" in " ".join(shown.split())


def test_the_text_part_says_what_the_picture_shows() -> None:
    assert (
        "[Picture: Four teachers plan at a long table.] Tuesdays at three. Photo: Ana Ruiz"
    ) in text(PICTURED)


def test_in_a_spanish_letter_it_says_so_in_spanish() -> None:
    edition = edition_with(PICTURED)
    spanish = replace(edition, content=replace(edition.content, language="es"))

    assert "[Imagen: Four teachers" in rendered(spanish).text


def test_a_decorative_picture_has_an_empty_description_and_no_line_in_the_text() -> None:
    bare = replace(PICTURE, alt="", is_decorative=True, caption="", credit="")

    (image,) = images(replace(RESOURCE, picture=bare))

    assert image.get("alt") == ""
    assert "[Picture" not in text(replace(RESOURCE, picture=bare))


def test_an_item_without_a_picture_has_none() -> None:
    assert images(RESOURCE) == []


def test_a_portrait_stands_beside_the_name_without_words_of_its_own() -> None:
    portrait = Picture(name=NAME, width=240, height=240)

    (image,) = images(replace(REFLECTION, portrait=portrait))

    assert (image.get("alt"), image.get("width"), image.get("height")) == ("", "72", "72")


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        (1200, 800, (536, 357)),
        (960, 960, (430, 430)),
        (640, 960, (287, 430)),
        (300, 200, (300, 200)),
    ],
)
def test_a_picture_takes_no_more_room_than_it_has_pixels_or_the_column(
    width: int, height: int, shown: tuple[int, int]
) -> None:
    view = view_picture(replace(PICTURE, width=width, height=height), NEWSLETTER)

    assert view is not None
    assert (view.in_mail.width, view.in_mail.height) == shown


def test_a_picture_that_was_never_taken_in_is_not_shown() -> None:
    assert images(replace(RESOURCE, picture=Picture(name="table.jpg", alt="A table"))) == []


def test_words_of_a_picture_cannot_break_out_of_their_place() -> None:
    attack = '"><script>alert(1)</script>{{ 7*7 }}'

    html = rendered(
        edition_with(replace(RESOURCE, picture=replace(PICTURE, alt=attack, caption=attack)))
    ).html

    assert not list(document(html).iter("script"))
    (image,) = document(html).iter("img")
    assert image.get("alt") == attack


def test_the_page_shows_the_same_file() -> None:
    today = date(2026, 11, 19)

    page = issue_page(edition_with(PICTURED), NEWSLETTER, time_zone=EASTERN, today=today)

    view = page.items[0].picture
    assert view is not None
    assert (view.name, view.on_page.width) == (NAME, 608)
