"""What concerns oneself: which mail one gets, where one is signed in, and signing out there."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from topthree.domain.editors.permission import Permission
from topthree.services.editors.choose_mail import choose_turn_mail
from topthree.services.editors.desk_sessions import end_other_sessions, end_session, list_sessions
from topthree.services.editors.passkeys import list_passkeys
from topthree.web.access import current_editor, desk, session_secret
from topthree.web.database import read_only, transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site


@desk(Permission.READ_DESK)
def me() -> ResponseReturnValue:
    """Show which mail one gets, and in which browsers one is signed in."""
    wiring = site()
    with read_only() as session:
        sessions = list_sessions(
            session, current_editor(), session_secret(), wiring.clock(), wiring.session_limits
        )
        passkeys = list_passkeys(session, current_editor())
    return render_template(
        "desk/editors/me.html",
        myself=current_editor(),
        sessions=sessions,
        limits=wiring.session_limits,
        has_passkeys=wiring.passkeys is not None,
        passkeys=passkeys,
    )


@desk(Permission.READ_DESK)
def choose_mail() -> ResponseReturnValue:
    """Let mail say that something is one's turn, or not."""
    is_wanted = request.form.get("turns") == "yes"
    with transaction() as session:
        choose_turn_mail(session, current_editor(), is_wanted=is_wanted, now=site().clock())
    return gone_to(url_for("desk.me", said="mail-on" if is_wanted else "mail-off"))


@desk(Permission.READ_DESK)
def end_one(session_id: int) -> ResponseReturnValue:
    """Sign out of another browser."""
    with transaction() as session:
        end_session(session, current_editor(), session_id, site().clock())
    return gone_to(url_for("desk.me", said="session-ended"))


@desk(Permission.READ_DESK)
def end_others() -> ResponseReturnValue:
    """Sign out of every browser but this one."""
    with transaction() as session:
        end_other_sessions(session, current_editor(), session_secret(), site().clock())
    return gone_to(url_for("desk.me", said="sessions-ended"))
