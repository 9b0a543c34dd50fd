"""when people are told.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column(
            "alert_ids",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "channel", "language", name=op.f("pk_digest")),
    )
    op.create_table(
        "hours",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=False),
        sa.Column("quiet_until", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours")),
        sa.UniqueConstraint(
            "zone", "quiet_from", "quiet_until", name=op.f("uq_hours_zone_quiet_from_quiet_until")
        ),
    )
    op.create_table(
        "mute",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("route", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_mute_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mute")),
    )
    with op.batch_alter_table("mute", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mute_organisation_id_id"), ["organisation_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_mute_until"), ["until"], unique=False)

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours_id", sa.String(length=36), nullable=True))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deferred", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("digest_id", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("counts_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_delivery_counts_at",
            ["contact_id", "channel", "counts_at"],
            unique=False,
            sqlite_where=sa.text("counts_at IS NOT NULL"),
            postgresql_where=sa.text("counts_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_delivery_digest_id",
            ["digest_id", "contact_id"],
            unique=False,
            sqlite_where=sa.text("digest_id IS NOT NULL"),
            postgresql_where=sa.text("digest_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_delivery_tell_at",
            ["tell_at", "contact_id"],
            unique=False,
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )

    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tell", sa.Integer(), nullable=True))


def downgrade() -> None:
    # Not in batches: SQLite would make the table anew, and its triggers know the old one.
    for name in ("tell_at", "digest_id", "counts_at"):
        op.drop_index(f"ix_delivery_{name}", table_name="delivery")
    for name in ("counts_at", "tell_at", "digest_id", "deferred"):
        op.drop_column("delivery", name)
    op.drop_column("subscription", "tell")
    op.drop_column("contact", "hours_id")
    op.drop_index("ix_mute_until", table_name="mute")
    op.drop_index("ix_mute_organisation_id_id", table_name="mute")
    op.drop_table("mute")
    op.drop_table("hours")
    op.drop_table("digest")
