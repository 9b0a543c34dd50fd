"""What names a contact and whose time is over, deleted in batches.

What is over is looked for on a snapshot, and the writer is held for what goes alone: after years
there is far more to walk past than to delete, and reports would wait for every step of it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.core.ids import first_id
from app.db.tables import (
    AcknowledgementRow,
    AlertRow,
    DeliveryRow,
    DigestRow,
    EscalationRow,
    NoticeRow,
    ReceiptRow,
)
from app.delivery.delivery import Status

_UNSETTLED = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)


def list_over(conn: Connection, *, before: datetime, after: str, limit: int) -> list[str]:
    """Return the next alerts behind `after` whose deliveries may go, in their order.

    They are settled, and their alert's chain said its last word before `before`. While a chain is
    open, all of its deliveries stay: they say who must be told the end.
    """
    has_settled = exists().where(
        DeliveryRow.alert_id == AlertRow.id, DeliveryRow.status.not_in(_UNSETTLED)
    )
    query = (
        select(AlertRow.id)
        .where(AlertRow.id > after, _is_over(before), has_settled)
        .order_by(AlertRow.id)
        .limit(limit)
    )
    return list(conn.scalars(query))


def forget_deliveries(conn: Connection, alert_id: str, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` settled deliveries of an alert, with attempts and receipts.

    Nothing goes while its chain is open. The caller calls again until it returns 0, by when nothing
    is left of who took note, either.
    """
    settled = (
        select(DeliveryRow.id)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(
            DeliveryRow.alert_id == alert_id,
            DeliveryRow.status.not_in(_UNSETTLED),
            _is_over(before),
        )
        .limit(limit)
    )
    ids = list(conn.scalars(settled))
    conn.execute(delete(DeliveryRow).where(DeliveryRow.id.in_(ids)))  # attempts go with them
    conn.execute(delete(ReceiptRow).where(ReceiptRow.delivery_id.in_(ids)))
    # with the last of them: an alert that has none is not found again
    none_left = ~exists().where(DeliveryRow.alert_id == alert_id)
    mine = AcknowledgementRow.alert_id == alert_id
    conn.execute(delete(AcknowledgementRow).where(mine, none_left))
    return len(ids)


def list_unread(conn: Connection, *, before: datetime, after: str, limit: int) -> list[str]:
    """Return the next texts of several alerts behind `after` that no delivery says (any more).

    Those of deliveries that went, and those of messages that were put anew before they left.
    """
    query = (
        select(DigestRow.id)
        .distinct()
        .where(DigestRow.id > after, _is_unread(), DigestRow.created_at < before)
        .order_by(DigestRow.id)
        .limit(limit)
    )
    return list(conn.scalars(query))


def forget_digests(conn: Connection, digest_ids: Sequence[str]) -> None:
    """Delete texts that no delivery says."""
    conn.execute(delete(DigestRow).where(DigestRow.id.in_(digest_ids), _is_unread()))


def forget_escalations(conn: Connection, *, before: datetime, limit: int) -> int:
    """Delete up to `limit` records of how far a list was called; return how many.

    Of what was told before `before`, and unless somebody is still to be called.
    """
    key = (EscalationRow.bundle_id, EscalationRow.organisation_id)
    over = (
        select(*key)
        .where(EscalationRow.bundle_id < first_id(before), EscalationRow.due_at.is_(None))
        .limit(limit)
    )
    return conn.execute(delete(EscalationRow).where(tuple_(*key).in_(over))).rowcount


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


def _is_over(before: datetime) -> ColumnElement[bool]:
    """Return the condition that an alert's chain said its last word before `before`."""
    other = aliased(AlertRow)
    return ~exists().where(
        other.chain_id == AlertRow.chain_id,
        or_(other.status.in_(["active", "held"]), other.created_at >= before),
    )


def _is_unread() -> ColumnElement[bool]:
    return ~exists().where(DeliveryRow.digest_id == DigestRow.id)
