"""What is known of the documents that an issue links to, without asking anybody for it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from topthree.domain.links.link_check import LinkCheck, LinkState
from topthree.domain.links.linked_document import LinkedDocument, document_kind
from topthree.domain.writing.issue import IssueContent
from topthree.render.markdown import linked_addresses
from topthree.store.link_checks import known_checks


def linked_documents(session: Session, content: IssueContent) -> tuple[LinkedDocument, ...]:
    """Return the documents behind the links of this content, each with its size if it is known.

    The sizes come from the checks of links, which are made in the background.
    """
    [documents] = linked_documents_of_each(session, [content])
    return documents


def linked_documents_of_each(
    session: Session, contents: Sequence[IssueContent]
) -> tuple[tuple[LinkedDocument, ...], ...]:
    """Return the same for each of these contents, with one question for all of them."""
    urls = [_linked_urls(content) for content in contents]
    checks = known_checks(session, set().union(*urls))
    found = ([_document(url, checks.get(url)) for url in sorted(each)] for each in urls)
    return tuple(tuple(each for each in documents if each.kind) for documents in found)


def _linked_urls(content: IssueContent) -> set[str]:
    urls = {url for item in content.items for url in linked_addresses(item.body)}
    return urls | {item.link.url for item in content.items if item.link.url}


def _document(url: str, check: LinkCheck | None) -> LinkedDocument:
    if check is None or check.state is not LinkState.ALIVE:
        return LinkedDocument(url=url, kind=document_kind(url))
    kind = document_kind(url, check.content_type)
    # A page that stands in for a document, as many sites answer, has no size worth saying.
    is_page = check.content_type.startswith("text/html")
    size = None if is_page else check.content_length
    return LinkedDocument(url=url, kind="" if is_page else kind, size=size or None)
