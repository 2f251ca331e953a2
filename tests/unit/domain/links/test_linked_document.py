from __future__ import annotations

import pytest

from topthree.domain.links.linked_document import (
    LinkedDocument,
    document_kind,
    size_words,
    with_note,
)

PDF = LinkedDocument(url="https://www.example.gov/guide.pdf", kind="PDF", size=240_312)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.example.gov/guide.pdf", "PDF"),
        ("https://www.example.gov/Guide.PDF?download=1#page=4", "PDF"),
        ("https://www.example.gov/the%20form.docx", "Word"),
        ("https://www.example.gov/table.xlsx", "Excel"),
        ("https://www.example.gov/talk.pptx", "PowerPoint"),
        ("https://www.example.gov/guide", ""),
        ("https://www.example.gov/page.html?file=x.pdf", ""),
        ("https://guide.pdf/", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_the_address_tells_the_kind_of_a_document(url: str, kind: str) -> None:
    assert document_kind(url) == kind


def test_where_the_address_does_not_tell_the_site_may() -> None:
    assert document_kind("https://www.example.gov/d?id=3", "application/pdf") == "PDF"
    assert document_kind("https://www.example.gov/d?id=3", "text/html") == ""


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 kB"),
        (45_210, "45 kB"),
        (240_312, "240 kB"),
        (1_100_000, "1.1 MB"),
        (9_960_000, "10.0 MB"),
        (12_400_000, "12 MB"),
    ],
)
def test_a_size_is_said_as_people_read_it(size: int, words: str) -> None:
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("words", "after", "shown"),
    [
        ("The guide", "", "The guide (PDF, 240 kB)"),
        ("The guide as PDF", "", "The guide as PDF (240 kB)"),
        ("The guide", " (PDF, 12 pages, 1.1 MB)", "The guide"),
        ("The guide", " (12 pages, 1.1 MB)", "The guide (PDF)"),
        ("The guide, pdf, 240 KB", "", "The guide, pdf, 240 KB"),
    ],
)
def test_what_is_said_already_is_not_said_again(words: str, after: str, shown: str) -> None:
    assert with_note(words, PDF, after) == shown


def test_without_a_size_the_kind_is_said_alone() -> None:
    document = LinkedDocument(url=PDF.url, kind="PDF")

    assert with_note("The guide", document) == "The guide (PDF)"
    assert with_note("The guide", None) == "The guide"
