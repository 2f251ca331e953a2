"""What Amazon SES says became of our mail, brought to the form of what reports by mail say.

Source: “Contents of event data that Amazon SES publishes to Amazon SNS”, and the older
notifications of an identity, which have the same parts under another name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from topthree.domain.sending.feedback import IS_COMPLAINT, Failure
from topthree.mail.inbound.incoming import Incoming, Nature, addresses_in, links_in

#: In an event that is published, and in the notification of an identity.
_KINDS = ("eventType", "notificationType")
_FINAL = "Permanent"
_STATUS = re.compile(r"[45](\.[0-9]{1,3}\.[0-9]{1,3})")
_MOST_RECIPIENTS = 50
_NOTHING = Incoming(nature=Nature.AUTOMATIC)


def read_ses_event(text: str) -> Incoming:
    """Say what the event is; whatever is no bounce and no complaint says nothing."""
    try:
        event = _object(json.loads(text))
    except (ValueError, RecursionError):
        # SES greets a new topic with a sentence.
        return _NOTHING
    kind = next((event[name] for name in _KINDS if name in event), None)
    if kind == "Complaint" and _is_complaint(_object(event.get("complaint"))):
        return _about(event, Nature.COMPLAINT)
    if kind == "Bounce":
        return _about(event, Nature.BOUNCE, tuple(_failures(_object(event.get("bounce")))))
    return _NOTHING


def _about(
    event: Mapping[str, object], nature: Nature, failures: tuple[Failure, ...] = ()
) -> Incoming:
    """Return what happened, with what tells to which of our letters.

    SES puts an envelope's sender of its own in the place of ours, and says here which that was.
    """
    mail = _object(event.get("mail"))
    headers = map(_object, _list(mail.get("headers")))
    ways_out = (
        _text(each.get("value"))
        for each in headers
        if _text(each.get("name")).lower() == "list-unsubscribe"
    )
    return Incoming(
        nature=nature,
        failures=failures,
        senders=addresses_in(_text(mail.get("source"))),
        links=links_in(" ".join(ways_out)),
    )


def _is_complaint(complaint: Mapping[str, object]) -> bool:
    """Tell whether a person complained; most providers pass that on without saying of what."""
    kind = _text(complaint.get("complaintFeedbackType")).lower()
    return not kind or bool(IS_COMPLAINT.get(kind))


def _failures(bounce: Mapping[str, object]) -> Iterator[Failure]:
    recipients = _list(bounce.get("bouncedRecipients"))[:_MOST_RECIPIENTS]
    for recipient in map(_object, recipients or [{}]):
        yield Failure(
            status=_status(_text(recipient.get("status")), _text(bounce.get("bounceType"))),
            diagnostic=_text(recipient.get("diagnosticCode")),
        )


def _status(said: str, bounce_type: str) -> str:
    """Return the status, final only where SES says so too.

    What it calls transient, or does not understand, may carry a status of the class 5 (R-44).
    """
    found = _STATUS.match(said)
    detail = found[1] if found else ".0.0"
    return f"{'5' if bounce_type == _FINAL else '4'}{detail}"


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
