"""Documents that a letter links to: readers see the kind and the size before they follow a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

_KINDS = {
    ".pdf": "PDF",
    ".doc": "Word",
    ".docx": "Word",
    ".xls": "Excel",
    ".xlsx": "Excel",
    ".ppt": "PowerPoint",
    ".pptx": "PowerPoint",
    ".odt": "OpenDocument",
    ".ods": "OpenDocument",
    ".odp": "OpenDocument",
    ".rtf": "RTF",
    ".csv": "CSV",
    ".epub": "EPUB",
    ".zip": "ZIP",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: For addresses that do not end in a name: ``/download?id=12``.
_KINDS_OF_TYPES = {
    "application/pdf": "PDF",
    "application/msword": "Word",
    f"{_OFFICE}wordprocessingml.document": "Word",
    "application/vnd.ms-excel": "Excel",
    f"{_OFFICE}spreadsheetml.sheet": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    f"{_OFFICE}presentationml.presentation": "PowerPoint",
    "application/epub+zip": "EPUB",
    "application/zip": "ZIP",
    "text/csv": "CSV",
}
_SIZE = re.compile(r"\d\s?([kMG]B|bytes)\b", re.IGNORECASE)
_KILO, _MEGA = 1_000, 1_000_000
#: From so many of a unit on, one that is ten times less says nothing.
_ROUGHLY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedDocument:
    """What is known of a document behind a link."""

    url: str
    #: As readers know it: “PDF”, “Word”.
    kind: str
    #: Bytes; None if nobody has said.
    size: int | None = None


def document_kind(url: str, content_type: str = "") -> str:
    """Return what kind of document an address leads to; empty for a page or what is not known.

    :param content_type: what its site said, if it was asked.
    """
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ""
    named = _KINDS.get(PurePosixPath(path).suffix.lower(), "")
    return named or _KINDS_OF_TYPES.get(content_type, "")


def with_note(words: str, document: LinkedDocument | None, after: str = "") -> str:
    """Return the words of a link with kind and size behind them: “The guide (PDF, 240 kB)”.

    What the words, or those right after them, say already is not said again.
    """
    added = _note(document, f"{words} {after}") if document else ""
    return f"{words} ({added})" if added else words


def by_address(documents: tuple[LinkedDocument, ...]) -> Mapping[str, LinkedDocument]:
    """Return the documents by the addresses of their links."""
    return {document.url: document for document in documents}


def size_words(size: int) -> str:
    """Return a number of bytes as people read it: “240 kB”, “1.1 MB”."""
    if size < _MEGA:
        return f"{max(1, round(size / _KILO))} kB"
    millions = size / _MEGA
    return f"{millions:.0f} MB" if millions >= _ROUGHLY else f"{millions:.1f} MB"


def _note(document: LinkedDocument, said: str) -> str:
    has_kind = re.search(rf"\b{document.kind}\b", said, re.IGNORECASE) is not None
    has_size = document.size is None or _SIZE.search(said) is not None
    parts = ("" if has_kind else document.kind, "" if has_size else size_words(document.size or 0))
    return ", ".join(part for part in parts if part)
