"""who may be forced to write.

A table that code of the version before does not know: it believes a phone again as it did. Whose
word of duress came within the week before the last message is held to be forced from the start.

Revision ID: 0018
Revises: 0017
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from app.db.types import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_LATELY = timedelta(days=7)


def upgrade() -> None:
    op.create_table(
        "forced_sender",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("key_id", sa.String(length=36), nullable=True),
        sa.Column("inbound_id", sa.String(length=36), nullable=True),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forced_sender")),
    )
    with op.batch_alter_table("forced_sender", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_forced_sender_phone_index"), ["phone_index"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_forced_sender_key_id"), ["key_id"], unique=False)
    _keep_those_of_this_week(op.get_bind())


def _keep_those_of_this_week(conn: sa.Connection) -> None:
    at = sa.Column("at", UtcDateTime)
    duress = sa.Column("duress", sa.Boolean)
    columns = [sa.Column(name, sa.String) for name in ("id", "phone_index", "organisation_id")]
    inbound = sa.Table("inbound", sa.MetaData(), *columns, at, duress)
    reporter = sa.table("reporter", sa.column("phone_index"), sa.column("key_id"))
    last = conn.scalar(sa.select(sa.func.max(inbound.c.at)))
    if last is None:
        return
    rows = conn.execute(
        sa.select(inbound, reporter.c.key_id)
        .outerjoin(reporter, reporter.c.phone_index == inbound.c.phone_index)
        .where(inbound.c.duress, inbound.c.phone_index.is_not(None), inbound.c.at >= last - _LATELY)
        .order_by(inbound.c.at.desc())
    )
    first = {row.phone_index: row for row in rows}
    forced = sa.Table(
        "forced_sender",
        sa.MetaData(),
        *(sa.Column(name, sa.String) for name in ("id", "phone_index", "key_id", "inbound_id")),
        sa.Column("organisation_id", sa.String),
        sa.Column("since", UtcDateTime),
    )
    for row in first.values():
        conn.execute(
            forced.insert().values(
                id=row.id,
                phone_index=row.phone_index,
                key_id=row.key_id,
                inbound_id=row.id,
                organisation_id=row.organisation_id,
                since=row.at,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("forced_sender", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_forced_sender_key_id"))
        batch_op.drop_index(batch_op.f("ix_forced_sender_phone_index"))
    op.drop_table("forced_sender")
