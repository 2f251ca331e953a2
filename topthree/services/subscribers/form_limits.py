"""How often the public forms may be used, counted in the database that all processes share."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from topthree.domain.network import network_of
from topthree.store.subscribers.subscribers import SignUpRow, count_sign_ups, take_turn

_log = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)
_GLOBAL_CAP = 3_000


class Form(StrEnum):
    """A form that anyone can send."""

    SUBSCRIBE = "subscribe"
    CODE = "code"
    COMMENT = "comment"
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single sign-on"


#: At most so many uses an hour from one household or school (standards R-120).
_CAPS = {
    Form.SUBSCRIBE: 20,
    Form.CODE: 60,
    Form.COMMENT: 20,
    Form.PASSKEY: 200,
    Form.SINGLE_SIGN_ON: 200,
}


def may_use(session: Session, form: Form, ip: str, now: datetime) -> bool:
    """Count this use of the form, and tell whether it is within the limits.

    Only the network is kept, and only until the next cleaning up.
    """
    network = f"{form} {network_of(ip)}"
    # Two uses at the same moment would not see each other, and both count as the last allowed.
    take_turn(session, network)
    session.add(SignUpRow(at=now, network=network))
    session.flush()
    if count_sign_ups(session, now - _HOUR) > _GLOBAL_CAP:
        _log.warning("the public forms are used over %d times an hour", _GLOBAL_CAP)
        return False
    return count_sign_ups(session, now - _HOUR, network) <= _CAPS[form]
