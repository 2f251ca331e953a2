"""Where an installation is: for what has to be done to its database as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from sqlalchemy import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """The database, up to date or not, and the folder that lies on this machine alone."""

    engine: Engine
    instance: Path
    #: In which times are told to people.
    zone: tzinfo
    clock: Callable[[], datetime]
