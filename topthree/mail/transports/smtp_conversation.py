"""Many messages through one conversation with a relay, each as soon as the wire is free for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable
from topthree.mail.transports.smtp_commands import (
    LONE_DOT,
    RESET,
    Offers,
    Unwritable,
    UnwritableSender,
    as_data,
    opening,
)
from topthree.mail.transports.smtp_replies import Reply, is_success, readable, said
from topthree.mail.transports.smtp_wire import Unwritten, Wire

_GO_AHEAD = 354
_CLOSING = 421
# RFC 4954 §6: a relay that let us in may yet want to know who we are before it takes mail.
_NOT_SIGNED_IN = {530, 535}
_GOODBYE_SECONDS = 5
_VERDICTS = {2: Verdict.ACCEPTED, 4: Verdict.DEFERRED, 5: Verdict.REFUSED}
_STAGES = {Phase.RECIPIENT: Stage.RECIPIENT, Phase.DATA: Stage.DATA}
_NEXT_OVER = "The conversation is over."


class SmtpConnection:
    """A conversation under way; it is over with the first thing that goes wrong in it.

    Where the relay offers PIPELINING (RFC 2920), the next message's ``MAIL``, ``RCPT`` and
    ``DATA`` are written together with this one's text and final dot, so that one message costs
    one write and one wait. ``DATA`` is the last command of that group, as §3.1 wants it, and a
    command may follow the dot at once, as ``QUIT`` does in the example of §4. Tried with Postfix
    3.7, which hangs up on other impatience (``smtpd_forbid_unauth_pipelining``), and Exim 4.96.
    Elsewhere it is one command a turn. CHUNKING would gain nothing (docs/adr/0014).
    """

    def __init__(self, wire: Wire, offers: Offers, *, final_dot_timeout_seconds: float) -> None:
        self._wire = wire
        self._final_dot_timeout = final_dot_timeout_seconds
        self._offers = offers
        self._is_open = True
        #: No message is under way: nothing was asked that has not been answered.
        self._is_between = True
        #: The relay still remembers an envelope that nothing came of.
        self._needs_reset = False
        #: Commands that are written one a turn.
        self._unsaid: list[bytes] = []

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
            refusal = self._introduce(mail, is_written=is_written)
            if refusal is not None:
                yield refusal
                mail, is_written = next(mails, None), False
                continue
            following = next(mails, None) if self._offers.pipelining else None
            rider = self._rider(following)
            self._hand_over(mail, rider)
            is_written = bool(rider)
            yield self._end(is_last=not is_written)
            mail = following if self._offers.pipelining else next(mails, None)

    def _rider(self, mail: Mail | None) -> bytes:
        """Return what of the next message can be written before this one is answered."""
        try:
            return opening(mail, self._offers) if mail else b""
        except Unwritable:
            return b""

    def _introduce(self, mail: Mail, *, is_written: bool) -> Outcome | None:
        """Bring the relay to wait for the text, or return why this recipient gets none."""
        if not is_written:
            try:
                self._begin(mail)
            except Unwritable as error:
                return Outcome(verdict=Verdict.REFUSED, code=0, reply=str(error))
        elif not self._is_open:
            raise self._broken_off(Phase.SENDER, 0, _NEXT_OVER)
        answer = self._turn(Phase.SENDER)
        if not is_success(answer.code):
            phase = Phase.SIGN_IN if answer.code in _NOT_SIGNED_IN else Phase.SENDER
            raise self._broken_off(phase, answer.code, readable(answer.text))
        refusal = self._refusal(self._turn(Phase.RECIPIENT), Phase.RECIPIENT)
        if refusal is None:
            refusal = self._ask_for_text()
        elif self._offers.pipelining:
            self._withdraw_data()
        if refusal is not None:
            self._is_between = self._needs_reset = True
        return refusal

    def _begin(self, mail: Mail) -> None:
        try:
            commands = opening(mail, self._offers)
        except UnwritableSender as error:
            raise self._broken_off(Phase.SENDER, 0, str(error)) from None
        if not self._is_open or not self._is_between:
            raise self._broken_off(Phase.SENDER, 0, _NEXT_OVER)
        self._is_between = False
        if self._needs_reset:
            commands = RESET + commands
        if self._offers.pipelining:
            self._write(commands)
        else:
            self._unsaid = commands.splitlines(keepends=True)
        if self._needs_reset:
            self._start_anew()

    def _start_anew(self) -> None:
        answer = self._turn(Phase.SENDER)
        if not is_success(answer.code):
            # Exim takes ten of these a connection unless told otherwise. That is a word about
            # this connection, not about the sender, so its code is not passed on as one.
            heard = f"It does not start anew: {answer.code} {readable(answer.text)}"
            raise self._broken_off(Phase.SENDER, 0, heard)
        self._needs_reset = False

    def _ask_for_text(self) -> Outcome | None:
        answer = self._turn(Phase.DATA)
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
                self._wire.write(LONE_DOT)
                answer = self._wire.reply(self._final_dot_timeout)
            elif is_success(answer.code):
                self._drop()
        except OSError:
            self._drop()
        else:
            if answer.code == _CLOSING:
                self._drop()

    def _hand_over(self, mail: Mail, rider: bytes) -> None:
        text, dot = as_data(mail)
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
            return Outcome(verdict=Verdict.UNKNOWN, code=0, reply=unheard, stage=Stage.TEXT)
        verdict = _VERDICTS.get(code // 100, Verdict.UNKNOWN)
        if verdict is Verdict.UNKNOWN or code == _CLOSING:
            self._drop()
        self._is_between = is_last
        return Outcome(verdict=verdict, code=code, reply=readable(text), stage=Stage.TEXT)

    def _refusal(self, answer: Reply, phase: Phase) -> Outcome | None:
        """Return what was said against this recipient, None if nothing was."""
        code, text = answer
        verdict = _VERDICTS.get(code // 100)
        if verdict is Verdict.ACCEPTED:
            return None
        if verdict is None:
            raise self._broken_off(phase, code, readable(text))
        return Outcome(verdict=verdict, code=code, reply=readable(text), stage=_STAGES[phase])

    def _turn(self, phase: Phase) -> Reply:
        """Return the answer to the next command, which a group has brought there already or not."""
        try:
            if self._unsaid:
                self._wire.write(self._unsaid.pop(0))
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
