"""What steps are made of: the types that most columns have, and tables that are only added to.

Steps that have been released rely on it: what stands here stays as it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def make_append_only(table: str, *, called: str) -> None:
    """Have the database itself refuse to change or take away what stands in the table."""
    message = f"{called} is only ever added to"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION refuse_to_rewrite_{table}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_{table}()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def drop_append_only(table: str) -> None:
    """Take back what was left of it when the table went."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION refuse_to_rewrite_{table}()")
