"""What every benchmark is handed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """How much to do, and where files may be put; the folder is empty and goes away afterwards."""

    n: int
    folder: Path
