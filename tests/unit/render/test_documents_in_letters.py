from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.unit.render.letters import (
    EASTERN,
    NEWSLETTER,
    RESOURCE,
    document,
    edition_with,
    rendered,
    words_of,
)
from topthree.domain.links.linked_document import LinkedDocument
from topthree.domain.newsletter import Edition
from topthree.domain.writing.item import Link
from topthree.render.page import issue_page

GUIDE = LinkedDocument(url="https://files.example.gov/guide.pdf", kind="PDF", size=240_312)
FORM = LinkedDocument(url="https://files.example.gov/form.docx", kind="Word", size=45_000)


def linking() -> Edition:
    item = replace(
        RESOURCE,
        body=f"Read *this*: [the **form**]({FORM.url}), or [a page](https://example.gov/).",
        link=Link(label="The whole guide", url=GUIDE.url),
    )
    return replace(edition_with(item), documents=(GUIDE, FORM))


def test_links_to_documents_say_kind_and_size_in_mail_and_text() -> None:
    shown = words_of(document(rendered(linking()).html))
    text = " ".join(rendered(linking()).text.split())

    for words in (shown, text):
        assert "the form (Word, 45 kB)" in words
        assert "The whole guide (PDF, 240 kB)" in words
        assert "a page (" not in words


def test_the_note_is_part_of_the_link() -> None:
    links = {
        link.get("href"): words_of(link) for link in document(rendered(linking()).html).iter("a")
    }

    assert links[FORM.url] == "the form (Word, 45 kB)"
    assert links[GUIDE.url] == "The whole guide (PDF, 240 kB)"


def test_the_page_says_it_too() -> None:
    page = issue_page(linking(), NEWSLETTER, time_zone=EASTERN, today=date(2026, 11, 19))

    assert "(Word, 45 kB)</a>" in page.items[0].html
    assert page.items[0].link_label == "The whole guide (PDF, 240 kB)"


def test_what_the_editor_wrote_behind_the_link_stands_alone() -> None:
    edition = linking()
    first, second, third = edition.content.items
    told = replace(first, body=f"[the form]({FORM.url}) (Word, one page, 44 kB)")
    content = replace(edition.content, items=(told, second, third))

    shown = words_of(document(rendered(replace(edition, content=content)).html))

    assert "the form (Word, one page, 44 kB)" in shown
    assert "45 kB" not in shown
