"""voice, WhatsApp and webhooks beside SMS and e-mail; episodes of a road.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alert") as batch:
        batch.add_column(sa.Column("episode_id", sa.String(length=36), nullable=True))
    with op.batch_alter_table("contact_channel") as batch:
        batch.drop_constraint(op.f("ck_contact_channel_channel"), type_="check")
        batch.create_check_constraint(
            op.f("ck_contact_channel_channel"),
            "channel IN ('sms', 'email', 'voice', 'whatsapp', 'webhook')",
        )


def downgrade() -> None:
    with op.batch_alter_table("alert") as batch:
        batch.drop_column("episode_id")
    op.execute("DELETE FROM subscription_channel WHERE channel NOT IN ('sms', 'email')")
    op.execute("DELETE FROM contact_channel WHERE channel NOT IN ('sms', 'email')")
    with op.batch_alter_table("contact_channel") as batch:
        batch.drop_constraint(op.f("ck_contact_channel_channel"), type_="check")
        batch.create_check_constraint(
            op.f("ck_contact_channel_channel"), "channel IN ('sms', 'email')"
        )
