"""Runs and deliveries, what came back, and what was corrected afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from topthree.store.migrations.shapes import ID, MOMENT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("audience_of", ID, nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("resumptions", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("give_up_at", MOMENT, nullable=False),
        sa.Column("prepared_at", MOMENT, nullable=True),
        sa.Column("prepared_to", ID, nullable=False),
        sa.Column("prepare_until", ID, nullable=False),
        sa.Column("candidates", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("seeds_accepted", sa.JSON(), nullable=False),
        sa.Column("seeds_accepted_at", MOMENT, nullable=True),
        sa.Column("seeds_due_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("final_counts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("message_digest", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=True),
        sa.Column("reached_due_at", MOMENT, nullable=True),
        sa.Column("reached_id", ID, nullable=True),
        sa.Column("corrected_to", sa.Integer(), nullable=False),
        # The large ones come last: SQLite reads a row from its beginning.
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_of"], ["runs.id"], name=op.f("fk_runs_audience_of_runs")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_runs_issue_id_issues")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("issue_id", name=op.f("uq_runs_issue_id")),
    )
    op.create_index("ix_runs_recorded_at", "runs", ["recorded_at"])
    op.create_index("ix_runs_finished_at", "runs", ["finished_at"])

    op.create_table(
        "run_days",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("until_confirmed_at", MOMENT, nullable=False),
        sa.Column("until_subscriber", ID, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_days_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_run_days")),
    )

    op.create_table(
        "claims",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("recovering", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("subscriber_ids", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_claims_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_claims_run_id", "claims", ["run_id"])
    op.create_index("ix_claims_worker", "claims", ["worker"])

    op.create_table(
        "deliveries",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("claim_id", ID, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("turn_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("cause", sa.String(32), nullable=True),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_deliveries_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_deliveries_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("run_id", "subscriber_id", name=op.f("pk_deliveries")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["run_id", "due_at", "subscriber_id"],
        sqlite_where=sa.text("status in ('queued', 'deferred')"),
        postgresql_where=sa.text("status in ('queued', 'deferred')"),
    )

    op.create_table(
        "tallies",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("resumptions", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("teller", sa.Text(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("hard", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("malformed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_tallies_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "resumptions", "teller", name=op.f("pk_tallies")),
    )

    op.create_table(
        "paces",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_paces")),
    )

    op.create_table(
        "closures",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("closed_until", MOMENT, nullable=False),
        sa.Column("connections_allowed", sa.Integer(), nullable=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("closures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_closures")),
    )

    op.create_table(
        "waiting_sends",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("stopped_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["editors.id"], name=op.f("fk_waiting_sends_asked_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_waiting_sends_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_waiting_sends")),
    )

    op.create_table(
        "corrections",
        sa.Column("issue_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=False),
        sa.Column("corrected_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["corrected_by"], ["editors.id"], name=op.f("fk_corrections_corrected_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name=op.f("fk_corrections_issue_id_issues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "number", name=op.f("pk_corrections")),
    )

    op.create_table(
        "corrected_letters",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("approved_by", ID, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.Column("message_digest", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["editors.id"], name=op.f("fk_corrected_letters_approved_by_editors")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_corrected_letters_run_id_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_corrected_letters")),
    )

    op.create_table(
        "feedback",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("subscriber_id", ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("resumptions", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(32), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_feedback_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_feedback_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("run_id", "subscriber_id", "kind", name=op.f("pk_feedback")),
    )

    op.create_table(
        "heeded_messages",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_heeded_messages")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("heeded_messages")
    op.drop_table("feedback")
    op.drop_table("corrected_letters")
    op.drop_table("corrections")
    op.drop_table("waiting_sends")
    op.drop_table("closures")
    op.drop_table("paces")
    op.drop_table("tallies")
    op.drop_table("deliveries")
    op.drop_table("claims")
    op.drop_table("run_days")
    op.drop_table("runs")
