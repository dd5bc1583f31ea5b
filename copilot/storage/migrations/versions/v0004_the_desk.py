"""What people work on in the browser: tasks in the making, apps, tags, blind comparisons, settings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. The way back is the backup that was made before."""
    op.create_table(
        "apps",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_apps")),
    )
    op.create_table(
        "saved_tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_tasks")),
    )
    op.create_index(op.f("ix_saved_tasks_project"), "saved_tasks", ["project"], unique=False)
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "saved_examples",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("example_id", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('uploaded', 'typed', 'drafted', 'feedback', 'sample')", name=op.f("ck_saved_examples_origin")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["saved_tasks.id"], name=op.f("fk_saved_examples_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "position", name=op.f("pk_saved_examples")),
    )
    op.create_index(
        op.f("ix_saved_examples_task_id_example_id"), "saved_examples", ["task_id", "example_id"], unique=False
    )
    op.create_table(
        "template_tags",
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"], ["templates.id"], name=op.f("fk_template_tags_template_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("template_id", "tag", name=op.f("pk_template_tags")),
    )
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("example_id", sa.Text(), nullable=False),
        sa.Column("first_id", sa.Text(), nullable=False),
        sa.Column("second_id", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("preference_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice IN ('first', 'second', 'tie')", name=op.f("ck_comparisons_choice")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_comparisons_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
    )
    op.create_index(
        op.f("ix_comparisons_run_id_first_id_second_id"),
        "comparisons",
        ["run_id", "first_id", "second_id"],
        unique=False,
    )
    op.create_table(
        "saved_task_runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_saved_task_runs_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["task_id"], ["saved_tasks.id"], name=op.f("fk_saved_task_runs_task_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_saved_task_runs")),
    )
    op.create_index(op.f("ix_saved_task_runs_task_id"), "saved_task_runs", ["task_id"], unique=False)
