"""Every table, imported once, so that the metadata is whole."""

from __future__ import annotations

from topthree.store import (
    deliveries,
    editors,
    generation,
    installation,
    issues,
    notices,
    runs,
    slots,
    subscribers,
)
from topthree.store.base import Base

__all__ = [
    "deliveries",
    "editors",
    "generation",
    "installation",
    "issues",
    "metadata",
    "notices",
    "runs",
    "slots",
    "subscribers",
]

metadata = Base.metadata
