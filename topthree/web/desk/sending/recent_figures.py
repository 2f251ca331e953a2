"""Figures of runs that were counted a moment ago: counting a million rows takes a second or two."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Generic, TypeVar, cast

from flask import current_app

from topthree.domain.ids import RunId
from topthree.services.sending.report_run import Counts, RunView
from topthree.services.sending.run_progress import (
    ByDomain,
    Figures,
    count_domains,
    count_figures,
)
from topthree.web.database import Session
from topthree.web.site import site

T = TypeVar("T")

_KEY = "topthree figures"
_KEPT_SECONDS = 3.0
#: However many look, counting takes at most a tenth of one processor.
_TIMES_ITS_COST = 10
_MOST = 64


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    value: T
    #: What it depends on besides time.
    version: Hashable
    #: In seconds of a clock that nobody sets; None: as long as the version is this.
    until: float | None


class RecentFigures:
    """What this process counted lately. One thread counts; the others get what was before."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._turn = threading.Lock()
        self._kept: dict[Hashable, _Kept[object]] = {}

    def get(self, key: Hashable, version: Hashable, count: Callable[[], T], *, final: bool) -> T:
        """Return what is kept under the key, or what counting anew gives."""
        kept = cast("_Kept[T] | None", self._kept.get(key))
        if kept is not None and self._is_good(kept, version):
            return kept.value
        has_old = kept is not None and kept.version == version
        if not self._turn.acquire(blocking=not has_old):
            return cast("_Kept[T]", kept).value
        try:
            return self._count(key, version, count, final=final)
        finally:
            self._turn.release()

    def forget(self) -> None:
        """Count anew next time: somebody has changed what is counted."""
        self._kept.clear()

    def _count(self, key: Hashable, version: Hashable, count: Callable[[], T], *, final: bool) -> T:
        # Whoever had the turn before may have counted the same.
        kept = cast("_Kept[T] | None", self._kept.get(key))
        if kept is not None and self._is_good(kept, version):
            return kept.value
        began = perf_counter()
        value = count()
        cost = perf_counter() - began
        until = None if final else self._elapsed() + max(_KEPT_SECONDS, _TIMES_ITS_COST * cost)
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = _Kept(value, version, until)
        return value

    def _is_good(self, kept: _Kept[T], version: Hashable) -> bool:
        is_fresh = kept.until is None or self._elapsed() < kept.until
        return kept.version == version and is_fresh


def recent_figures() -> RecentFigures:
    """Return what the app that answers this request counted lately."""
    kept: RecentFigures = current_app.extensions.setdefault(_KEY, RecentFigures(site().elapsed))
    return kept


def counts_of(session: Session, run_id: RunId) -> Counts:
    """Return the counts of an open run, counted now or a moment ago."""
    return _figures(session, run_id, None, None).counts


def figures_of(session: Session, run: RunView) -> Figures:
    """Return the figures of the run, counted now or a moment ago."""
    known = None if run.finished_at is None else run.counts
    return _figures(session, run.id, known, _version(run))


def domains_of(session: Session, run: RunView) -> ByDomain:
    """Return how it goes with each domain, counted now or a moment ago."""
    version = _version(run)
    count = partial(count_domains, session, run.id, site().clock())
    return recent_figures().get(("domains", run.id), version, count, final=version is not None)


def _figures(session: Session, run_id: RunId, known: Counts | None, version: Hashable) -> Figures:
    count = partial(count_figures, session, run_id, site().clock(), known)
    return recent_figures().get(("run", run_id), version, count, final=version is not None)


def _version(run: RunView) -> Hashable:
    """Return what the figures of a finished run depend on; None: it goes on."""
    return None if run.finished_at is None else (run.finished_at, *run.counts.values())
