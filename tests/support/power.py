"""What is left of an SQLite database when the power fails, from what the disk was told to keep."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The database and its log, as a process sees them at one moment."""

    database: bytes
    log: bytes

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read both while nobody writes."""
        return cls(database=path.read_bytes(), log=_log_of(path).read_bytes())

    def write(self, path: Path) -> None:
        path.write_bytes(self.database)
        _log_of(path).write_bytes(self.log)

    @property
    def log_name(self) -> bytes:
        """What tells this log from the one that it is written over."""
        return self.log[16:24]

    @property
    def log_end(self) -> int:
        """Where the frames of this log end; what follows is left over from earlier ones."""
        (page_size,) = struct.unpack(">I", self.log[8:12])
        end = _HEADER_BYTES
        while self.log[end + 8 : end + 16] == self.log_name:
            end += _FRAME_HEADER_BYTES + page_size
        return min(end, len(self.log))

    def after_a_power_cut(self, safe: int, chance: random.Random) -> Files:
        """Keep the log as far as it was flushed, and of the rest some, cut off or garbled."""
        cut = chance.randint(safe, self.log_end)
        log = bytearray(self.log)
        if chance.random() < 0.5:
            del log[cut:]
        else:
            for _ in range(200):
                log[chance.randrange(cut, len(log)) if cut < len(log) else -1] ^= 0xFF
        return Files(database=self.database, log=bytes(log))


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
