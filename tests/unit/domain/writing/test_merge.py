"""What two people made of one content, brought together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.support.installation import complete_content
from topthree.domain.pictures.picture import Picture
from topthree.domain.writing.content_difference import compare_contents, in_order
from topthree.domain.writing.content_fields import field_values, with_fields
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.merge import merge, take

BASE = complete_content()
contents = st.from_type(IssueContent)
# Items keep their headlines, by which they are known again, unless the headline itself is changed.
edits = st.dictionaries(
    st.sampled_from(["subject", "greeting", "item-1-kicker", "item-2-kicker", "item-3-place"]),
    st.sampled_from(["one", "other", "third"]),
).map(lambda values: with_fields(BASE, values))


@given(base=contents, mine=contents)
def test_whoever_changes_alone_gets_what_they_wrote(base: IssueContent, mine: IssueContent) -> None:
    assert (merge(base, mine, base).content, merge(base, mine, base).clashes) == (mine, ())


@given(base=contents, theirs=contents)
def test_what_somebody_else_changed_alone_is_taken_over(
    base: IssueContent, theirs: IssueContent
) -> None:
    assert (merge(base, base, theirs).content, merge(base, base, theirs).clashes) == (theirs, ())


@given(base=contents, same=contents)
def test_two_who_write_the_same_do_not_clash(base: IssueContent, same: IssueContent) -> None:
    assert merge(base, same, same).clashes == ()


@given(mine=edits, theirs=edits)
def test_each_field_is_theirs_only_if_i_left_it(mine: IssueContent, theirs: IssueContent) -> None:
    merged = merge(BASE, mine, theirs)
    old, my, their, new = map(field_values, (BASE, mine, theirs, merged.content))

    clashing = {clash.field for clash in merged.clashes}

    assert all(new[name] == (their[name] if my[name] == old[name] else my[name]) for name in old)
    assert clashing == {
        name for name in old if my[name] != their[name] and old[name] not in (my[name], their[name])
    }


def test_an_item_that_one_moved_takes_along_what_the_other_wrote_in_it() -> None:
    mine = with_fields(BASE, {"item-1-kicker": "Mine"})
    theirs = in_order(BASE, (1, 0, 2))

    merged = merge(BASE, mine, theirs)

    assert merged.content == with_fields(theirs, {"item-2-kicker": "Mine"})
    assert merged.clashes == ()


def test_if_both_move_items_mine_stay_where_i_put_them() -> None:
    mine, theirs = in_order(BASE, (1, 0, 2)), in_order(BASE, (2, 1, 0))

    assert merge(BASE, mine, theirs).content == mine


def test_without_a_common_version_everything_that_differs_is_asked_about() -> None:
    theirs = with_fields(BASE, {"subject": "Theirs", "item-3-headline": "Theirs"})

    merged = merge(None, BASE, theirs)

    assert [clash.label for clash in merged.clashes] == ["Subject", "Item 3: headline"]
    assert merged.content == BASE


def test_a_choice_takes_over_the_named_fields_and_no_other() -> None:
    theirs = with_fields(BASE, {"subject": "Theirs", "item-3-headline": "Theirs"})

    taken = take(BASE, theirs, lambda name: name == "subject")

    assert [change.label for change in compare_contents(BASE, taken)] == ["Subject"]


def test_a_picture_is_never_put_together_from_two() -> None:
    old = Picture(name="0.jpg", width=1200, height=800, alt="A table")
    base = with_fields(BASE, {"item-1-picture": old})
    mine = with_fields(BASE, {"item-1-picture": replace(old, name="1.jpg")})
    theirs = with_fields(BASE, {"item-1-picture": replace(old, name="2.jpg", width=900)})

    merged = merge(base, mine, theirs)

    assert merged.content == mine
    (clash,) = merged.clashes
    assert (clash.field, clash.label) == ("item-1-picture", "Item 1: picture")
    assert "A table" in clash.mine
