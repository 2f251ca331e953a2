"""What was done and seen, one JSON object a line, kept while it happens."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class History:
    """A file that another program can read while this one still writes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, event: str, **facts: object) -> None:
        at = round(time.monotonic() - self._began, 3)
        self._file.write(json.dumps({"at": at, "event": event, **facts}) + "\n")
