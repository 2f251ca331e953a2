"""Many messages through one conversation with a relay, each as soon as the wire is free for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from topthree.domain.outcome import Outcome, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable
from topthree.mail.transports.smtp_replies import Reply, is_success, readable, said
from topthree.mail.transports.smtp_wire import Unwritten, Wire

_GO_AHEAD = 354
_CLOSING = 421
_GOODBYE_SECONDS = 5
_RESET = b"RSET\r\n"
_DATA = b"DATA\r\n"
_LONE_DOT = b".\r\n"
_VERDICTS = {2: Verdict.ACCEPTED, 4: Verdict.DEFERRED, 5: Verdict.REFUSED}
_NEXT_OVER = "The conversation is over."
# What fits between the angle brackets of a command without SMTPUTF8 (RFC 5321 §4.1.2).
_SENDABLE = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+@[A-Za-z0-9.-]+")
_UNWRITABLE = Outcome(
    verdict=Verdict.REFUSED, code=0, reply="The address cannot be written in an SMTP command."
)


class SmtpConnection:
    """A conversation under way; it is over with the first thing that goes wrong in it.

    Where the relay offers PIPELINING (RFC 2920), the next message's ``MAIL``, ``RCPT`` and
    ``DATA`` are written together with this one's text and final dot, so that one message costs
    one write and one wait. ``DATA`` is the last command of that group, as §3.1 wants it, and a
    command may follow the dot at once, as ``QUIT`` does in the example of §4. Tried with Postfix
    3.7, which hangs up on other impatience (``smtpd_forbid_unauth_pipelining``), and Exim 4.96.
    Elsewhere it is one command a turn. Our messages are 7-bit and short: 8BITMIME and CHUNKING
    would gain nothing.
    """

    def __init__(
        self, wire: Wire, *, final_dot_timeout_seconds: float, is_pipelining: bool
    ) -> None:
        self._wire = wire
        self._final_dot_timeout = final_dot_timeout_seconds
        self._is_pipelining = is_pipelining
        self._is_open = True
        #: No message is under way: nothing was asked that has not been answered.
        self._is_between = True
        #: The relay still remembers an envelope that nothing came of.
        self._needs_reset = False

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        """Hand over one message, whose lines end in CRLF; nothing in it is changed.

        :raises RelayUnavailable: if the relay did not take it, for a reason of its own.
        """
        [outcome] = self.send_each([Mail(envelope=envelope, message=message)])
        return outcome

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        """Hand over one message after the other; see :meth:`Connection.send_each`.

        :raises RelayUnavailable: if the relay did not take one, for a reason of its own.
        """
        return self._converse(iter(mails))

    def close(self) -> None:
        """Say goodbye if the conversation still goes on; whether it is heard does not matter.

        A message that was begun is taken back by hanging up, and by nothing else.
        """
        if self._is_open and self._is_between:
            with suppress(OSError):
                self._wire.write(b"QUIT\r\n")
                self._wire.reply(_GOODBYE_SECONDS)
        self._drop()

    def _converse(self, mails: Iterator[Mail]) -> Iterator[Outcome]:
        mail, is_written = next(mails, None), False
        while mail is not None:
            refusal = self._introduce(mail.envelope, is_written=is_written)
            if refusal is not None:
                yield refusal
                mail, is_written = next(mails, None), False
                continue
            following = next(mails, None) if self._is_pipelining else None
            rider = _rider(following)
            self._hand_over(mail.message, rider)
            is_written = bool(rider)
            yield self._end(is_last=not is_written)
            mail = following if self._is_pipelining else next(mails, None)

    def _introduce(self, envelope: Envelope, *, is_written: bool) -> Outcome | None:
        """Bring the relay to wait for the text, or return why this recipient gets none."""
        if not is_written and not _SENDABLE.fullmatch(envelope.recipient):
            return _UNWRITABLE
        if not is_written:
            self._begin(envelope)
        elif not self._is_open:
            raise self._broken_off(Phase.SENDER, 0, _NEXT_OVER)
        sender, recipient = _commands(envelope)
        answer = self._turn(sender, Phase.SENDER)
        if not is_success(answer.code):
            raise self._broken_off(Phase.SENDER, answer.code, readable(answer.text))
        refusal = self._refusal(self._turn(recipient, Phase.RECIPIENT), Phase.RECIPIENT)
        if refusal is None:
            refusal = self._ask_for_text()
        elif self._is_pipelining:
            self._withdraw_data()
        if refusal is not None:
            self._is_between = self._needs_reset = True
        return refusal

    def _begin(self, envelope: Envelope) -> None:
        if not self._is_open or not self._is_between:
            raise self._broken_off(Phase.SENDER, 0, _NEXT_OVER)
        if not _is_sender(envelope.sender):
            raise self._broken_off(Phase.SENDER, 0, _UNWRITABLE.reply)
        self._is_between = False
        reset = _RESET if self._needs_reset else b""
        if self._is_pipelining:
            self._write(b"".join((reset, *_commands(envelope), _DATA)))
        if reset:
            self._start_anew()

    def _start_anew(self) -> None:
        answer = self._turn(_RESET, Phase.SENDER)
        if not is_success(answer.code):
            # Exim takes ten of these a connection unless told otherwise. That is a word about
            # this connection, not about the sender, so its code is not passed on as one.
            heard = f"It does not start anew: {answer.code} {readable(answer.text)}"
            raise self._broken_off(Phase.SENDER, 0, heard)
        self._needs_reset = False

    def _ask_for_text(self) -> Outcome | None:
        answer = self._turn(_DATA, Phase.DATA)
        if answer.code == _GO_AHEAD:
            # What it said too much would be taken for the answer to the final dot.
            if not self._wire.is_quiet:
                raise self._broken_off(Phase.DATA, 0, "It spoke out of turn.")
            return None
        refusal = self._refusal(answer, Phase.DATA)
        if refusal is None:
            raise self._broken_off(Phase.DATA, answer.code, readable(answer.text))
        return refusal

    def _withdraw_data(self) -> None:
        """Take back a DATA that was written before its recipient was refused (RFC 2920 §3.1).

        The refusal holds even if this fails; then the next message finds that out.
        """
        try:
            answer = self._wire.reply()
            if answer.code == _GO_AHEAD:
                self._wire.write(_LONE_DOT)
                answer = self._wire.reply(self._final_dot_timeout)
            elif is_success(answer.code):
                self._drop()
        except OSError:
            self._drop()
        else:
            if answer.code == _CLOSING:
                self._drop()

    def _hand_over(self, message: bytes, rider: bytes) -> None:
        text, dot = as_data(message)
        try:
            self._wire.write(text, dot + rider)
        except Unwritten as error:
            # Once the dot may have left, only the relay can tell what became of the message.
            if error.sent < len(text) + len(dot):
                raise self._broken_off(Phase.BODY, 0, said(error)) from error

    def _end(self, *, is_last: bool) -> Outcome:
        """Return what the relay answers to the final dot, or that it does not."""
        try:
            code, text = self._wire.reply(self._final_dot_timeout)
        except OSError as error:
            self._drop()
            unheard = f"No answer to the final dot. {said(error)}"
            return Outcome(verdict=Verdict.UNKNOWN, code=0, reply=unheard)
        verdict = _VERDICTS.get(code // 100, Verdict.UNKNOWN)
        if verdict is Verdict.UNKNOWN or code == _CLOSING:
            self._drop()
        self._is_between = is_last
        return Outcome(verdict=verdict, code=code, reply=readable(text))

    def _refusal(self, answer: Reply, phase: Phase) -> Outcome | None:
        """Return what was said against this recipient, None if nothing was."""
        code, text = answer
        verdict = _VERDICTS.get(code // 100)
        if verdict is Verdict.ACCEPTED:
            return None
        if verdict is None:
            raise self._broken_off(phase, code, readable(text))
        return Outcome(verdict=verdict, code=code, reply=readable(text))

    def _turn(self, command: bytes, phase: Phase) -> Reply:
        """Return the answer to a command, which a pipelined group has written already."""
        try:
            if not self._is_pipelining:
                self._wire.write(command)
            answer = self._wire.reply()
        except OSError as error:
            raise self._broken_off(phase, 0, said(error)) from error
        if answer.code == _CLOSING:
            raise self._broken_off(phase, answer.code, readable(answer.text))
        return answer

    def _write(self, group: bytes) -> None:
        try:
            self._wire.write(group)
        except OSError as error:
            raise self._broken_off(Phase.SENDER, 0, said(error)) from error

    def _broken_off(self, phase: Phase, code: int, reply: str) -> RelayUnavailable:
        self._drop()
        return RelayUnavailable(phase, code=code, reply=reply)

    def _drop(self) -> None:
        self._is_open = False
        self._wire.close()


def as_data(message: bytes) -> tuple[bytes, bytes]:
    """Return the message as DATA takes it (RFC 5321 §4.5.2), and the dot that ends it."""
    # From the right it takes half the time: "\r" is rarer than ".".
    if message.rfind(b"\r\n.") >= 0:
        message = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message, (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")


def _commands(envelope: Envelope) -> tuple[bytes, bytes]:
    return (
        f"MAIL FROM:<{envelope.sender}>\r\n".encode("ascii"),
        f"RCPT TO:<{envelope.recipient}>\r\n".encode("ascii"),
    )


def _rider(following: Mail | None) -> bytes:
    """Return what of the next message can be written before this one is answered."""
    if following is None:
        return b""
    envelope = following.envelope
    if not _SENDABLE.fullmatch(envelope.recipient) or not _is_sender(envelope.sender):
        return b""
    return b"".join((*_commands(envelope), _DATA))


def _is_sender(address: str) -> bool:
    # Nobody at all is a sender, too: of what must not be answered (RFC 5321 §4.5.5).
    return not address or _SENDABLE.fullmatch(address) is not None
