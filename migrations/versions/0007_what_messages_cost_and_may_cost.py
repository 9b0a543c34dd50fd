"""what messages cost and may cost.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("tariff", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "month", "tariff", "level", name=op.f("pk_spending")
        ),
    )
    op.create_table(
        "budget",
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("monthly", sa.BigInteger(), nullable=False),
        sa.Column("reserve", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_budget_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_budget")),
    )
    with op.batch_alter_table("contact_channel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tariff", sa.String(length=20), nullable=True))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tariff", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("reserved", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("segments", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cost", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_delivery_reserved",
            ["organisation_id", "reserved"],
            unique=False,
            sqlite_where=sa.text("reserved IS NOT NULL"),
            postgresql_where=sa.text("reserved IS NOT NULL"),
        )

    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("segments", sa.Integer(), nullable=True))

    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    # Not in batches: SQLite would make the tables anew, and triggers know the old ones.
    op.drop_column("notice", "contact_id")
    op.drop_column("delivery_attempt", "segments")
    op.drop_index("ix_delivery_reserved", table_name="delivery")
    for name in ("cost", "segments", "reserved", "tariff"):
        op.drop_column("delivery", name)
    op.drop_column("contact_channel", "tariff")
    op.drop_table("budget")
    op.drop_table("spending")
