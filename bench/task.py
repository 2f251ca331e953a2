"""What every benchmark is handed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """How much to do, and where files may be put."""

    n: int
    #: Empty, and gone afterwards.
    folder: Path
    #: Do it for a million subscribers, too.
    is_large: bool = False
    #: Where programs of others are installed to compare with; None: they are left out.
    others: Path | None = None
