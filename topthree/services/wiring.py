"""What pages, commands and jobs are handed: everything that was put together once, at the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from topthree.domain.agreeing.approval import ApprovalRule
from topthree.domain.editors.session_limits import SessionLimits
from topthree.domain.newsletter import Newsletter
from topthree.domain.planning.cadence import Cadence
from topthree.domain.sending.provider_pace import Pacing
from topthree.domain.sending.warm_up import Plan
from topthree.fetch.web import Fetcher
from topthree.mail.mx import MailServers
from topthree.mail.transport import Transport
from topthree.services.identity.ceremonies import Ceremonies
from topthree.services.identity.identity_provider import IdentityProvider
from topthree.services.process.closures import Closures
from topthree.services.process.conduct import Conduct
from topthree.services.reporters.reporter import Reporter
from topthree.store.engine import Sessions, reading, writing
from topthree.store.sending.ledger import Ledger
from topthree.store.sending.releases import Doubts
from topthree.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """One installation, wired. Its time comes from ``clock``, so that tests can set it."""

    newsletter: Newsletter
    cadence: Cadence
    #: How late a slot may still be sent without asking an editor.
    grace: timedelta
    #: How long what is sent by hand can be taken back; nothing: it goes at once.
    undo_window: timedelta
    tokens: Tokens
    session_limits: SessionLimits
    #: None: nobody signs in with a passkey.
    passkeys: Ceremonies | None
    #: None: nobody signs in by single sign-on.
    provider: IdentityProvider | None
    sessions: Sessions
    transport: Transport
    #: Where mail goes while no relay is set; None with a relay.
    outbox: Path | None
    issues_folder: Path
    #: Where bounces go, extended for each message; empty: to the sender.
    bounce_address: str
    #: Who reports what became of our mail, by the last part of the address they post to.
    reporters: Mapping[str, Reporter]
    #: Who may approve, and whether their own work.
    approval: ApprovalRule
    #: Names this process to the ledger; stays the same over restarts.
    worker: str
    #: What becomes of deliveries that may have been accepted.
    doubts: Doubts
    #: What the senders of this process have seen of the runs.
    conduct: Conduct
    pacing: Pacing
    #: Addresses of our own that must be accepted before anybody else gets an issue.
    seeds: tuple[str, ...]
    #: How many may get mail each day while the sender is new; None: any number.
    warm_up: Plan | None
    #: Who asked for less, as far as this process knows.
    closures: Closures
    #: Tells whose servers take the mail of a domain; None: that is not asked.
    mail_servers: MailServers | None
    #: Looks at links; None: the installation asks no site.
    fetcher: Fetcher | None
    #: What the operator has set about letters and people, by name.
    settings_told: Mapping[str, str]
    #: The style sheet in which the colours of the public pages are decided.
    page_styles: str
    clock: Callable[[], datetime]
    #: Seconds of a clock that nobody sets, and that goes on while the machine sleeps.
    elapsed: Callable[[], float]

    @property
    def has_database_inside(self) -> bool:
        """Tell whether the database is a library of this process, and not a server to wait for."""
        return bool(self.sessions.kw["bind"].dialect.name == "sqlite")

    def reading(self) -> AbstractContextManager[Session]:
        """Give a session for reading."""
        return reading(self.sessions)

    def ledger(self) -> Ledger:
        """Open the ledger for one sending thread; close it at the end of a ``with`` block."""
        bind = self.sessions.kw["bind"]
        return Ledger(bind)

    def writing(self) -> AbstractContextManager[Session]:
        """Give a session whose transaction is committed at the end of the block."""
        return writing(self.sessions)
