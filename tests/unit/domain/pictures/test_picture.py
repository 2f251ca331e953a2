from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topthree.domain.pictures.picture import (
    ALT_LIMIT,
    Picture,
    is_kept_name,
    read_picture,
    tidy_picture,
    write_picture,
)
from topthree.domain.writing.item import Item, missing_parts, storable_problems, tidy_item

NAME = f"{'0a' * 16}.jpg"
PICTURE = Picture(name=NAME, width=1200, height=800, alt="Two teachers plan at a table.")
ITEM = Item(headline="Share the lead", body="Plan together.")

_lines = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
_pictures = st.builds(
    Picture,
    name=st.just(NAME),
    width=st.integers(1, 4000),
    height=st.integers(1, 4000),
    alt=_lines,
    is_decorative=st.booleans(),
    caption=_lines,
    credit=_lines,
)


@given(_pictures)
def test_a_picture_written_as_a_line_reads_back_the_same(picture: Picture) -> None:
    assert read_picture(write_picture(picture)) == picture


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<script>",
        "[]",
        "null",
        "{}",
        '{"name":"x"}',
        write_picture(PICTURE).replace("1200", '"1200"'),
        write_picture(PICTURE).replace("1200", "true"),
        write_picture(PICTURE).replace("}", ',"onload":"x"}'),
        "[" * 5000,
    ],
)
def test_any_other_text_is_no_picture(text: str) -> None:
    assert read_picture(text) == Picture()


def test_no_picture_is_written_as_nothing() -> None:
    assert write_picture(Picture(alt="words without a file")) == ""


@pytest.mark.parametrize(
    "name",
    [
        "",
        "photo.jpg",
        NAME.upper(),
        f"../{NAME}",
        f"{NAME}\n",
        NAME.replace("jpg", "svg"),
        f" {NAME}",
    ],
)
def test_only_names_made_from_content_are_names_of_kept_files(name: str) -> None:
    assert is_kept_name(NAME)
    assert not is_kept_name(name)


def test_an_item_without_a_picture_lacks_none() -> None:
    assert missing_parts(ITEM, 2) == []


def test_a_picture_that_nobody_described_keeps_an_item_from_approval() -> None:
    (problem,) = missing_parts(replace(ITEM, picture=replace(PICTURE, alt="")), 2)

    assert problem.field == "item-2-picture"
    assert problem.message == (
        "Item 2: say in words what the picture shows, or mark it as decorative."
    )


@pytest.mark.parametrize("picture", [PICTURE, replace(PICTURE, alt="", is_decorative=True)])
def test_a_picture_described_or_decorative_lacks_nothing(picture: Picture) -> None:
    assert missing_parts(replace(ITEM, picture=picture), 2) == []


def test_a_portrait_needs_no_description_beside_the_name() -> None:
    assert missing_parts(replace(ITEM, portrait=replace(PICTURE, alt="")), 2) == []


def test_a_decorative_picture_is_kept_without_a_description() -> None:
    picture = replace(PICTURE, is_decorative=True, caption="  After class  ")

    kept = tidy_picture(picture)

    assert (kept.alt, kept.caption) == ("", "After class")


def test_words_without_a_file_are_no_picture() -> None:
    item = tidy_item(replace(ITEM, picture=Picture(alt="What was here before")))

    assert item.picture == Picture()


@pytest.mark.parametrize(
    ("picture", "field"),
    [
        (replace(PICTURE, alt="W" * (ALT_LIMIT + 1)), "item-1-picture-alt"),
        (replace(PICTURE, caption="two\nlines"), "item-1-picture-caption"),
        (replace(PICTURE, credit="\u202eeel"), "item-1-picture-credit"),
        (replace(PICTURE, name="../../etc/passwd.jpg"), "item-1-picture"),
        (replace(PICTURE, name=".hidden.png"), "item-1-picture"),
        (replace(PICTURE, name="drawing.svg"), "item-1-picture"),
        (replace(PICTURE, width=40_000), "item-1-picture"),
    ],
)
def test_what_no_picture_may_have_is_refused_at_its_field(picture: Picture, field: str) -> None:
    problems = storable_problems(replace(ITEM, picture=picture), 1)

    assert [problem.field for problem in problems] == [field]
