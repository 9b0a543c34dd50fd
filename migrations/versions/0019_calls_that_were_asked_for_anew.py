"""calls that were asked for anew.

Changes no table. Whoever pressed 9 in a call was remembered until now as wanting no invitation
there; by now it would mean that nobody may call him, who could ask his organisation for calls anew,
and did. A STOP was never remembered for calls, so nothing of one is forgotten.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE invited_address SET refused_at = NULL WHERE refused_at IS NOT NULL AND blind_index"
        " IN (SELECT blind_index FROM contact_channel WHERE channel = 'voice')"
    )


def downgrade() -> None:
    pass
