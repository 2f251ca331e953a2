from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.installation import Installation, complete_content, dismantle, install
from tests.support.kept_pictures import with_pictures
from tests.support.pictures import opened, photograph, quarters, saved
from topthree.domain.audit.entry import TERMINAL
from topthree.domain.editors.permission import Role
from topthree.domain.pictures.picture import Picture
from topthree.domain.refusal import Refusal
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.issue_file import IssueFile, write_issue
from topthree.services.archive.exchange_issue_files import check_files, export_issue, import_files
from topthree.services.pictures.keep_picture import read_media, read_original
from topthree.services.writing.compose_issue import create_issue
from topthree.services.writing.read_issue import list_issues, read_issue

TABLE = Picture(name="table.jpg")


@pytest.fixture
def elsewhere(sqlite_databases: Databases, tmp_path: Path) -> Iterator[Installation]:
    """Another installation, which has seen none of our pictures."""
    for url in sqlite_databases.fresh():
        other = install(tmp_path / "elsewhere", url)
        yield other
        dismantle(other)


def file_in(folder: Path, picture: Picture = TABLE) -> Path:
    """Write an issue by hand, whose first item has a picture."""
    first, second, third = complete_content().items
    first = replace(first, picture=picture)
    content = replace(complete_content(), items=(first, second, third))
    folder.mkdir(exist_ok=True)
    path = folder / "issue.md"
    path.write_text(write_issue(IssueFile(content=content)), "utf-8")
    return path


def take_in(installation: Installation, path: Path) -> IssueContent:
    with installation.wiring.writing() as session:
        import_files(session, installation.wiring.cadence, [path], TERMINAL, installation.clock())
        (summary,) = list_issues(session)
        return read_issue(session, summary.id).content


def test_pictures_travel_with_the_issue_to_another_installation(
    installation: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    ana = installation.add_editor("Ana", Role.WRITER)
    content = with_pictures(installation, ana, complete_content())
    with installation.wiring.writing() as session:
        issue = create_issue(session, content, ana, installation.clock())
        path = export_issue(session, issue, tmp_path / "out")

    there = take_in(elsewhere, path)

    assert there == content
    assert there.digest() == content.digest()
    name = content.items[0].picture.name
    assert (path.parent / name).read_bytes()[:3] == b"\xff\xd8\xff"
    with elsewhere.wiring.reading() as session:
        assert read_media(session, name) == (path.parent / name).read_bytes()
    assert check_files([path])[0].refused == ""


def test_a_picture_put_there_by_hand_is_written_anew(
    elsewhere: Installation, tmp_path: Path
) -> None:
    path = file_in(tmp_path / "mine", replace(TABLE, alt="A table"))
    (path.parent / "table.jpg").write_bytes(saved(photograph(3_000, 1_000), "JPEG", comment=b"Lea"))

    picture = take_in(elsewhere, path).items[0].picture

    assert (picture.width, picture.height, picture.alt) == (1_200, 400, "A table")
    with elsewhere.wiring.reading() as session:
        content = read_media(session, picture.name)
        assert read_original(session, picture).size.width == 2_400
    assert "comment" not in opened(content).info


def test_importing_twice_finds_the_same_picture(elsewhere: Installation, tmp_path: Path) -> None:
    path = file_in(tmp_path / "mine")
    (path.parent / "table.jpg").write_bytes(saved(quarters(), "PNG"))

    assert take_in(elsewhere, path) == take_in(elsewhere, path)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, "there is no picture “table.jpg” beside it"),
        (b"", "cannot be used. The file is empty"),
        (b"<svg/>", "cannot be used. This is an SVG drawing"),
    ],
)
def test_a_picture_that_is_missing_or_none_is_named(
    elsewhere: Installation, tmp_path: Path, raw: bytes | None, words: str
) -> None:
    path = file_in(tmp_path / "mine")
    if raw is not None:
        (path.parent / "table.jpg").write_bytes(raw)

    (report,) = check_files([path])
    with pytest.raises(Refusal, match=words) as caught:
        take_in(elsewhere, path)

    assert words in report.refused
    assert str(path) in str(caught.value)


def test_a_link_to_a_file_elsewhere_is_not_followed(
    elsewhere: Installation, tmp_path: Path
) -> None:
    path = file_in(tmp_path / "mine")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(saved(quarters(), "JPEG"))
    (path.parent / "table.jpg").symlink_to(secret)

    with pytest.raises(Refusal, match="no picture"):
        take_in(elsewhere, path)


def test_a_file_under_a_name_of_ours_is_believed_only_if_it_is_ours(
    elsewhere: Installation, tmp_path: Path
) -> None:
    name = f"{'0a' * 16}.jpg"
    path = file_in(tmp_path / "mine", Picture(name=name, width=600, height=400))
    (path.parent / name).write_bytes(saved(quarters(), "JPEG", comment=b"Lea"))

    picture = take_in(elsewhere, path).items[0].picture

    assert picture.name != name
    with elsewhere.wiring.reading() as session:
        assert b"Lea" not in read_media(session, picture.name)
