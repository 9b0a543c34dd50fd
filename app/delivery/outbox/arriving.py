"""What became of the last messages to an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, text

from app.db.tables import ContactChannelRow, DeliveryRow
from app.delivery.delivery import Status
from app.delivery.outbox.joins import ITS_ADDRESS

#: That say whether a message arrived; `sent` and those that never left say nothing.
_SAYING = (Status.DELIVERED, Status.UNDELIVERED, Status.FAILED)
_CHUNK = 500
_TRIED = (DeliveryRow.attempts - func.coalesce(DeliveryRow.attempts_before, 0)).label("tried")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a delivery ended.

    Attributes:
        taken: A provider had it; else it was refused outright, or tried too often.
    """

    at: datetime
    status: Status
    attempts: int
    taken: bool
    code: str | None


def list_missed(conn: Connection, *, since: datetime) -> set[tuple[str, str]]:
    """Return (contact id, channel) of those whom a message did not reach since then."""
    rows = conn.execute(
        select(DeliveryRow.contact_id, DeliveryRow.channel)
        .where(
            # in the words of the index: with bound parameters neither database would use it
            text("status IN ('failed', 'undelivered')"),
            DeliveryRow.updated_at >= since,
        )
        .distinct()
    )
    return {(row.contact_id, row.channel) for row in rows}


def last_ended(
    conn: Connection, contact_ids: Sequence[str], *, since: datetime, limit: int
) -> Mapping[tuple[str, str], list[Ended]]:
    """Return how the last `limit` messages to each (contact id, channel) ended, newest first.

    To the address that is there now: what was sent to the one before says nothing of it.
    """
    found: dict[tuple[str, str], list[Ended]] = {}
    for start in range(0, len(contact_ids), _CHUNK):
        place = (
            func.row_number()
            .over(
                partition_by=(DeliveryRow.contact_id, DeliveryRow.channel),
                order_by=DeliveryRow.created_at.desc(),
            )
            .label("place")
        )
        numbered = (
            select(
                DeliveryRow.contact_id,
                DeliveryRow.channel,
                DeliveryRow.status,
                _TRIED,
                DeliveryRow.provider_id,
                DeliveryRow.error_code,
                DeliveryRow.updated_at,
                place,
            )
            .join(
                ContactChannelRow,
                and_(ITS_ADDRESS, ContactChannelRow.changed_at <= DeliveryRow.created_at),
            )
            .where(
                DeliveryRow.contact_id.in_(contact_ids[start : start + _CHUNK]),
                DeliveryRow.created_at >= since,
                DeliveryRow.status.in_(_SAYING),
            )
            .subquery()
        )
        query = select(numbered).where(numbered.c.place <= limit).order_by(numbered.c.place)
        for row in conn.execute(query):
            found.setdefault((row.contact_id, row.channel), []).append(
                Ended(
                    at=row.updated_at,
                    status=Status(row.status),
                    attempts=row.tried,
                    taken=row.provider_id is not None,
                    code=row.error_code,
                )
            )
    return found
