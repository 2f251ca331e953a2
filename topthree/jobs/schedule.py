"""What is done from time to time; each job asks the database what is due, and may run anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from topthree.services.archive.record_run import record_runs
from topthree.services.audit.note_settings import note_settings
from topthree.services.audit.verify_audit import note_end
from topthree.services.installation.clean_up import clean_up
from topthree.services.links.check_links import check_links, look_for_links
from topthree.services.notices.send_notices import send_notices
from topthree.services.proofing.keep_results import keep_results
from topthree.services.sending.finish_run import release_expired
from topthree.services.sending.learn_providers import learn_providers
from topthree.services.sending.open_run import open_due_runs
from topthree.services.sending.prepare_run import prepare_runs
from topthree.services.sending.send_by_hand import open_asked_runs
from topthree.services.sending.send_seeds import send_seeds
from topthree.services.sending.warn_of_slots import warn_of_slots
from topthree.services.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One service and how often it is asked whether there is something to do."""

    name: str
    every: timedelta
    service: Callable[[Wiring], object]


JOBS = (
    Job(name="open due runs", every=timedelta(seconds=5), service=open_due_runs),
    Job(name="open asked runs", every=timedelta(seconds=2), service=open_asked_runs),
    Job(name="prepare runs", every=timedelta(seconds=5), service=prepare_runs),
    Job(name="send seeds", every=timedelta(seconds=2), service=send_seeds),
    Job(name="send notices", every=timedelta(seconds=1), service=send_notices),
    Job(name="warn of slots", every=timedelta(minutes=1), service=warn_of_slots),
    Job(name="record runs", every=timedelta(seconds=5), service=record_runs),
    Job(name="release expired claims", every=timedelta(minutes=1), service=release_expired),
    Job(name="look for links", every=timedelta(minutes=10), service=look_for_links),
    Job(name="check links", every=timedelta(seconds=2), service=check_links),
    Job(name="keep preflight results", every=timedelta(seconds=5), service=keep_results),
    Job(name="learn providers", every=timedelta(minutes=1), service=learn_providers),
    Job(name="note the settings", every=timedelta(hours=6), service=note_settings),
    Job(name="note the end of the audit log", every=timedelta(hours=6), service=note_end),
    Job(name="clean up", every=timedelta(hours=6), service=clean_up),
)
