"""What a relay's own log says that it has accepted: by Message-ID, from Postfix or Exim."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from topthree.domain.refusal import Refusal

#: Longer lines than this are no relay's; what follows of them is passed over like any other.
_LONGEST_LINE = 16_384
#: So many messages may be half-way through Postfix at the same time; an older one was given up.
_HALF_WAY = 100_000
_GZIP_BEGINS = b"\x1f\x8b"

# Postfix notes the Message-ID when it reads the header, which is before it has taken the message:
# only a line of what comes after the queue shows that it has.
_POSTFIX_HEADER = re.compile(rb"cleanup\[\d+\]: ([0-9A-Za-z]{5,}): message-id=<([^<>\s]+)>")
_POSTFIX_AFTERWARDS = re.compile(
    rb"[/ ](?:o?qmgr|smtp|lmtp|local|virtual|pipe|discard|error|bounce)\[\d+\]: ([0-9A-Za-z]{5,}): "
)
_EXIM_ARRIVAL = re.compile(rb"^[^<]* <= .* id=(\S+)")


def accepted_message_ids(files: Iterable[Path], domain: str) -> Iterator[str]:
    """Yield the Message-IDs at our domain, in angle brackets, that the relay has accepted.

    Each may come more than once. What is no line of a relay's log is passed over. Logs may be
    compressed with gzip, and are read in the order in which they were last written to: a message
    may begin in one and end in the next.

    :raises Refusal: if a file cannot be read, or is compressed and cut off.
    """
    ours = b"@" + domain.encode("ascii").lower()
    reading = _Reading()
    for file in sorted(files, key=lambda file: file.stat().st_mtime):
        try:
            with _opened(file) as raw:
                for message_id in reading.accepted(raw):
                    if message_id.lower().endswith(ours):
                        yield f"<{message_id.decode('ascii', errors='replace')}>"
        except (OSError, EOFError, zlib.error) as error:
            raise Refusal(f"{file} cannot be read: {error}") from error


class _Reading:
    """What is known of the messages that are half-way through Postfix."""

    def __init__(self) -> None:
        self._half_way: dict[bytes, bytes] = {}

    def accepted(self, raw: BinaryIO) -> Iterator[bytes]:
        while line := raw.readline(_LONGEST_LINE):
            if header := _POSTFIX_HEADER.search(line):
                self._begin(*header.groups())
            elif afterwards := _POSTFIX_AFTERWARDS.search(line):
                taken = self._half_way.pop(afterwards.group(1), None)
                if taken is not None:
                    yield taken
            elif arrival := _EXIM_ARRIVAL.search(line):
                yield arrival.group(1)

    def _begin(self, queue_id: bytes, message_id: bytes) -> None:
        self._half_way[queue_id] = message_id
        if len(self._half_way) > _HALF_WAY:
            del self._half_way[next(iter(self._half_way))]


def _opened(file: Path) -> BinaryIO:
    with file.open("rb") as raw:
        is_compressed = raw.read(len(_GZIP_BEGINS)) == _GZIP_BEGINS
    return cast("BinaryIO", gzip.open(file)) if is_compressed else file.open("rb")
