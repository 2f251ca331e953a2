"""What Mailgun says became of our mail, brought to the form of what reports by mail say.

Source: “Webhook Payloads”.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from topthree.domain.sending.feedback import Failure
from topthree.mail.inbound.incoming import Incoming, Nature, Report, addresses_in, message_id_in
from topthree.mail.inbound.json_parts import as_object, as_text, parse_json
from topthree.mail.inbound.provider_status import status_in

#: Why a message is lost that says something for good about the address: the server said so now, or
#: did before. Mailgun calls permanent whatever it does not try again.
_FINAL = ("bounce", "suppress-bounce")
_KNOWN_COMPLAINT = "suppress-complaint"


def read_mailgun_event(raw: bytes) -> Iterator[Report]:
    """Yield the bounce or complaint; whatever else is reported is passed over."""
    event = as_object(as_object(parse_json(raw)).get("event-data"))
    said = _read(event)
    if said is not None:
        yield Report(id=f"mailgun {json.dumps(event, sort_keys=True)}", said=said)


def _read(event: Mapping[str, object]) -> Incoming | None:
    kind, reason = as_text(event.get("event")), as_text(event.get("reason"))
    is_lost = kind == "failed" and event.get("severity") == "permanent"
    if kind == "complained" or (is_lost and reason == _KNOWN_COMPLAINT):
        return _about(event, Nature.COMPLAINT)
    if not is_lost:
        return None
    result = as_object(event.get("delivery-status"))
    said = " ".join(as_text(result.get(name)) for name in ("code", "enhanced-code", "message"))
    diagnostic, may_pass = " ".join(said.split()), reason not in _FINAL
    failure = Failure(status=status_in(said), diagnostic=diagnostic, may_pass=may_pass)
    return _about(event, Nature.BOUNCE, failure)


def _about(event: Mapping[str, object], nature: Nature, *failures: Failure) -> Incoming:
    """Return what happened; Mailgun keeps our envelope's sender, and our Message-ID."""
    headers = as_object(as_object(event.get("message")).get("headers"))
    return Incoming(
        nature=nature,
        failures=failures,
        senders=addresses_in(as_text(as_object(event.get("envelope")).get("sender"))),
        message_ids=(message_id_in(as_text(headers.get("message-id"))),),
        addressees=addresses_in(as_text(event.get("recipient"))),
    )
