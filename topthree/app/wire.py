"""From settings to what pages, commands and jobs are handed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from topthree import web
from topthree.app.extras import needs_extra
from topthree.app.reporters import make_reporters
from topthree.domain.clock import seconds_since_boot
from topthree.fetch.web import WebFetcher
from topthree.mail.mx import DnsMailServers
from topthree.mail.transport import Transport
from topthree.mail.transports.maildir import MaildirOutbox
from topthree.mail.transports.relay_url import RelayUrlInvalid, parse_relay_url
from topthree.mail.transports.smtp import SmtpTransport
from topthree.services.identity.ceremonies import Ceremonies
from topthree.services.identity.identity_provider import IdentityProvider
from topthree.services.installation.instance_file import made_once
from topthree.services.process.closures import Closures
from topthree.services.process.conduct import Conduct
from topthree.services.wiring import Wiring
from topthree.settings import Settings, SettingsError
from topthree.store.sending.releases import Doubts
from topthree.tokens import Tokens

_TOKENS_FILE = Path(web.__file__).with_name("static") / "tokens.css"
_BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")


def wire(settings: Settings, engine: Engine, clock: Callable[[], datetime]) -> Wiring:
    """Put the installation together; nothing is connected to yet.

    :raises SettingsError: if the relay's address cannot be understood.
    """
    return Wiring(
        newsletter=settings.newsletter,
        cadence=settings.cadence,
        grace=settings.grace,
        undo_window=settings.undo_window,
        tokens=Tokens(settings.secret_keys),
        session_limits=settings.session_limits,
        passkeys=_passkeys(settings),
        provider=_provider(settings, clock),
        sessions=sessionmaker(engine, expire_on_commit=False),
        transport=_transport(settings),
        outbox=None if settings.smtp_url else settings.outbox,
        issues_folder=settings.issues_folder,
        bounce_address=settings.bounce_address,
        reporters=make_reporters(settings, clock),
        approval=settings.approval,
        worker=_worker(settings.instance),
        seeds=settings.seeds,
        doubts=Doubts(policy=settings.on_uncertain, machine_boot=_boot(_BOOT_FILE)),
        conduct=Conduct(),
        pacing=settings.pacing,
        warm_up=settings.warm_up,
        closures=Closures(),
        mail_servers=DnsMailServers() if settings.looks_up_mx else None,
        fetcher=WebFetcher(home=settings.newsletter.public_url) if settings.checks_links else None,
        settings_told=settings.told,
        page_styles=_TOKENS_FILE.read_text(encoding="utf-8"),
        clock=clock,
        elapsed=seconds_since_boot,
    )


def _passkeys(settings: Settings) -> Ceremonies | None:
    if not settings.passkeys:
        return None
    with needs_extra("TOPTHREE_PASSKEYS=yes", "sign-in"):
        from topthree.services.identity.passkey_ceremony import WebAuthnCeremonies  # noqa: PLC0415
    return WebAuthnCeremonies(newsletter=settings.newsletter, tokens=Tokens(settings.secret_keys))


def _provider(settings: Settings, clock: Callable[[], datetime]) -> IdentityProvider | None:
    if settings.single_sign_on is None:
        return None
    with needs_extra("TOPTHREE_OIDC_ISSUER", "sign-in"):
        from topthree.fetch.chosen import Chosen  # noqa: PLC0415
        from topthree.services.identity.oidc import OidcProvider  # noqa: PLC0415
    return OidcProvider(
        registration=settings.single_sign_on,
        back=f"{settings.newsletter.public_url}/desk/sign-in/oidc/back/",
        asking=Chosen(),
        clock=clock,
    )


def _transport(settings: Settings) -> Transport:
    if not settings.smtp_url:
        return MaildirOutbox(folder=settings.outbox)
    try:
        return SmtpTransport(relay=parse_relay_url(settings.smtp_url))
    except RelayUrlInvalid as error:
        message = f"TOPTHREE_SMTP_URL cannot be used. {error}"
        raise SettingsError(message) from error


def _boot(file: Path) -> str:
    """Return what names this start of the machine, empty where nothing does."""
    return file.read_text(encoding="ascii").strip() if file.exists() else ""


def _worker(instance: Path) -> str:
    """Return the name of this instance in the ledger, made on first use."""
    file = instance / "worker-id"
    worker = made_once(file, lambda: uuid.uuid4().hex)
    if not worker:
        message = f"{file} is empty. Delete it, and it is made again."
        raise SettingsError(message)
    return worker
