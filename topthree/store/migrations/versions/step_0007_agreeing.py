"""What is said of an issue before it goes: checks, tests, comments, yes and no."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from topthree.store.migrations.shapes import ID, MOMENT

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "share_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("may_comment", sa.Boolean(), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["editors.id"], name=op.f("fk_share_links_ended_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_share_links_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["editors.id"], name=op.f("fk_share_links_made_by_editors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_links")),
        sa.UniqueConstraint("form", name=op.f("uq_share_links_form")),
    )
    op.create_index("ix_share_links_issue_id", "share_links", ["issue_id"])

    op.create_table(
        "comments",
        sa.Column("id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", ID, nullable=True),
        sa.Column("link_id", ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("resolved_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["by"], ["editors.id"], name=op.f("fk_comments_by_editors")),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_comments_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["share_links.id"], name=op.f("fk_comments_link_id_share_links")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["editors.id"], name=op.f("fk_comments_resolved_by_editors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("form", name=op.f("uq_comments_form")),
    )
    op.create_index("ix_comments_issue_id", "comments", ["issue_id"])

    op.create_table(
        "verdicts",
        sa.Column("id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["editors.id"], name=op.f("fk_verdicts_by_editors")),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_verdicts_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index("ix_verdicts_issue_id", "verdicts", ["issue_id"])

    op.create_table(
        "turns",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("editor_id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("by", ID, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["editors.id"], name=op.f("fk_turns_by_editors")),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["editors.id"], name=op.f("fk_turns_editor_id_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_turns_issue_id_issues"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
    )
    op.create_index("ix_turns_at", "turns", ["at"])
    op.create_index("ix_turns_issue_id", "turns", ["issue_id"])

    op.create_table(
        "sent_tests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["editors.id"], name=op.f("fk_sent_tests_by_editors")),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_sent_tests_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_tests")),
        sa.UniqueConstraint("form", name=op.f("uq_sent_tests_form")),
    )
    op.create_index("ix_sent_tests_issue_id", "sent_tests", ["issue_id"])

    op.create_table(
        "preflight_results",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slot_day", sa.Date(), nullable=True),
        sa.Column("stops", sa.Integer(), nullable=False),
        sa.Column("advice", sa.Integer(), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_preflight_results_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_preflight_results")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("preflight_results")
    op.drop_table("sent_tests")
    op.drop_table("turns")
    op.drop_table("verdicts")
    op.drop_table("comments")
    op.drop_table("share_links")
