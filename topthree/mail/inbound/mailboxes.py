"""Where mail that came in lies: a Maildir, an mbox, or the end of a pipe."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from topthree.domain.refusal import Refusal
from topthree.mail.inbound.incoming import MOST_BYTES

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that came in, cut off where it is too long to matter."""

    raw: bytes
    #: Notes that it need not be read again; not called, it waits for the next time.
    done: Callable[[], None]


def messages_in(path: Path) -> Iterator[Waiting]:
    """Yield what waits in a Maildir, or everything in an mbox, oldest first.

    What is done in a Maildir moves from ``new`` to ``cur`` and is marked as seen. An mbox is only
    read: whoever delivers into it may be writing, and what was heeded once is recognised.

    :raises Refusal: if there is no mailbox.
    """
    if path.is_dir():
        return _in_maildir(path)
    if path.is_file():
        return _in_mbox(path)
    raise Refusal(f"There is no mailbox {path}. Name a Maildir, an mbox, or “-” for a pipe.")


def message_from(pipe: BinaryIO) -> Waiting:
    """Return the message that comes through the pipe, which is read to its end."""
    raw = pipe.read(MOST_BYTES)
    while pipe.read(_CHUNK):
        pass
    return Waiting(raw=raw, done=lambda: None)


def _in_maildir(folder: Path) -> Iterator[Waiting]:
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise Refusal(f"{folder} is no Maildir: it has no folders “new” and “cur”.")
    for file in sorted((folder / "new").iterdir()):
        if file.name.startswith(".") or not file.is_file():
            continue
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES)
        yield Waiting(raw=raw, done=partial(_mark_seen, folder, file))


def _mark_seen(folder: Path, file: Path) -> None:
    file.rename(folder / "cur" / f"{file.name.partition(':')[0]}:2,S")


def _in_mbox(path: Path) -> Iterator[Waiting]:
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            with box.get_file(key) as opened:
                raw = opened.read(MOST_BYTES)
            yield Waiting(raw=raw, done=lambda: None)
    finally:
        box.close()
