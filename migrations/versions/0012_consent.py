"""consent: invitations, addresses that are not to be invited, contacts that nothing reaches.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invited_address",
        sa.Column("blind_index", sa.String(length=64), nullable=False),
        sa.Column("invitation_id", sa.String(length=36), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("blind_index", name=op.f("pk_invited_address")),
    )
    op.create_index(op.f("ix_invited_address_invitation_id"), "invited_address", ["invitation_id"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("wording", sa.String(length=20), nullable=False),
        sa.Column("wording_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'refused', 'expired', 'spent', 'failed')",
            name=op.f("ck_invitation_state"),
        ),
        sa.CheckConstraint("way IN ('sms', 'code', 'page')", name=op.f("ck_invitation_way")),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_invitation_contact_id_contact"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_invitation_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invitation_contact_id_id"), ["contact_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_invitation_due_at"), ["due_at"], unique=False)
        batch_op.create_index(
            "ix_invitation_open",
            ["contact_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            batch_op.f("ix_invitation_organisation_id_created_at"),
            ["organisation_id", "created_at"],
            unique=False,
        )

    with op.batch_alter_table("contact_channel") as batch_op:
        batch_op.add_column(
            sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("unreachable_why", sa.String(length=60), nullable=True))
        batch_op.create_index(
            "ix_contact_channel_unreachable",
            ["organisation_id", "contact_id"],
            unique=False,
            sqlite_where=sa.text("unreachable_since IS NOT NULL"),
            postgresql_where=sa.text("unreachable_since IS NOT NULL"),
        )
        batch_op.drop_constraint(op.f("ck_contact_channel_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_contact_channel_status"),
            "status IN ('active', 'opted_out', 'dead', 'invited')",
        )

    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_index(
            "ix_delivery_not_arrived",
            ["updated_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('failed', 'undelivered')"),
            postgresql_where=sa.text("status IN ('failed', 'undelivered')"),
        )


def downgrade() -> None:
    # who has not said yes must not begin to be written to
    op.execute("UPDATE contact_channel SET status = 'opted_out' WHERE status = 'invited'")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index(
            "ix_delivery_not_arrived",
            sqlite_where=sa.text("status IN ('failed', 'undelivered')"),
            postgresql_where=sa.text("status IN ('failed', 'undelivered')"),
        )

    with op.batch_alter_table("contact_channel") as batch_op:
        batch_op.drop_index(
            "ix_contact_channel_unreachable",
            sqlite_where=sa.text("unreachable_since IS NOT NULL"),
            postgresql_where=sa.text("unreachable_since IS NOT NULL"),
        )
        batch_op.drop_column("unreachable_why")
        batch_op.drop_column("unreachable_since")
        batch_op.drop_constraint(op.f("ck_contact_channel_status"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_contact_channel_status"), "status IN ('active', 'opted_out', 'dead')"
        )

    with op.batch_alter_table("invitation") as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_organisation_id_created_at"))
        batch_op.drop_index(
            "ix_invitation_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_invitation_due_at"))
        batch_op.drop_index(batch_op.f("ix_invitation_contact_id_id"))

    op.drop_table("invitation")
    op.drop_index(op.f("ix_invited_address_invitation_id"), table_name="invited_address")
    op.drop_table("invited_address")
