"""Domains of subscribers, and who takes their mail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import SubscriberId
from topthree.domain.sending.provider import provider_of
from topthree.store.base import Table
from topthree.store.subscribers.subscribers import SubscriberRow


class DomainRow(Table, kw_only=True, repr=False):
    """A domain that some subscriber has, or had."""

    __tablename__ = "domains"

    name: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    #: When its mail servers were told by the DNS; None: they never were.
    looked_up_at: Mapped[datetime | None] = mapped_column(default=None)
    #: When they are asked for.
    due_at: Mapped[datetime] = mapped_column(index=True)
    #: The last subscriber looked at, if that was one of this domain.
    seen_to: Mapped[SubscriberId | None] = mapped_column(default=None, index=True)


def domain_of(address: str) -> str:
    """Return the domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def known_providers(session: Session, domains: Collection[str]) -> dict[str, str]:
    """Return the provider of each of these domains, by what is known of it."""
    query = select(DomainRow.name, DomainRow.provider).where(DomainRow.name.in_(domains))
    known = dict(iter(session.execute(query)))
    return {domain: known.get(domain) or provider_of(domain) for domain in domains}


def note_new_domains(session: Session, now: datetime, limit: int) -> int:
    """Note the domains of so many subscribers who were not looked at; return how many they were."""
    after = session.scalar(select(func.max(DomainRow.seen_to))) or 0
    query = select(SubscriberRow.id, SubscriberRow.address).where(
        SubscriberRow.id > after, SubscriberRow.address.is_not(None)
    )
    rows = session.execute(query.order_by(SubscriberRow.id).limit(limit)).all()
    if not rows:
        return 0
    domains = sorted({domain_of(address) for _, address in rows if address})
    _add_unless_known(session, domains, now)
    last, address = rows[-1]
    session.get_one(DomainRow, domain_of(address or "")).seen_to = last
    return len(rows)


def domains_to_look_up(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """Return so many domains whose mail servers should be asked for, the longest due first."""
    query = select(DomainRow.name).where(DomainRow.due_at <= now)
    return session.scalars(query.order_by(DomainRow.due_at, DomainRow.name).limit(limit)).all()


def note_answer(
    session: Session, domain: str, mx: Sequence[str], now: datetime, ask_again_at: datetime
) -> None:
    """Keep which provider the mail servers of a domain belong to."""
    row = session.get_one(DomainRow, domain)
    row.provider, row.looked_up_at, row.due_at = provider_of(domain, mx), now, ask_again_at


def note_no_answer(session: Session, domain: str, ask_again_at: datetime) -> None:
    """Leave a domain as it is known, and ask for its mail servers later."""
    session.get_one(DomainRow, domain).due_at = ask_again_at


def _add_unless_known(session: Session, domains: Sequence[str], now: datetime) -> None:
    # The two databases have the same clause, and the library a class for each.
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(DomainRow).on_conflict_do_nothing(index_elements=["name"])
    rows = [{"name": name, "provider": provider_of(name), "due_at": now} for name in domains]
    session.execute(statement, rows)
