"""The settings about sending: who is first, how fast it goes, and what is done in doubt."""

from __future__ import annotations

from collections.abc import Mapping

from topthree.domain.sending.pacing import parse_pace
from topthree.domain.sending.provider_pace import Pacing, parse_provider_paces
from topthree.domain.sending.run import UncertainPolicy
from topthree.jobs.runners.kind import RunnerKind
from topthree.settings.values import SettingsError, parsed, plain_address, yes_or_no


def seeds_of(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the addresses of our own that get each issue first."""
    typed = (seed.strip() for seed in values.get("TOPTHREE_SEEDS", "").split(","))
    return tuple(plain_address("TOPTHREE_SEEDS", seed) for seed in typed if seed)


def uncertain_policy_of(values: Mapping[str, str]) -> UncertainPolicy:
    """Return what becomes of a delivery that may have been accepted."""
    given = values.get("TOPTHREE_ON_UNCERTAIN", UncertainPolicy.RESEND)
    if given not in set(UncertainPolicy):
        message = f"TOPTHREE_ON_UNCERTAIN is “{given}”. Set it to “resend” or “hold”."
        raise SettingsError(message)
    return UncertainPolicy(given)


def runner_kind_of(values: Mapping[str, str], database_url: str) -> RunnerKind:
    """Return whether this process sends, or workers that share a queue."""
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


def pacing_of(values: Mapping[str, str]) -> Pacing:
    """Return how fast mail may leave."""
    return Pacing(
        everything=parsed(values, "TOPTHREE_PACE", parse_pace),
        providers=parsed(values, "TOPTHREE_PACE_PROVIDERS", parse_provider_paces) or {},
    )


def looks_up_mx(values: Mapping[str, str]) -> bool:
    """Return whether name servers are asked who takes the mail of a domain."""
    usual = "yes" if "TOPTHREE_PACE_PROVIDERS" in values else "no"
    return yes_or_no(values, "TOPTHREE_LOOK_UP_MX", usual=usual)
