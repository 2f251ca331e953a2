from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support.installation import Installation, complete_content
from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.links.link_check import LinkCheck, LinkState
from topthree.domain.links.linked_document import LinkedDocument
from topthree.domain.writing.issue import IssueContent
from topthree.domain.writing.item import Link
from topthree.services.archive.browse_archive import read_archived
from topthree.services.links.linked_documents import linked_documents
from topthree.services.proofing.preview_issue import preview_issue
from topthree.services.sending.open_run import open_due_runs
from topthree.store.link_checks import forget_checks, known_checks, note_check, want_checked

URL = "https://www.example.gov/guide.pdf"


def linking(url: str = URL) -> IssueContent:
    first, second, third = complete_content().items
    items = (
        replace(first, link=Link(), body=f"[the guide]({url})"),
        replace(second, link=Link()),
        replace(third, link=Link()),
    )
    return replace(complete_content(), items=items)


def answered(
    installation: Installation, url: str, state: LinkState, kind: str, size: int | None
) -> None:
    """Note how a site answered when its link was looked at."""
    now = installation.clock()
    check = LinkCheck(state=state, content_type=kind, content_length=size, checked_at=now)
    with installation.wiring.writing() as session:
        want_checked(session, [url], now)
        note_check(session, url, check)


def found(installation: Installation, url: str = URL) -> tuple[LinkedDocument, ...]:
    with installation.wiring.reading() as session:
        return linked_documents(session, linking(url))


def test_before_anybody_looked_only_the_kind_is_known(installation: Installation) -> None:
    assert found(installation) == (LinkedDocument(url=URL, kind="PDF"),)


@pytest.mark.parametrize(
    ("state", "kind", "size", "known"),
    [
        (LinkState.ALIVE, "application/pdf", 240_312, (("PDF", 240_312),)),
        (LinkState.ALIVE, "application/pdf", None, (("PDF", None),)),
        (LinkState.ALIVE, "application/pdf", 0, (("PDF", None),)),
        (LinkState.ALIVE, "text/html", 5_000, ()),
        (LinkState.DEAD, "application/pdf", 300, (("PDF", None),)),
        (LinkState.UNKNOWN, "", None, (("PDF", None),)),
    ],
)
def test_the_size_is_what_a_living_site_said(
    installation: Installation,
    state: LinkState,
    kind: str,
    size: int | None,
    known: tuple[tuple[str, int | None], ...],
) -> None:
    answered(installation, URL, state, kind, size)

    assert tuple((each.kind, each.size) for each in found(installation)) == known


def test_an_address_without_a_name_has_the_kind_that_the_site_said(
    installation: Installation,
) -> None:
    url = "https://www.example.gov/download?id=3"
    assert found(installation, url) == ()

    answered(installation, url, LinkState.ALIVE, "application/pdf", 1_100_000)

    assert found(installation, url) == (LinkedDocument(url=url, kind="PDF", size=1_100_000),)


def test_the_size_of_a_document_is_known_as_long_as_the_archive(
    installation: Installation,
) -> None:
    page = "https://www.example.gov/"
    answered(installation, URL, LinkState.ALIVE, "application/pdf", 240_312)
    answered(installation, page, LinkState.ALIVE, "text/html", None)

    with installation.wiring.writing() as session:
        forget_checks(session, installation.clock() + timedelta(days=400))

    with installation.wiring.reading() as session:
        assert set(known_checks(session, [URL, page])) == {URL}


def test_what_went_out_and_the_archive_say_the_size(installation: Installation) -> None:
    issue_id = installation.schedule_approved_issue()
    answered(installation, URL, LinkState.ALIVE, "application/pdf", 240_312)
    installation.clock.advance(timedelta(days=10))

    assert open_due_runs(installation.wiring)

    with installation.wiring.reading() as session:
        sent = preview_issue(session, installation.wiring, issue_id, installation.clock())
        edition = read_archived(
            session, installation.wiring.cadence, IssueKey(day=date(2026, 12, 3))
        ).edition
    assert "The guide as PDF (240 kB)</a>" in sent.html
    assert "The guide as PDF (240 kB):" in sent.text
    assert LinkedDocument(url=URL, kind="PDF", size=240_312) in edition.documents
