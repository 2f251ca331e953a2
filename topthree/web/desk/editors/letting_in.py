"""The last step of every way in: the browser gets a secret that nobody had before."""

from __future__ import annotations

from flask import Response, request

from topthree.services.editors.desk_sessions import Admitted, begin_session, sign_out
from topthree.web.access import keep_signed_in, session_secret
from topthree.web.database import transaction
from topthree.web.desk.forms.going import gone_to
from topthree.web.site import site


def let_in(admitted: Admitted, follow: str) -> Response:
    """Sign this browser in and lead it on; whoever was signed in here before is signed out."""
    now = site().clock()
    with transaction() as session:
        sign_out(session, session_secret(), now)
        signed_in = begin_session(session, admitted, request.user_agent.string, now)
    return keep_signed_in(gone_to(follow), signed_in.secret)
