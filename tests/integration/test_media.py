from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from tests.support.installation import Installation, complete_content
from tests.support.kept_pictures import kept_picture
from tests.support.pictures import photograph, quarters
from topthree.domain.editors.permission import Role
from topthree.domain.ids import IssueId
from topthree.domain.pictures.framing import Focus, Frame, Shape, Size, place_frame
from topthree.domain.pictures.picture import NO_PICTURE, Picture
from topthree.domain.refusal import Conflict, NotFound
from topthree.services.bank.write_bank import NewBankItem, create_bank_item
from topthree.services.identity.editor_view import EditorView
from topthree.services.installation.clean_up import clean_up
from topthree.services.pictures.cut_picture import Part, cut_anew
from topthree.services.pictures.keep_picture import keep_picture, read_media, read_original
from topthree.services.pictures.place_picture import Placed, place_picture
from topthree.services.sending.open_run import open_due_runs
from topthree.services.writing.compose_issue import create_issue
from topthree.services.writing.read_issue import read_issue

MONTH = timedelta(days=31)


@pytest.fixture
def ana(installation: Installation) -> EditorView:
    return installation.add_editor("Ana", Role.WRITER)


def kept(installation: Installation, ana: EditorView, image: Image.Image | None = None) -> Picture:
    return kept_picture(installation, ana, image or quarters(900, 400))


def issue_of(installation: Installation, ana: EditorView) -> IssueId:
    with installation.wiring.writing() as session:
        return create_issue(session, complete_content(), ana, installation.clock()).id


def put(installation: Installation, ana: EditorView, where: Placed, picture: Picture) -> None:
    with installation.wiring.writing() as session:
        place_picture(session, where, picture, ana, installation.clock())


def content_of(installation: Installation, picture: Picture) -> bytes:
    with installation.wiring.reading() as session:
        return read_media(session, picture.name)


def test_a_picture_is_kept_as_it_is_shown_and_as_it_came(
    installation: Installation, ana: EditorView
) -> None:
    picture = kept(installation, ana)

    with installation.wiring.reading() as session:
        original = read_original(session, picture)
    assert (picture.width, picture.height) == (600, 400)
    assert original.size == Size(width=900, height=400)
    assert original.shape is Shape.WIDE
    assert original.frame == Frame(left=150, top=0, width=600, height=400)


def test_cutting_anew_begins_with_what_was_uploaded(
    installation: Installation, ana: EditorView
) -> None:
    picture = kept(installation, ana)
    with installation.wiring.reading() as session:
        original = read_original(session, picture)
    right = place_frame(original.size, Shape.SQUARE, Focus.RIGHT)

    cut = cut_anew(original, Shape.SQUARE, right, Part.PICTURE)
    with installation.wiring.writing() as session:
        anew = keep_picture(session, cut, ana, installation.clock())

    with installation.wiring.reading() as session:
        assert read_original(session, anew).name == original.name
        assert read_original(session, anew).frame == right
        assert read_original(session, picture).shape is Shape.WIDE


def test_the_same_upload_twice_is_kept_once(installation: Installation, ana: EditorView) -> None:
    assert kept(installation, ana) == kept(installation, ana)


def test_a_picture_that_was_used_once_is_kept_as_long_as_anything_names_it(
    installation: Installation, ana: EditorView
) -> None:
    used, forgotten = kept(installation, ana), kept(installation, ana, photograph())
    where = Placed(issue_id=issue_of(installation, ana), place=2, part=Part.PICTURE, seen="")
    put(installation, ana, where, used)

    installation.clock.advance(MONTH)
    clean_up(installation.wiring)

    assert content_of(installation, used)
    with installation.wiring.reading() as session:
        assert read_original(session, used).size == Size(width=900, height=400)
    with pytest.raises(NotFound):
        content_of(installation, forgotten)


def test_a_picture_nobody_used_yet_is_kept_for_a_month(
    installation: Installation, ana: EditorView
) -> None:
    picture = kept(installation, ana)

    installation.clock.advance(timedelta(days=29))
    clean_up(installation.wiring)

    assert content_of(installation, picture)


def test_an_upload_again_begins_the_month_again(
    installation: Installation, ana: EditorView
) -> None:
    picture = kept(installation, ana)
    installation.clock.advance(timedelta(days=29))
    kept(installation, ana)

    installation.clock.advance(timedelta(days=29))
    clean_up(installation.wiring)

    assert content_of(installation, picture)


def test_a_picture_in_mail_that_went_out_stays_when_the_item_loses_it(
    installation: Installation, ana: EditorView
) -> None:
    picture = replace(kept(installation, ana), alt="Four quarters")
    first, second, third = complete_content().items
    items = (first, replace(second, picture=picture), third)
    installation.schedule_approved_issue(replace(complete_content(), items=items))
    installation.clock.advance(timedelta(days=10))

    assert open_due_runs(installation.wiring)
    installation.clock.advance(MONTH)
    clean_up(installation.wiring)

    assert content_of(installation, picture)


def test_a_picture_that_only_an_older_version_has_stays(
    installation: Installation, ana: EditorView
) -> None:
    picture = kept(installation, ana)
    where = Placed(issue_id=issue_of(installation, ana), place=2, part=Part.PICTURE, seen="")
    put(installation, ana, where, picture)
    put(installation, ana, replace(where, seen=picture.name), NO_PICTURE)

    installation.clock.advance(MONTH)
    clean_up(installation.wiring)

    assert content_of(installation, picture)


def test_a_picture_of_the_bank_stays(installation: Installation, ana: EditorView) -> None:
    picture = kept(installation, ana)
    item = replace(complete_content().items[0], picture=picture)
    with installation.wiring.writing() as session:
        create_bank_item(session, NewBankItem(item=item), ana, installation.clock())

    installation.clock.advance(MONTH)
    clean_up(installation.wiring)

    assert content_of(installation, picture)


def test_the_text_that_a_colleague_saved_meanwhile_stays(
    installation: Installation, ana: EditorView
) -> None:
    picture = kept(installation, ana)
    issue_id = issue_of(installation, ana)
    where = Placed(issue_id=issue_id, place=2, part=Part.PICTURE, seen="")

    put(installation, ana, where, picture)
    put(installation, ana, replace(where, part=Part.PORTRAIT), picture)

    with installation.wiring.reading() as session:
        items = read_issue(session, issue_id).content.items
    assert items[1].picture == items[1].portrait == picture
    assert [item.headline for item in items] == [item.headline for item in complete_content().items]


def test_a_picture_is_not_put_over_one_that_the_editor_has_not_seen(
    installation: Installation, ana: EditorView
) -> None:
    picture, other = kept(installation, ana), kept(installation, ana, photograph())
    where = Placed(issue_id=issue_of(installation, ana), place=1, part=Part.PICTURE, seen="")
    put(installation, ana, where, picture)

    with pytest.raises(Conflict, match="changed this picture"):
        put(installation, ana, where, other)
    put(installation, ana, replace(where, seen=picture.name), NO_PICTURE)

    with installation.wiring.reading() as session:
        assert not read_issue(session, where.issue_id).content.items[0].picture


def test_a_picture_voids_an_approval(installation: Installation, ana: EditorView) -> None:
    issue_id = installation.schedule_approved_issue()
    where = Placed(issue_id=issue_id, place=1, part=Part.PICTURE, seen="")

    put(installation, ana, where, kept(installation, ana))

    with installation.wiring.reading() as session:
        assert read_issue(session, issue_id).approved_at is None
