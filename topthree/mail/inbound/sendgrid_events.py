"""What SendGrid says became of our mail, brought to the form of what reports by mail say.

Source: “Event Webhook Reference”.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from topthree.domain.sending.feedback import Failure
from topthree.mail.inbound.incoming import Incoming, Nature, Report, addresses_in, message_id_in
from topthree.mail.inbound.json_parts import as_list, as_object, as_text, parse_json
from topthree.mail.inbound.provider_status import status_in

#: SendGrid tells a mailbox that is gone from a server that would not have this message.
_FINAL = "bounce"
#: Why it has not even tried: for what it knows of the address, from us or from before…
_KNOWN_DEAD = MappingProxyType({"Bounced Address": "5.0.0", "Invalid": "5.0.0"})
_KNOWN_COMPLAINT = "Spam Reporting Address"
#: …or for what it knows of us (RFC 3463, X.7.1).
_NOT_LET_OUT = "5.7.1"


def read_sendgrid_events(raw: bytes) -> Iterator[Report]:
    """Yield the bounces and complaints; whatever else is reported is passed over."""
    for event in map(as_object, as_list(parse_json(raw))):
        said = _read(event)
        if said is not None:
            yield Report(id=f"sendgrid {json.dumps(event, sort_keys=True)}", said=said)


def _read(event: Mapping[str, object]) -> Incoming | None:
    kind, reason = as_text(event.get("event")), as_text(event.get("reason"))
    if kind == "spamreport" or (kind == "dropped" and reason == _KNOWN_COMPLAINT):
        return _about(event, Nature.COMPLAINT)
    if kind == "dropped":
        status = _KNOWN_DEAD.get(reason, _NOT_LET_OUT)
        return _about(event, Nature.BOUNCE, Failure(status=status, diagnostic=reason))
    if kind == "bounce":
        status = status_in(f"{as_text(event.get('status'))} {reason}")
        may_pass = event.get("type") != _FINAL
        failure = Failure(status=status, diagnostic=reason, may_pass=may_pass)
        return _about(event, Nature.BOUNCE, failure)
    return None


def _about(event: Mapping[str, object], nature: Nature, *failures: Failure) -> Incoming:
    """Return what happened; SendGrid keeps our Message-ID, and not our envelope's sender."""
    return Incoming(
        nature=nature,
        failures=failures,
        message_ids=(message_id_in(as_text(event.get("smtp-id"))),),
        addressees=addresses_in(as_text(event.get("email"))),
    )
