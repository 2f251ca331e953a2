"""Whether a message is of Amazon SNS and of a topic of ours (standards R-49, R-50)."""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from topthree.fetch.answer import NoAnswer
from topthree.fetch.web import Reader
from topthree.services.reporters.reporter import PostRefused, PostUnsure, require_recent
from topthree.services.reporters.sns_message import SnsMessage

_log = logging.getLogger(__name__)

_CERTIFICATE = r"https://{host}/SimpleNotificationService-[0-9a-f]{{1,64}}\.pem"
#: By SignatureVersion. The first is what a topic has unless it is told otherwise.
_HASHES = MappingProxyType({"1": SHA1, "2": SHA256})
_MOST_BYTES = 20_000
#: SNS has a new certificate once a year. Whoever names others must not make us ask for each.
_MOST_ASKED, _WITHIN = 10, timedelta(hours=1)


class AmazonTopics:
    """The topics that may report to us; it keeps the certificates that it has seen."""

    def __init__(
        self, topics: Collection[str], reader: Reader, clock: Callable[[], datetime]
    ) -> None:
        self._topics = frozenset(topics)
        self._reader = reader
        self._clock = clock
        self._certificates: dict[str, Certificate] = {}
        self._asked_at: deque[datetime] = deque(maxlen=_MOST_ASKED)
        self._asking = threading.Lock()

    def check(self, message: SnsMessage) -> None:
        """Do nothing if SNS has sent this message for one of the topics, and not long ago.

        The topic comes first: anybody can have SNS sign a message of a topic of their own.

        :raises PostRefused: if it has not.
        :raises PostUnsure: if that cannot be told now.
        """
        now = self._clock()
        if message.topic not in self._topics:
            raise PostRefused("its topic is not in TOPTHREE_SNS_TOPICS")
        require_recent(message.at, now)
        algorithm = _HASHES.get(message.version)
        if algorithm is None:
            raise PostRefused("its signature is of an unknown kind")
        certificate = self._certificate(message)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise PostRefused("its certificate has expired")
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise PostRefused("its certificate is of an unknown kind")
        try:
            key.verify(message.signature, message.signed, PKCS1v15(), algorithm())
        except InvalidSignature as error:
            raise PostRefused("its signature is wrong") from error

    def agree(self, message: SnsMessage) -> None:
        """Tell SNS that we want the topic of this message, which was checked.

        :raises PostUnsure: if SNS does not hear us.
        """
        try:
            self._reader.read(message.agreement_url, most_bytes=_MOST_BYTES)
        except NoAnswer as error:
            raise PostUnsure(f"SNS cannot be told that we agree: {error}") from error
        _log.info("Amazon SNS reports %s to us from now on", message.topic)

    def _certificate(self, message: SnsMessage) -> Certificate:
        """Return what vouches for the signature.

        It comes without a chain. What makes it Amazon's is the connection it came over: to the host
        of the topic's own region, under a certificate that the system trusts.
        """
        url = message.certificate_url
        if not re.fullmatch(_CERTIFICATE.format(host=re.escape(message.host)), url):
            raise PostRefused("its certificate is not kept where SNS keeps it")
        with self._asking:
            if url not in self._certificates:
                self._certificates[url] = self._ask_for(url)
            return self._certificates[url]

    def _ask_for(self, url: str) -> Certificate:
        now = self._clock()
        if len(self._asked_at) == _MOST_ASKED and now - self._asked_at[0] < _WITHIN:
            raise PostUnsure("too many certificates were asked for within an hour")
        self._asked_at.append(now)
        try:
            return load_pem_x509_certificate(self._reader.read(url, most_bytes=_MOST_BYTES))
        except (NoAnswer, ValueError) as error:
            raise PostUnsure(f"its certificate cannot be read: {error}") from error
