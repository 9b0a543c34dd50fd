"""What a recipient who answers may be speaking of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from app.db.tables import DeliveryRow
from app.delivery.delivery import Status

#: A message that a provider took, or perhaps took, may have been read.
_MAYBE_READ = (Status.SENT, Status.DELIVERED, Status.IN_DOUBT, Status.UNDELIVERED)


def newest_alert_to(
    conn: Connection, contact_ids: Sequence[str], *, channel: str, since: datetime
) -> tuple[str, str] | None:
    """Return (alert, contact) of the last message that one of the contacts was sent since then."""
    row = conn.execute(
        select(DeliveryRow.alert_id, DeliveryRow.contact_id)
        .where(
            DeliveryRow.contact_id.in_(contact_ids),
            DeliveryRow.channel == channel,
            DeliveryRow.created_at >= since,
            DeliveryRow.status.in_(_MAYBE_READ),
        )
        .order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.alert_id, row.contact_id) if row else None
