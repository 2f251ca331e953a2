"""Where the databases of the tests are: in memory if there is room, waiting for no disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it has a name that nobody can guess
_ENOUGH_BYTES = 2 * 1024**3


def make_scratch(name: str) -> Path:
    """Make a folder, which the caller removes."""
    parent = _MEMORY if _has_room() else None
    return Path(tempfile.mkdtemp(prefix=f"topthree-{name}-", dir=parent))


def _has_room() -> bool:
    return os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES
