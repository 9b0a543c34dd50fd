"""Deliveries that are counted instead of sent: for what would have been told."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from app.db.tables import AlertRow, DeliveryRow
from app.delivery.delivery import Status

# Built once: a rerun asks after every change.
_UNTOLD = select(AlertRow.id).where(AlertRow.fanned_out_at.is_(None), AlertRow.status != "held")
_ANY_UNTOLD = _UNTOLD.limit(1)
_TOLD_NOBODY = (
    update(AlertRow)
    .where(AlertRow.fanned_out_at.is_(None), AlertRow.status != "held")
    .values(fanned_out_at=AlertRow.created_at)
)
_DELIVERED = (
    update(DeliveryRow)
    .where(DeliveryRow.status == Status.QUEUED)
    .values(status=Status.DELIVERED.value)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A message that would have been sent to a contact."""

    alert_id: str
    contact_id: str
    channel: str
    language: str


def take_as_delivered(conn: Connection) -> None:
    """Take whatever is queued for delivered: who was told hears the end of it."""
    conn.execute(_DELIVERED)


def any_untold(conn: Connection) -> bool:
    """Tell whether something was raised that is not fanned out."""
    return conn.execute(_ANY_UNTOLD).first() is not None


def tell_nobody(conn: Connection) -> None:
    """Take what was raised for fanned out where there is nobody to be told."""
    conn.execute(_TOLD_NOBODY)


def list_counted(conn: Connection) -> list[Counted]:
    """Return every message that would have been sent."""
    rows = conn.execute(
        select(
            DeliveryRow.alert_id, DeliveryRow.contact_id, DeliveryRow.channel, DeliveryRow.language
        )
        .where(DeliveryRow.status == Status.DELIVERED)
        .order_by(DeliveryRow.id)
    )
    return [Counted(**row._mapping) for row in rows]  # noqa: SLF001 - public API of rows
