"""How Alembic reaches the database: through the engine that it is handed."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Enum

from topthree.store.base import UtcDateTime
from topthree.store.tables import metadata


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write types as what they are in the database, so that steps outlive our classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "MOMENT"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String({item.length})"
    return False


with context.config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=_render,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
