"""answers to what people wrote.

A table that code of the version before does not know: it sends none of what waits in it.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("inbound_id", sa.String(length=36), nullable=False),
        sa.Column("written_by", sa.String(length=36), nullable=False),
        sa.Column("idempotency", sa.String(length=64), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider", sa.String(length=20), nullable=True),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'in_doubt', 'sent', 'delivered', 'undelivered', 'failed', 'expired', 'suppressed')",
            name=op.f("ck_answer_status"),
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_answer_inbound_id_inbound")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "written_by", "idempotency", name=op.f("uq_answer_written_by_idempotency")
        ),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_inbound_id"), ["inbound_id"], unique=False)
        batch_op.create_index(
            "ix_answer_open",
            ["status", "due_at"],
            unique=False,
            sqlite_where=sa.text("cost IS NULL"),
            postgresql_where=sa.text("cost IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_answer_open",
            sqlite_where=sa.text("cost IS NULL"),
            postgresql_where=sa.text("cost IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_answer_inbound_id"))
        batch_op.drop_index(batch_op.f("ix_answer_created_at"))

    op.drop_table("answer")
