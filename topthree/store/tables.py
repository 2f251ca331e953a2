"""Every table, imported once, so that the metadata is whole."""

from __future__ import annotations

from topthree.store import (
    audit,
    authorship,
    bank,
    deliveries,
    domains,
    editors,
    generation,
    installation,
    issues,
    link_checks,
    media,
    notices,
    paces,
    presence,
    runs,
    school_breaks,
    slots,
    subscribers,
    turns,
    verdicts,
    versions,
    waiting_sends,
    warm_up,
    working_copies,
)
from topthree.store.base import Base

__all__ = [
    "audit",
    "authorship",
    "bank",
    "deliveries",
    "domains",
    "editors",
    "generation",
    "installation",
    "issues",
    "link_checks",
    "media",
    "metadata",
    "notices",
    "paces",
    "presence",
    "runs",
    "school_breaks",
    "slots",
    "subscribers",
    "turns",
    "verdicts",
    "versions",
    "waiting_sends",
    "warm_up",
    "working_copies",
]

metadata = Base.metadata
