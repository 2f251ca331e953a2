"""Adding many subscribers at once, beside people who sign up by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from topthree.domain.ids import SubscriberId
from topthree.store.subscribers.subscribers import SubscriberRow


def add_unless_known(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Add these subscribers, except those whose address is there by now."""
    if not rows:
        return
    # The two databases have the same clause, and the library a class for each.
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(SubscriberRow).on_conflict_do_nothing(index_elements=["address_key"])
    session.execute(statement, rows)


def lock_subscribers_by_key(
    session: Session, address_keys: Sequence[str]
) -> dict[str, SubscriberId]:
    """Return the ids of those with these addresses; whoever else wants to change one waits."""
    query = (
        select(SubscriberRow.address_key, SubscriberRow.id)
        .where(SubscriberRow.address_key.in_(address_keys))
        .order_by(SubscriberRow.address_key)
        .with_for_update()
    )
    return {key: found for key, found in session.execute(query) if key is not None}
