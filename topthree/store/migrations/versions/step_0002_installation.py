"""What the installation knows of itself, and the log of who did what."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from topthree.store.migrations.shapes import ID, MOMENT, drop_append_only, make_append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash_key", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )

    op.create_table(
        "generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=True),
        sa.Column("copied_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation")),
    )

    op.create_table(
        "audit_entries",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who_kind", sa.String(32), nullable=False),
        sa.Column("editor_id", ID, nullable=True),
        sa.Column("who_name", sa.Text(), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("about_kind", sa.String(32), nullable=False),
        sa.Column("about_id", sa.Text(), nullable=False),
        sa.Column("about_label", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_about", "audit_entries", ["about_kind", "about_id", "id"])
    op.create_index("ix_audit_entries_act", "audit_entries", ["act", "id"])
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    op.create_index("ix_audit_entries_editor", "audit_entries", ["editor_id", "id"])

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )

    make_append_only("audit_entries", called="the audit log")
    op.bulk_insert(
        sa.table("audit_head", sa.column("id"), sa.column("entry_id"), sa.column("hash")),
        [{"id": 1, "entry_id": 0, "hash": bytes(32)}],
    )
    op.bulk_insert(
        sa.table("installation", sa.column("id"), sa.column("address_hash_key")),
        [{"id": 1, "address_hash_key": secrets.token_bytes(32)}],
    )
    op.bulk_insert(
        sa.table("generation", sa.column("id"), sa.column("number")), [{"id": 1, "number": 0}]
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("audit_head")
    op.drop_table("audit_entries")
    op.drop_table("generation")
    op.drop_table("installation")
    drop_append_only("audit_entries")
