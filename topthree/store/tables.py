"""Every table, imported once, so that the metadata is whole."""

from __future__ import annotations

from topthree.store import audit, corrections, generation, installation, link_checks, media
from topthree.store.agreeing import comments, preflight_results, sent_tests, share_links, verdicts
from topthree.store.bank import bank_items
from topthree.store.base import Base
from topthree.store.editors import editors, identities, passkeys
from topthree.store.notices import notices, turns
from topthree.store.planning import school_breaks, slots
from topthree.store.sending import (
    corrected_letters,
    deliveries,
    domains,
    feedback,
    paces,
    runs,
    tallies,
    waiting_sends,
    warm_up,
)
from topthree.store.subscribers import subscribers
from topthree.store.writing import authorship, issues, presence, versions, working_copies

__all__ = [
    "audit",
    "authorship",
    "bank_items",
    "comments",
    "corrected_letters",
    "corrections",
    "deliveries",
    "domains",
    "editors",
    "feedback",
    "generation",
    "identities",
    "installation",
    "issues",
    "link_checks",
    "media",
    "metadata",
    "notices",
    "paces",
    "passkeys",
    "preflight_results",
    "presence",
    "runs",
    "school_breaks",
    "sent_tests",
    "share_links",
    "slots",
    "subscribers",
    "tallies",
    "turns",
    "verdicts",
    "versions",
    "waiting_sends",
    "warm_up",
    "working_copies",
]

metadata = Base.metadata
