"""Slots, the cadence, and the days without school."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from topthree.store.migrations.shapes import ID, MOMENT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "slots",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("fate", sa.String(32), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_slots")),
    )

    op.create_table(
        "cadence_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["editors.id"], name=op.f("fk_cadence_exceptions_decided_by_editors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadence_exceptions")),
    )

    op.create_table(
        "school_breaks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by"], ["editors.id"], name=op.f("fk_school_breaks_added_by_editors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_breaks")),
        sa.UniqueConstraint(
            "first_day", "last_day", "name", name=op.f("uq_school_breaks_first_day_last_day_name")
        ),
    )
    op.create_index("ix_school_breaks_last_day", "school_breaks", ["last_day"])

    op.create_table(
        "slot_warnings",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("day", "stage", name=op.f("pk_slot_warnings")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("slot_warnings")
    op.drop_table("school_breaks")
    op.drop_table("cadence_exceptions")
    op.drop_table("slots")
