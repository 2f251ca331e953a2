"""What each kind of notice is: whether one is still wanted, and the message it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.ids import SubscriptionId
from topthree.domain.notice import NoticeKind
from topthree.render.notices import (
    render_already_subscribed,
    render_confirmation,
    render_invitation,
    render_sign_in,
)
from topthree.render.values import RenderedMessage
from topthree.services.notices.turn_notices import is_turn_wanted, render_turn_notice
from topthree.services.subscribers.confirm_subscription import may_be_told
from topthree.services.wiring import Wiring
from topthree.store.editors.editors import SignInRow, find_editor, name_of_editor
from topthree.tokens import INVITATION_VALID, SIGN_IN_VALID, Purpose

#: Nobody waits longer than this for a confirmation or a link.
_A_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How the notices of one kind are treated; ``about`` is what the notice's row names."""

    #: Looks whether what the notice is about still asks for it.
    is_wanted: Callable[[Session, Wiring, int, datetime], bool]
    #: Makes the message; its links and codes are of this moment.
    render: Callable[[Session, Wiring, int, datetime], RenderedMessage]
    #: After this time nobody waits for it any more.
    lasts: timedelta = _A_DAY


def _may_be_told(session: Session, wiring: Wiring, about: int, now: datetime) -> bool:
    del wiring, now
    return may_be_told(session, SubscriptionId(about))


def _confirmation(session: Session, wiring: Wiring, about: int, now: datetime) -> RenderedMessage:
    del session
    newsletter, tokens = wiring.newsletter, wiring.tokens
    return render_confirmation(
        newsletter,
        code=tokens.code(Purpose.CONFIRM, about),
        confirm_url=newsletter.confirm_url(tokens.sign(Purpose.CONFIRM, about, now)),
        disown_url=newsletter.disown_url(tokens.sign(Purpose.DISOWN, about, now)),
    )


def _already(session: Session, wiring: Wiring, about: int, now: datetime) -> RenderedMessage:
    del session, about, now
    return render_already_subscribed(wiring.newsletter)


def _is_unused(session: Session, wiring: Wiring, about: int, now: datetime) -> bool:
    del wiring, now
    sign_in = session.get(SignInRow, about)
    return sign_in is not None and sign_in.used_at is None


def _sign_in(session: Session, wiring: Wiring, about: int, now: datetime) -> RenderedMessage:
    del session
    newsletter, tokens = wiring.newsletter, wiring.tokens
    return render_sign_in(
        newsletter,
        code=tokens.code(Purpose.SIGN_IN, about),
        url=newsletter.sign_in_url(tokens.sign(Purpose.SIGN_IN, about, now)),
    )


def _invitation(session: Session, wiring: Wiring, about: int, now: datetime) -> RenderedMessage:
    invitation = session.get_one(SignInRow, about)
    editor = find_editor(session, invitation.editor_id)
    newsletter, token = wiring.newsletter, wiring.tokens.sign(Purpose.INVITATION, about, now)
    return render_invitation(
        newsletter,
        inviter=name_of_editor(session, invitation.invited_by),
        role=editor.role.with_article if editor else "",
        url=newsletter.sign_in_url(token),
    )


#: Every kind there is.
TREATMENTS: dict[NoticeKind, Treatment] = {
    NoticeKind.CONFIRM_SUBSCRIPTION: Treatment(is_wanted=_may_be_told, render=_confirmation),
    NoticeKind.ALREADY_SUBSCRIBED: Treatment(is_wanted=_may_be_told, render=_already),
    **dict.fromkeys(
        (
            NoticeKind.ASKED_TO_APPROVE,
            NoticeKind.ISSUE_APPROVED,
            NoticeKind.ISSUE_SENT_BACK,
            NoticeKind.APPROVAL_ENDED,
            NoticeKind.NOTHING_APPROVED,
            NoticeKind.APPROVED_BUT_STOPPED,
            NoticeKind.NOT_SENT,
        ),
        Treatment(is_wanted=is_turn_wanted, render=render_turn_notice),
    ),
    NoticeKind.SIGN_IN: Treatment(is_wanted=_is_unused, render=_sign_in, lasts=SIGN_IN_VALID),
    NoticeKind.INVITATION: Treatment(
        is_wanted=_is_unused, render=_invitation, lasts=INVITATION_VALID
    ),
}
