"""The item bank."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from topthree.store.migrations.shapes import ID, MOMENT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "bank_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("owner_id", ID, nullable=True),
        sa.Column("use_by", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("searchable", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("edited_by", ID, nullable=True),
        sa.Column("section", sa.String(32), nullable=False),
        sa.Column("kicker", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link_label", sa.Text(), nullable=False),
        sa.Column("link_url", sa.Text(), nullable=False),
        sa.Column("contributor_name", sa.Text(), nullable=False),
        sa.Column("contributor_role", sa.Text(), nullable=False),
        sa.Column("contributor_school", sa.Text(), nullable=False),
        sa.Column("contributor_consents_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("closes_at", sa.Time(), nullable=True),
        sa.Column("happens_on", sa.Date(), nullable=True),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("portrait", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["editors.id"], name=op.f("fk_bank_items_created_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["editors.id"], name=op.f("fk_bank_items_edited_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["editors.id"], name=op.f("fk_bank_items_owner_id_editors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_items")),
        sa.UniqueConstraint("form_key", name=op.f("uq_bank_items_form_key")),
    )
    op.create_index("ix_bank_items_edited_at", "bank_items", ["edited_at"])
    op.create_index("ix_bank_items_owner_id", "bank_items", ["owner_id"])
    op.create_index(
        "ix_bank_items_state_section_last_day", "bank_items", ["state", "section", "last_day"]
    )

    op.create_table(
        "bank_tags",
        sa.Column("bank_item_id", ID, nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_item_id"],
            ["bank_items.id"],
            name=op.f("fk_bank_tags_bank_item_id_bank_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bank_item_id", "tag", name=op.f("pk_bank_tags")),
    )
    op.create_index("ix_bank_tags_tag", "bank_tags", ["tag"])

    op.create_table(
        "bank_uses",
        sa.Column("bank_item_id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("put_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_item_id"],
            ["bank_items.id"],
            name=op.f("fk_bank_uses_bank_item_id_bank_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_bank_uses_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["put_by"], ["editors.id"], name=op.f("fk_bank_uses_put_by_editors")
        ),
        sa.PrimaryKeyConstraint("bank_item_id", name=op.f("pk_bank_uses")),
        sa.UniqueConstraint("issue_id", "place", name=op.f("uq_bank_uses_issue_id_place")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("bank_uses")
    op.drop_table("bank_tags")
    op.drop_table("bank_items")
