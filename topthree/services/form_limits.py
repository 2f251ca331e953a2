"""How often the public forms may be used, counted in the database that all processes share."""

from __future__ import annotations

import ipaddress
import logging
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from topthree.store.subscribers import SignUpRow, count_sign_ups, take_turn

_log = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)
_GLOBAL_CAP = 3_000


class Form(StrEnum):
    """A form that anyone can send."""

    SUBSCRIBE = "subscribe"
    CODE = "code"


#: At most so many uses an hour from one household or school (standards R-120).
_CAPS = {Form.SUBSCRIBE: 20, Form.CODE: 60}


def may_use(session: Session, form: Form, ip: str, now: datetime) -> bool:
    """Count this use of the form, and tell whether it is within the limits.

    Only the network is kept, and only until the next cleaning up.
    """
    network = f"{form} {_network(ip)}"
    # Two uses at the same moment would not see each other, and both count as the last allowed.
    take_turn(session, network)
    session.add(SignUpRow(at=now, network=network))
    session.flush()
    if count_sign_ups(session, now - _HOUR) > _GLOBAL_CAP:
        _log.warning("the public forms are used over %d times an hour", _GLOBAL_CAP)
        return False
    return count_sign_ups(session, now - _HOUR, network) <= _CAPS[form]


def _network(ip: str) -> str:
    """Return the network that one household or school shares: IPv4 /24, IPv6 /64."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 caller seen through an IPv6 socket is the IPv4 caller.
        address = address.ipv4_mapped or address
    prefix = 24 if isinstance(address, ipaddress.IPv4Address) else 64
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False))
