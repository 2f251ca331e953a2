"""A DNS server on a loopback port that knows what a test tells it, and nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from dns import flags, message, rcode, rdataclass, rdatatype, rrset

from tests.support.network import LOOPBACK

_LARGEST = 4_096


class NameServer:
    """The server, in a thread of its own; use it in a ``with`` statement.

    `mx` names the records of each domain, as in ``10 mail.example.``; an empty domain exists and
    has none. `hosts` names the addresses of each host. What is `silent` is never answered, and
    what `fails` with SERVFAIL; anything else does not exist.
    """

    def __init__(
        self,
        mx: Mapping[str, tuple[str, ...]],
        *,
        hosts: Mapping[str, tuple[str, ...]] | None = None,
        silent: tuple[str, ...] = (),
        fails: tuple[str, ...] = (),
    ) -> None:
        self._mx = mx
        self._hosts = hosts or {}
        self._silent = silent
        self._fails = fails
        #: The domains that were asked for, in order.
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._serve, name="name server")

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        self._socket.bind((LOOPBACK, 0))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # An empty datagram ends it.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(_LARGEST)
            if not wire:
                return
            answer = self._answer(message.from_wire(wire))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), client)

    def _answer(self, query: message.Message) -> message.Message | None:
        (question,) = query.question
        domain = question.name.to_text(omit_final_dot=True)
        self.asked.append(domain)
        if domain in self._silent:
            return None
        answer = message.make_response(query)
        answer.flags |= flags.RA
        if domain in self._fails:
            answer.set_rcode(rcode.SERVFAIL)
        elif domain not in self._mx and domain not in self._hosts:
            answer.set_rcode(rcode.NXDOMAIN)
        elif records := self._records(domain, question.rdtype):
            answer.answer.append(
                rrset.from_text(question.name, 60, rdataclass.IN, question.rdtype, *records)
            )
        return answer

    def _records(self, domain: str, kind: rdatatype.RdataType) -> tuple[str, ...]:
        hosts = self._hosts.get(domain, ())
        match kind:
            case rdatatype.A:
                return tuple(each for each in hosts if ":" not in each)
            case rdatatype.AAAA:
                return tuple(each for each in hosts if ":" in each)
            case _:
                return self._mx.get(domain, ())
