"""Issues, their texts, versions and pictures, and what became of their links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from topthree.store.migrations.shapes import ID, MOMENT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "issues",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("preheader", sa.Text(), nullable=False),
        sa.Column("greeting", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("corrects", sa.Date(), nullable=True),
        sa.Column("slot_day", sa.Date(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=False),
        sa.Column("edited_by", ID, nullable=True),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("asked", ID, nullable=True),
        sa.Column("asked_words", sa.Text(), nullable=False),
        sa.Column("approved_by", ID, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("approved_digest", sa.Text(), nullable=True),
        sa.Column("returned_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["editors.id"], name=op.f("fk_issues_approved_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["editors.id"], name=op.f("fk_issues_edited_by_editors")
        ),
        sa.ForeignKeyConstraint(["asked"], ["editors.id"], name=op.f("fk_issues_asked_editors")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["editors.id"], name=op.f("fk_issues_submitted_by_editors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("number", name=op.f("uq_issues_number")),
        sa.UniqueConstraint("slot_day", name=op.f("uq_issues_slot_day")),
    )
    op.create_index("ix_issues_status_day", "issues", ["status", "day"])
    op.create_index("ix_issues_corrects", "issues", ["corrects"])
    op.create_index(
        "uq_issues_day",
        "issues",
        ["day"],
        unique=True,
        sqlite_where=sa.text("corrects IS NULL"),
        postgresql_where=sa.text("corrects IS NULL"),
    )

    op.create_table(
        "items",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
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
            ["issue_id"], ["issues.id"], name=op.f("fk_items_issue_id_issues"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "place", name=op.f("pk_items")),
    )

    op.create_table(
        "issue_authors",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("editor_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_issue_authors_editor_id_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_issue_authors_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "editor_id", name=op.f("pk_issue_authors")),
    )

    op.create_table(
        "versions",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("saved_by", ID, nullable=True),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=True),
        sa.Column("tab", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_versions_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["editors.id"], name=op.f("fk_versions_saved_by_editors")
        ),
        sa.PrimaryKeyConstraint("issue_id", "number", name=op.f("pk_versions")),
    )
    op.create_index("ix_versions_saved_at", "versions", ["saved_at"])

    op.create_table(
        "working_copies",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("editor_id", ID, nullable=False),
        sa.Column("tab", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_working_copies_editor_id_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_working_copies_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "editor_id", "tab", name=op.f("pk_working_copies")),
    )

    op.create_table(
        "presences",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("editor_id", ID, nullable=False),
        sa.Column("tab", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_presences_editor_id_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_presences_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "editor_id", "tab", name=op.f("pk_presences")),
    )
    op.create_index("ix_presences_seen_at", "presences", ["seen_at"])

    op.create_table(
        "media",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", ID, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["editors.id"], name=op.f("fk_media_added_by_editors")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_media")),
    )

    op.create_table(
        "media_cuts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("shape", sa.String(32), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name"], ["media.name"], name=op.f("fk_media_cuts_name_media"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["original"], ["media.name"], name=op.f("fk_media_cuts_original_media")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_media_cuts")),
    )

    op.create_table(
        "link_checks",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(32), nullable=True),
        sa.Column("final_url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content_length", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_link_checks")),
    )
    op.create_index("ix_link_checks_due_at", "link_checks", ["due_at"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("link_checks")
    op.drop_table("media_cuts")
    op.drop_table("media")
    op.drop_table("presences")
    op.drop_table("working_copies")
    op.drop_table("versions")
    op.drop_table("issue_authors")
    op.drop_table("items")
    op.drop_table("issues")
