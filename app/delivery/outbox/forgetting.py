"""What names a contact and whose time is over, deleted in batches."""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, or_, select
from sqlalchemy.orm import aliased

from app.db.tables import (
    AcknowledgementRow,
    AlertRow,
    DeliveryRow,
    DigestRow,
    NoticeRow,
    ReceiptRow,
)
from app.delivery.delivery import Status

_UNSETTLED = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)


def forget_deliveries(conn: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` settled deliveries with their attempts and receipts; return how many.

    They are those of one alert whose chain said its last word before `before`. While a chain is
    open, all of its deliveries stay: they say who must be told the end. The caller calls again
    until it returns 0.
    """
    alert_id = _over(conn, before)
    if alert_id is None:
        return 0
    settled = (
        select(DeliveryRow.id)
        .where(DeliveryRow.alert_id == alert_id, DeliveryRow.status.not_in(_UNSETTLED))
        .limit(limit)
    )
    ids = list(conn.scalars(settled))
    said = select(DeliveryRow.digest_id).where(
        DeliveryRow.id.in_(ids), DeliveryRow.digest_id.is_not(None)
    )
    digest_ids = list(conn.scalars(said.distinct()))
    conn.execute(delete(DeliveryRow).where(DeliveryRow.id.in_(ids)))  # attempts go with them
    unread = ~exists().where(DeliveryRow.digest_id == DigestRow.id)
    conn.execute(delete(DigestRow).where(DigestRow.id.in_(digest_ids), unread))
    if len(ids) < limit:  # they were the last: of who took note nothing is left, either
        conn.execute(delete(AcknowledgementRow).where(AcknowledgementRow.alert_id == alert_id))
    conn.execute(delete(ReceiptRow).where(ReceiptRow.delivery_id.in_(ids)))
    return len(ids)


def forget_notices(conn: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` notices to contacts from before `before`; return how many.

    A code to sign in, or that the money runs short: that is, who signed in when. What the person on
    duty was told names nobody, and stays.
    """
    old = (
        select(NoticeRow.id)
        .where(
            NoticeRow.contact_id.is_not(None),
            NoticeRow.due_at.is_(None),
            NoticeRow.created_at < before,
        )
        .limit(limit)
    )
    return conn.execute(delete(NoticeRow).where(NoticeRow.id.in_(old))).rowcount


def _over(conn: Connection, before: datetime) -> str | None:
    """Return an alert of a chain that is over and that still has settled deliveries."""
    other = aliased(AlertRow)
    goes_on = exists().where(
        other.chain_id == AlertRow.chain_id,
        or_(other.status.in_(["active", "held"]), other.created_at >= before),
    )
    has_settled = exists().where(
        DeliveryRow.alert_id == AlertRow.id, DeliveryRow.status.not_in(_UNSETTLED)
    )
    query = (
        select(AlertRow.id)
        .where(AlertRow.created_at < before, ~goes_on, has_settled)
        .order_by(AlertRow.id)
        .limit(1)
    )
    return conn.scalar(query)
