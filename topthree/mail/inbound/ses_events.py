"""What Amazon SES says became of our mail, brought to the form of what reports by mail say.

Source: “Contents of event data that Amazon SES publishes to Amazon SNS”, and the older
notifications of an identity, which have the same parts under another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from topthree.domain.sending.feedback import IS_COMPLAINT, Failure
from topthree.mail.inbound.incoming import Incoming, Nature, addresses_in, links_in
from topthree.mail.inbound.json_parts import as_list, as_object, as_text, parse_json
from topthree.mail.inbound.provider_status import status_in

#: In an event that is published, and in the notification of an identity.
_KINDS = ("eventType", "notificationType")
_FINAL = "Permanent"
_MOST_RECIPIENTS = 50
_NOTHING = Incoming(nature=Nature.AUTOMATIC)


def read_ses_event(text: str) -> Incoming:
    """Say what the event is; whatever is no bounce and no complaint says nothing."""
    # SES greets a new topic with a sentence, which is no event.
    event = as_object(parse_json(text))
    kind = next((event[name] for name in _KINDS if name in event), None)
    if kind == "Complaint" and _is_complaint(as_object(event.get("complaint"))):
        return _about(event, Nature.COMPLAINT)
    if kind == "Bounce":
        return _about(event, Nature.BOUNCE, tuple(_failures(as_object(event.get("bounce")))))
    return _NOTHING


def _about(
    event: Mapping[str, object], nature: Nature, failures: tuple[Failure, ...] = ()
) -> Incoming:
    """Return what happened, with what tells to which of our letters.

    SES puts an envelope's sender of its own in the place of ours, and says here which that was.
    """
    mail = as_object(event.get("mail"))
    headers = map(as_object, as_list(mail.get("headers")))
    ways_out = (
        as_text(each.get("value"))
        for each in headers
        if as_text(each.get("name")).lower() == "list-unsubscribe"
    )
    return Incoming(
        nature=nature,
        failures=failures,
        senders=addresses_in(as_text(mail.get("source"))),
        links=links_in(" ".join(ways_out)),
    )


def _is_complaint(complaint: Mapping[str, object]) -> bool:
    """Tell whether a person complained; most providers pass that on without saying of what."""
    kind = as_text(complaint.get("complaintFeedbackType")).lower()
    return not kind or bool(IS_COMPLAINT.get(kind))


def _failures(bounce: Mapping[str, object]) -> Iterator[Failure]:
    recipients = as_list(bounce.get("bouncedRecipients"))[:_MOST_RECIPIENTS]
    for recipient in map(as_object, recipients or [{}]):
        yield Failure(
            status=status_in(as_text(recipient.get("status"))),
            diagnostic=as_text(recipient.get("diagnosticCode")),
            may_pass=bounce.get("bounceType") != _FINAL,
        )
