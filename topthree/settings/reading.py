"""Settings: one frozen value, read once from the environment; everyone else is handed values."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from topthree.domain.agreeing.approval import ApprovalRule
from topthree.domain.editors.session_limits import SessionLimits
from topthree.domain.newsletter import Newsletter
from topthree.domain.planning.cadence import Cadence
from topthree.domain.sending.provider_pace import Pacing
from topthree.domain.sending.run import UncertainPolicy
from topthree.domain.sending.warm_up import Plan, parse_warm_up
from topthree.jobs.runners.kind import RunnerKind
from topthree.services.identity.identity_provider import Registration
from topthree.services.installation.instance_file import made_once
from topthree.settings.approving import approval_of
from topthree.settings.newsletter import cadence_of, newsletter_of
from topthree.settings.reporting import Reporting, reporting_of
from topthree.settings.sending import (
    looks_up_mx,
    pacing_of,
    runner_kind_of,
    seeds_of,
    uncertain_policy_of,
)
from topthree.settings.signing_in import passkeys_of, session_limits_of, single_sign_on_of
from topthree.settings.values import SettingsError, address_of, number, parsed, yes_or_no
from topthree.store.database_url import complete_database_url

_SHORTEST_KEY = 32
#: What decides about letters and people, which the audit log tells. Nothing else gets there, for
#: what is in that log stays: no secret, no address with a password in it, no slip of a name.
_TOLD = (
    "TOPTHREE_MODE",
    "TOPTHREE_PUBLIC_URL",
    "TOPTHREE_SENDER_ADDRESS",
    "TOPTHREE_BOUNCE_ADDRESS",
    "TOPTHREE_UNSUBSCRIBE_ADDRESS",
    "TOPTHREE_SNS_TOPICS",
    "TOPTHREE_PACE",
    "TOPTHREE_PACE_PROVIDERS",
    "TOPTHREE_WARM_UP",
    "TOPTHREE_SEEDS",
    "TOPTHREE_ON_UNCERTAIN",
    "TOPTHREE_APPROVERS",
    "TOPTHREE_OWN_WORK",
    "TOPTHREE_TIME_ZONE",
    "TOPTHREE_ANCHOR",
    "TOPTHREE_SEND_AT",
    "TOPTHREE_GRACE_HOURS",
    "TOPTHREE_UNDO_MINUTES",
    "TOPTHREE_SESSION_IDLE_MINUTES",
    "TOPTHREE_SESSION_HOURS",
    "TOPTHREE_PASSKEYS",
    "TOPTHREE_OIDC_ISSUER",
    "TOPTHREE_TRUSTED_PROXIES",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Everything that can be set. No repr, since it holds secrets."""

    is_production: bool
    instance: Path
    issues_folder: Path
    database_url: str
    #: The first signs, all verify.
    secret_keys: tuple[str, ...]
    #: Empty: mail goes to the outbox in the instance folder.
    smtp_url: str
    #: Where bounces go; each message gets its own extension of it. Empty: to the sender.
    bounce_address: str
    #: Who may report what became of our mail.
    reporting: Reporting
    #: Addresses of our own that must be accepted before anybody else gets an issue.
    seeds: tuple[str, ...]
    newsletter: Newsletter
    cadence: Cadence
    #: How late a slot may still be sent without asking an editor.
    grace: timedelta
    #: How long what is sent by hand can be taken back; nothing: it goes at once.
    undo_window: timedelta
    session_limits: SessionLimits
    #: Whether editors may sign in with passkeys.
    passkeys: bool
    #: None: nobody signs in by single sign-on.
    single_sign_on: Registration | None
    #: How many proxies in front of us set X-Forwarded-For and -Proto.
    trusted_proxies: int
    connections: int
    jobs: RunnerKind
    #: What becomes of a delivery that may have been accepted.
    on_uncertain: UncertainPolicy
    pacing: Pacing
    #: Whether the DNS is asked which mail servers subscribers' domains have.
    looks_up_mx: bool
    #: Who may approve an issue, and whether their own work.
    approval: ApprovalRule
    #: Whether the links of issues are looked at.
    checks_links: bool
    #: None: everybody gets an issue on its day.
    warm_up: Plan | None
    #: What the audit log tells, by name and as it was written.
    told: Mapping[str, str]

    @property
    def outbox(self) -> Path:
        """The Maildir that takes the mail when there is no relay."""
        return self.instance / "outbox"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that these variables make.

    In development, what is missing gets a value that works on one machine; the secret key is made
    once and kept in the instance folder.

    :raises SettingsError: if a value is wrong, or production lacks one that it needs.
    """
    values = {name: value.strip() for name, value in environment.items() if value.strip()}
    is_production = _mode(values) == "production"
    instance = Path(values.get("TOPTHREE_INSTANCE", "instance")).expanduser().absolute()
    if is_production:
        _require_for_production(values)
    return Settings(
        is_production=is_production,
        instance=instance,
        issues_folder=Path(values.get("TOPTHREE_ISSUES", instance / "issues")).absolute(),
        database_url=_database_url(values, instance),
        secret_keys=_secret_keys(values, instance, is_production=is_production),
        smtp_url=values.get("TOPTHREE_SMTP_URL", ""),
        bounce_address=address_of(values, "TOPTHREE_BOUNCE_ADDRESS", ""),
        reporting=reporting_of(values),
        seeds=seeds_of(values),
        newsletter=newsletter_of(values, is_production=is_production),
        cadence=cadence_of(values),
        grace=timedelta(hours=number(values, "TOPTHREE_GRACE_HOURS", 14)),
        undo_window=timedelta(minutes=number(values, "TOPTHREE_UNDO_MINUTES", 10)),
        session_limits=session_limits_of(values),
        passkeys=passkeys_of(values),
        single_sign_on=single_sign_on_of(values),
        trusted_proxies=number(values, "TOPTHREE_TRUSTED_PROXIES", 0),
        connections=max(1, number(values, "TOPTHREE_CONNECTIONS", 4)),
        jobs=runner_kind_of(values, _database_url(values, instance)),
        on_uncertain=uncertain_policy_of(values),
        pacing=pacing_of(values),
        looks_up_mx=looks_up_mx(values),
        approval=approval_of(values),
        checks_links=yes_or_no(values, "TOPTHREE_CHECK_LINKS", usual="yes"),
        warm_up=parsed(values, "TOPTHREE_WARM_UP", parse_warm_up),
        told={name: values[name] for name in _TOLD if name in values},
    )


def _mode(values: Mapping[str, str]) -> str:
    mode = values.get("TOPTHREE_MODE", "development")
    if mode not in ("development", "production"):
        message = f"TOPTHREE_MODE is “{mode}”. Set it to “production”, or leave it out."
        raise SettingsError(message)
    return mode


def _require_for_production(values: Mapping[str, str]) -> None:
    needed = {
        "TOPTHREE_SECRET_KEYS": "at least 32 random characters, such as `openssl rand -hex 32`",
        "TOPTHREE_PUBLIC_URL": "the address teachers see, such as https://letters.example.gov",
        "TOPTHREE_POSTAL_ADDRESS": "the agency's postal address, which every issue must carry",
        "TOPTHREE_SENDER_ADDRESS": "the address that issues come from",
    }
    missing = [f"{name}: {what}" for name, what in needed.items() if name not in values]
    if missing:
        message = "Production does not start without these settings. Set\n  " + "\n  ".join(missing)
        raise SettingsError(message)


def _database_url(values: Mapping[str, str], instance: Path) -> str:
    url = values.get("TOPTHREE_DATABASE_URL", f"sqlite:///{instance / 'topthree.sqlite3'}")
    try:
        return complete_database_url(url)
    except ValueError as error:
        raise SettingsError(f"TOPTHREE_DATABASE_URL {error}") from None


def _secret_keys(
    values: Mapping[str, str], instance: Path, *, is_production: bool
) -> tuple[str, ...]:
    given = values.get("TOPTHREE_SECRET_KEYS", "")
    keys = tuple(key.strip() for key in given.split(",") if key.strip())
    if not keys and not is_production:
        return (_own_key(instance / "secret-key"),)
    if not keys or any(map(_is_weak, keys)):
        message = (
            f"TOPTHREE_SECRET_KEYS needs keys of at least {_SHORTEST_KEY} random characters,"
            " separated by commas. Make one with `openssl rand -hex 32`."
        )
        raise SettingsError(message)
    return keys


def _own_key(file: Path) -> str:
    """Return the key of this instance, made on first use and readable by its owner only."""
    key = made_once(file, lambda: secrets.token_hex(32))
    if _is_weak(key):
        message = (
            f"{file} holds no key of at least {_SHORTEST_KEY} random characters. Bring it back"
            " from a backup. Or delete it, and a new one is made; links in past mail then end."
        )
        raise SettingsError(message)
    return key


def _is_weak(key: str) -> bool:
    return len(key) < _SHORTEST_KEY or len(set(key)) < _SHORTEST_KEY // 4
