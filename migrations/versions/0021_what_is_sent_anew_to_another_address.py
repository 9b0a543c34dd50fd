"""what is sent anew to another address.

Nullable: code of the version before sends such a delivery under its own id, and counts its tries on.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent_as", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("attempts_before", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_delivery_sent_as",
            ["sent_as"],
            unique=True,
            sqlite_where=sa.text("sent_as IS NOT NULL"),
            postgresql_where=sa.text("sent_as IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index("ix_delivery_sent_as", table_name="delivery")
    op.drop_column("delivery", "attempts_before")
    op.drop_column("delivery", "sent_as")
