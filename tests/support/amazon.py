"""Amazon as we meet it: SES's events, the messages of SNS around them, and its web site."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support.certificates import Authority
from tests.support.website import HOST, Website, WrittenNames, page
from topthree.fetch.web import WebFetcher

TOPIC = "arn:aws:sns:us-east-1:123456789012:letters"
SITE = "sns.us-east-1.amazonaws.com"
CERTIFICATE_URL = f"https://{SITE}/SimpleNotificationService-0123456789abcdef.pem"
#: A key takes a while to make, and says nothing about a test.
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ANOTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_MADE_IN = datetime(2026, 1, 1, tzinfo=UTC)


def bounce_event(
    source: str, status: str = "5.1.1", kind: str = "Permanent", **mail: object
) -> dict[str, object]:
    """Return what SES publishes about a letter that did not arrive."""
    recipient = {"emailAddress": "ann@school.example", "action": "failed", "status": status}
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": [recipient],
        },
        "mail": {"source": source, "destination": ["ann@school.example"], **mail},
    }


def complaint_event(source: str, kind: str | None = None) -> dict[str, object]:
    """Return the notification of a complaint; most providers do not say of what."""
    said = {} if kind is None else {"complaintFeedbackType": kind}
    recipients = [{"emailAddress": "ann@school.example"}]
    return {
        "notificationType": "Complaint",
        "complaint": {"complainedRecipients": recipients, **said},
        "mail": {"source": source},
    }


@dataclass(kw_only=True)
class Message:
    """A message of SNS, signed as it stands when it is posted."""

    at: datetime
    kind: str = "Notification"
    id: str = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"
    topic: str = TOPIC
    text: str = ""
    version: str = "2"
    certificate_url: str = CERTIFICATE_URL
    key: rsa.RSAPrivateKey = field(default=KEY, repr=False)
    #: What somebody on the way, or a forger, writes in place of what was signed.
    changed: dict[str, object] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": self.kind,
            "x-amz-sns-message-id": self.id,
            "x-amz-sns-topic-arn": self.topic,
        }

    @property
    def body(self) -> bytes:
        parts: dict[str, object] = {
            "Type": self.kind,
            "MessageId": self.id,
            "TopicArn": self.topic,
            "Message": self.text,
            "Timestamp": self.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }
        if self.kind != "Notification":
            parts |= {"Token": "2336412f37f", "SubscribeURL": f"https://{SITE}/?Action=Whatever"}
        # All that is there so far is signed, in the order of the names.
        signed = "".join(f"{name}\n{parts[name]}\n" for name in sorted(parts)).encode()
        algorithm = SHA1() if self.version == "1" else SHA256()  # noqa: S303 - so SNS signs
        parts |= {
            "SignatureVersion": self.version,
            "Signature": b64encode(self.key.sign(signed, PKCS1v15(), algorithm)).decode(),
            "SigningCertURL": self.certificate_url,
        }
        return json.dumps(parts | self.changed).encode()


def certificate(lasts: timedelta = timedelta(days=396)) -> bytes:
    """Return the certificate of the key, as SNS has it on its site."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(KEY.public_key()).serial_number(1)
    builder = builder.not_valid_before(_MADE_IN).not_valid_after(_MADE_IN + lasts)
    return builder.sign(KEY, SHA256()).public_bytes(Encoding.PEM)


class Site:
    """SNS on the web: it hands out a certificate, and hears who agrees to a topic."""

    def __init__(self, authority: Authority) -> None:
        self.certificate = certificate()
        self.is_away = False
        self._website = Website(self._talk, encryption=authority.server_context(SITE))
        self._trusting: ssl.SSLContext = authority.client_context()

    def __enter__(self) -> Self:
        self._website.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._website.__exit__()

    @property
    def asked(self) -> list[str]:
        """What was asked for, in order."""
        return [request.split()[1] for request in self._website.requests]

    def read(self, url: str, *, most_bytes: int) -> bytes:
        """Read an address through the service's own fetcher; the real site listens at 443."""
        fetcher = WebFetcher(
            names=WrittenNames(sns=[[HOST]]),
            is_allowed=lambda address: address == ip_address(HOST),
            ports={self._website.port},
            encryption=lambda: self._trusting,
        )
        at_its_port = url.replace(f"https://{SITE}/", f"https://{SITE}:{self._website.port}/")
        return fetcher.read(at_its_port, most_bytes=most_bytes)

    def _talk(self, _: str) -> list[bytes]:
        return [page("503 Busy") if self.is_away else page(body=self.certificate.decode())]
