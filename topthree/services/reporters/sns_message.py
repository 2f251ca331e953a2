"""What Amazon SNS posts to us: its parts, and what of them is signed.

Nothing in it counts before its signature was checked (:mod:`.amazon_topics`).
Source: “Verifying the signatures of Amazon SNS messages”.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlencode

from topthree.services.reporters.reporter import PostRefused

_TOPIC = re.compile(
    r"arn:aws(?P<part>-cn|-us-gov)?:sns:(?P<region>[a-z0-9-]{1,30}):[0-9]{12}:[A-Za-z0-9_-]{1,256}"
)


class SnsKind(StrEnum):
    """What SNS wants."""

    NOTIFICATION = "Notification"
    #: Somebody asked that a topic be posted to us, and SNS wants to hear that we agree.
    SUBSCRIPTION = "SubscriptionConfirmation"
    #: A topic is no longer posted to us.
    END = "UnsubscribeConfirmation"


_OF_A_SUBSCRIPTION = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
#: Which fields are signed, in this order.
_SIGNED: Mapping[SnsKind, tuple[str, ...]] = MappingProxyType(
    {
        SnsKind.NOTIFICATION: (
            "Message",
            "MessageId",
            "Subject",
            "Timestamp",
            "TopicArn",
            "Type",
        ),
        SnsKind.SUBSCRIPTION: _OF_A_SUBSCRIPTION,
        SnsKind.END: _OF_A_SUBSCRIPTION,
    }
)
#: Left out of what is signed where it is left out of the message.
_OPTIONAL = "Subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsMessage:
    """One message of SNS, of whoever wrote it."""

    kind: SnsKind
    id: str
    topic: str
    at: datetime
    text: str
    #: Answers a subscription; empty otherwise.
    token: str
    certificate_url: str
    version: str
    signature: bytes
    #: What the signature is of.
    signed: bytes

    @property
    def host(self) -> str:
        """Where the topic's region keeps its certificates, and hears that we agree."""
        return host_of(self.topic)

    @property
    def agreement_url(self) -> str:
        """The address that says that we want the topic; made of what is signed."""
        query = {"Action": "ConfirmSubscription", "TopicArn": self.topic, "Token": self.token}
        return f"https://{self.host}/?{urlencode(query)}"


def is_topic(name: str) -> bool:
    """Tell whether this is the ARN of a topic."""
    return _TOPIC.fullmatch(name) is not None


def host_of(topic: str) -> str:
    """Return which host speaks for a topic; empty if it is none."""
    found = _TOPIC.fullmatch(topic)
    if found is None:
        return ""
    return f"sns.{found['region']}.amazonaws.com{'.cn' if found['part'] == '-cn' else ''}"


def parse_sns_message(raw: bytes) -> SnsMessage:
    """Take the message apart.

    :raises PostRefused: if it is none.
    """
    try:
        parts = json.loads(raw)
        kind = SnsKind(parts["Type"])
        # Whatever is signed is text; anything else is not what SNS has signed.
        signed = [(name, parts[name]) for name in _SIGNED[kind] if _is_there(name, parts)]
        return SnsMessage(
            kind=kind,
            id=parts["MessageId"],
            topic=parts["TopicArn"],
            at=datetime.fromisoformat(parts["Timestamp"]),
            text=parts["Message"],
            token=parts.get("Token", ""),
            certificate_url=parts["SigningCertURL"],
            version=parts["SignatureVersion"],
            signature=b64decode(parts["Signature"], validate=True),
            signed="".join(f"{name}\n{value}\n" for name, value in signed).encode(),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PostRefused(f"it is no message of SNS ({type(error).__name__})") from error


def _is_there(name: str, parts: Mapping[str, object]) -> bool:
    return name != _OPTIONAL or name in parts
