"""Steering a run: pausing it, letting it go on, stopping it for good, reaching the missed."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.domain.ids import RunId
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run_words import reason_words
from topthree.services.agreeing.corrected_letter import read_corrected_letter
from topthree.services.sending.report_run import RunView
from topthree.services.sending.run_progress import Figures, read_progress
from topthree.services.sending.steer_run import cancel_run, pause_run, resume_run, send_to_missed
from topthree.web.access import current_editor, desk
from topthree.web.database import read_only
from topthree.web.desk.forms.going import gone_to
from topthree.web.desk.sending.recent_figures import recent_figures
from topthree.web.site import site


@desk(Permission.PAUSE_RUN)
def pause(run_id: int) -> ResponseReturnValue:
    """Stop the run until somebody lets it go on."""
    pause_run(site(), RunId(run_id), f"{current_editor().name} paused it.", current_editor().who)
    return _back_to(run_id, "paused")


@desk(Permission.STEER_RUN)
def resume(run_id: int) -> ResponseReturnValue:
    """Let a paused run go on."""
    resume_run(site(), RunId(run_id), current_editor().who)
    return _back_to(run_id, "resumed")


@desk(Permission.STEER_RUN)
def show_cancelling(run_id: int) -> ResponseReturnValue:
    """Ask once more before a run is stopped for good."""
    shown, figures = _read(run_id)
    return render_template(
        "desk/sending/run_cancel.html",
        run=shown,
        accepted=figures.counts[DeliveryStatus.SENT],
        left=shown.unfinished,
        now=figures.at,
    )


@desk(Permission.STEER_RUN)
def cancel(run_id: int) -> ResponseReturnValue:
    """Stop the run for good."""
    cancel_run(
        site(), RunId(run_id), f"{current_editor().name} stopped it for good.", current_editor().who
    )
    return _back_to(run_id, "cancelled")


@desk(Permission.STEER_RUN)
def show_missed(run_id: int) -> ResponseReturnValue:
    """Say who was missed, and ask whether they get it after all."""
    shown, figures = _read(run_id)
    with read_only() as session:
        letter = read_corrected_letter(session, site().approval, shown.id, current_editor())
    return render_template(
        "desk/sending/run_missed.html",
        run=shown,
        letter=letter,
        missed=figures.missed,
        missed_count=figures.missed_count,
        reason_words=reason_words,
    )


@desk(Permission.STEER_RUN)
def send_missed(run_id: int) -> ResponseReturnValue:
    """Queue those again who were missed."""
    send_to_missed(site(), RunId(run_id), current_editor().who)
    return _back_to(run_id, "missed")


def _read(run_id: int) -> tuple[RunView, Figures]:
    """Count anew: what is decided here is decided on these figures."""
    with read_only() as session:
        return read_progress(session, RunId(run_id), site().clock())


def _back_to(run_id: int, said: str) -> ResponseReturnValue:
    recent_figures().forget()
    return gone_to(url_for("desk.run", run_id=run_id, said=said))
