"""messages that are set aside.

Nullable: code of the version before lists what is set aside as waiting, and keeps messages without
saying whether a person has to read them; the newer then judges as that one did. Of messages of
years the desk, an organisation's list and that of words of duress each read all, and no more.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: (index, column, of which rows on SQLite, on PostgreSQL)
_OF_FEW = [
    ("ix_inbound_duress", "id", "duress = 1", "duress"),
    ("ix_inbound_set_aside", "id", "set_aside_at IS NOT NULL", "set_aside_at IS NOT NULL"),
    ("ix_inbound_for_person", "at", "for_person IS NOT 0", "for_person IS NOT false"),
]


def upgrade() -> None:
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_person", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("set_aside_by", sa.String(length=36), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_inbound_organisation_id_id"), ["organisation_id", "id"], unique=False
        )
        for name, column, sqlite, postgresql in _OF_FEW:
            batch_op.create_index(
                name,
                [column],
                unique=False,
                sqlite_where=sa.text(sqlite),
                postgresql_where=sa.text(postgresql),
            )


def downgrade() -> None:
    with op.batch_alter_table("inbound", schema=None) as batch_op:
        for name, _, _, _ in reversed(_OF_FEW):
            batch_op.drop_index(name)
        batch_op.drop_index(batch_op.f("ix_inbound_organisation_id_id"))
        batch_op.drop_column("set_aside_by")
        batch_op.drop_column("set_aside_at")
        batch_op.drop_column("for_person")
