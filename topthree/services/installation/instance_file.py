"""Files of the instance folder that are made once, on first use."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def made_once(file: Path, make: Callable[[], str]) -> str:
    """Return what this file of the instance holds, written on first use and never half of it.

    Of two first starts at the same moment one writes, and both read the same.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        with NamedTemporaryFile("w", encoding="ascii", dir=file.parent) as unfinished:
            unfinished.write(make())
            unfinished.flush()
            os.fsync(unfinished.fileno())
            with suppress(FileExistsError):
                os.link(unfinished.name, file)
    return file.read_text(encoding="ascii").strip()
