"""Settings: one frozen value, read once from the environment; everyone else is handed values."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from topthree.domain.cadence import Cadence
from topthree.domain.newsletter import Newsletter
from topthree.domain.pacing import parse_pace
from topthree.domain.provider_pace import Pacing, parse_provider_paces
from topthree.domain.run import UncertainPolicy
from topthree.domain.warm_up import Plan, parse_warm_up
from topthree.domain.years import is_plausible
from topthree.jobs.runners.kind import RunnerKind
from topthree.services.instance_file import made_once
from topthree.store.database_url import complete_database_url

_SHORTEST_KEY = 32
_SAMPLE_POSTAL_ADDRESS = "1 Example Street, Springfield 00000"
_Parsed = TypeVar("_Parsed")


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which one and what to set."""


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
    newsletter: Newsletter
    cadence: Cadence
    #: How late a slot may still be sent without asking an editor.
    grace: timedelta
    #: How many proxies in front of us set X-Forwarded-For and -Proto.
    trusted_proxies: int
    connections: int
    jobs: RunnerKind
    #: What becomes of a delivery that may have been accepted.
    on_uncertain: UncertainPolicy
    pacing: Pacing
    #: Whether the DNS is asked which mail servers subscribers' domains have.
    looks_up_mx: bool
    #: None: everybody gets an issue on its day.
    warm_up: Plan | None

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
        bounce_address=_address(values, "TOPTHREE_BOUNCE_ADDRESS", ""),
        newsletter=_newsletter(values, is_production=is_production),
        cadence=_cadence(values),
        grace=timedelta(hours=_number(values, "TOPTHREE_GRACE_HOURS", 14)),
        trusted_proxies=_number(values, "TOPTHREE_TRUSTED_PROXIES", 0),
        connections=max(1, _number(values, "TOPTHREE_CONNECTIONS", 4)),
        jobs=_jobs(values, _database_url(values, instance)),
        on_uncertain=_on_uncertain(values),
        pacing=_pacing(values),
        looks_up_mx=_looks_up_mx(values),
        warm_up=_parsed(values, "TOPTHREE_WARM_UP", parse_warm_up),
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


def _newsletter(values: Mapping[str, str], *, is_production: bool) -> Newsletter:
    name = values.get("TOPTHREE_NAME", "Teachers’ Top Three")
    public_url = values.get("TOPTHREE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    if not _is_site(public_url):
        message = (
            "TOPTHREE_PUBLIC_URL is an address like https://letters.example.gov, in plain ASCII:"
            " a name with other letters is written as xn--…. Change it."
        )
        raise SettingsError(message)
    if is_production and not public_url.startswith("https:"):
        message = "TOPTHREE_PUBLIC_URL starts with https:// in production. Change it."
        raise SettingsError(message)
    return Newsletter(
        name=name,
        agency=values.get("TOPTHREE_AGENCY", "State Department of Education"),
        sender_name=values.get("TOPTHREE_SENDER_NAME", name),
        sender_address=_sender_address(values),
        postal_address=values.get("TOPTHREE_POSTAL_ADDRESS", _SAMPLE_POSTAL_ADDRESS),
        public_url=public_url,
    )


def _is_site(url: str) -> bool:
    """Tell whether this is the address of a site that mail can name: RFC 3986 has ASCII only."""
    if not url.isascii() or any(map(str.isspace, url)):
        return False
    try:
        parts = urlsplit(url)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_whole = parts.scheme in ("https", "http") and bool(parts.hostname) and is_port
    return is_whole and not parts.query and not parts.fragment


def _sender_address(values: Mapping[str, str]) -> str:
    address = _address(values, "TOPTHREE_SENDER_ADDRESS", "letters@topthree.example")
    local = address.rpartition("@")[0]
    if local.lower().replace("-", "").replace("_", "") in ("noreply", "donotreply"):
        message = "TOPTHREE_SENDER_ADDRESS must be one that somebody reads: teachers will reply."
        raise SettingsError(message)
    return address


def _address(values: Mapping[str, str], name: str, default: str) -> str:
    """Return the address of this setting; empty only where the default is."""
    address = values.get(name, default)
    local, _, domain = address.rpartition("@")
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if address and not (local and domain and is_plain and "@" not in local):
        message = f"{name} is an address like letters@example.gov. Change it."
        raise SettingsError(message)
    return address


def _cadence(values: Mapping[str, str]) -> Cadence:
    try:
        return Cadence(
            anchor=_anchor(values.get("TOPTHREE_ANCHOR", "2026-08-13")),
            at=time.fromisoformat(values.get("TOPTHREE_SEND_AT", "06:00")),
            zone=ZoneInfo(values.get("TOPTHREE_TIME_ZONE", "America/New_York")),
        )
    except (ValueError, KeyError, OSError) as error:
        message = (
            "The cadence needs TOPTHREE_ANCHOR as 2026-08-13, TOPTHREE_SEND_AT as 06:00 and"
            f" TOPTHREE_TIME_ZONE as America/New_York. {error}"
        )
        raise SettingsError(message) from error


def _anchor(text: str) -> date:
    anchor = date.fromisoformat(text)
    if not is_plausible(anchor):
        message = f"The year {anchor.year} is a slip."
        raise ValueError(message)
    return anchor


def _on_uncertain(values: Mapping[str, str]) -> UncertainPolicy:
    given = values.get("TOPTHREE_ON_UNCERTAIN", UncertainPolicy.RESEND)
    if given not in set(UncertainPolicy):
        message = f"TOPTHREE_ON_UNCERTAIN is “{given}”. Set it to “resend” or “hold”."
        raise SettingsError(message)
    return UncertainPolicy(given)


def _jobs(values: Mapping[str, str], database_url: str) -> RunnerKind:
    given = values.get("TOPTHREE_JOBS", RunnerKind.EMBEDDED)
    if given not in set(RunnerKind):
        message = f"TOPTHREE_JOBS is “{given}”. Set it to “embedded” or “procrastinate”."
        raise SettingsError(message)
    if given == RunnerKind.DISTRIBUTED and database_url.startswith("sqlite:"):
        message = (
            "TOPTHREE_JOBS=procrastinate is for several machines, and they share a PostgreSQL."
            " Set TOPTHREE_DATABASE_URL to it, or leave TOPTHREE_JOBS out."
        )
        raise SettingsError(message)
    return RunnerKind(given)


def _pacing(values: Mapping[str, str]) -> Pacing:
    return Pacing(
        everything=_parsed(values, "TOPTHREE_PACE", parse_pace),
        providers=_parsed(values, "TOPTHREE_PACE_PROVIDERS", parse_provider_paces) or {},
    )


def _looks_up_mx(values: Mapping[str, str]) -> bool:
    usual = "yes" if "TOPTHREE_PACE_PROVIDERS" in values else "no"
    given = values.get("TOPTHREE_LOOK_UP_MX", usual)
    if given not in ("yes", "no"):
        raise SettingsError(f"TOPTHREE_LOOK_UP_MX is “{given}”. Set it to “yes” or “no”.")
    return given == "yes"


def _parsed(
    values: Mapping[str, str], name: str, parse: Callable[[str], _Parsed]
) -> _Parsed | None:
    try:
        return parse(values[name]) if name in values else None
    except ValueError as error:
        raise SettingsError(f"{name} cannot be used. {error}") from error


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    try:
        number = int(values.get(name, default))
    except ValueError:
        number = -1
    if number < 0:
        message = f"{name} is a whole number, 0 or more. Change it."
        raise SettingsError(message)
    return number
