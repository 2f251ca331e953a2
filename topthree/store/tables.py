"""Every table, imported once, so that the metadata is whole."""

from __future__ import annotations

from topthree.store import (
    audit,
    bank,
    deliveries,
    domains,
    editors,
    generation,
    installation,
    issues,
    notices,
    paces,
    runs,
    school_breaks,
    slots,
    subscribers,
    warm_up,
)
from topthree.store.base import Base

__all__ = [
    "audit",
    "bank",
    "deliveries",
    "domains",
    "editors",
    "generation",
    "installation",
    "issues",
    "metadata",
    "notices",
    "paces",
    "runs",
    "school_breaks",
    "slots",
    "subscribers",
    "warm_up",
]

metadata = Base.metadata
