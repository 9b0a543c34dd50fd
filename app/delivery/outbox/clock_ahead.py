"""What waits while the clock is set ahead: it has not grown older by it.

A machine that starts without a battery for its clock may be a day behind until the network sets it.
By the clock alone, every warning that waits then would be too old to send, in one instant.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from app.db.tables import AlertRow, AnswerRow, DeliveryRow
from app.delivery.delivery import Status

_UNSETTLED = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)
#: Statements that hold, or wait for a person to let them go; what is to be sent; answers by hand.
_WAITS: tuple[tuple[Any, ColumnElement[bool]], ...] = (
    (AlertRow, AlertRow.status.in_(["active", "held"])),
    (DeliveryRow, DeliveryRow.status.in_(_UNSETTLED)),
    (AnswerRow, AnswerRow.status.in_(_UNSETTLED)),
)


def allow_for_leap(conn: Connection, *, by: timedelta, now: datetime) -> int:
    """Give what the leap alone would end the time that it had left; return how many rows that was.

    What it has put off it does not find again, by whichever process the leap is seen next.

    Args:
        conn: A transaction.
        by: How far the clock was set ahead.
        now: What it showed before, and how long that is ago.
    """
    return sum(_put_off(conn, table, waits, by=by, now=now) for table, waits in _WAITS)


def _put_off(
    conn: Connection, table: Any, waits: ColumnElement[bool], *, by: timedelta, now: datetime
) -> int:
    """Write each instant anew: there are as many as alerts, and databases add spans in two ways."""
    until = table.expires_at
    ended = select(until).distinct().where(waits, until > now, until <= now + by)
    return sum(
        conn.execute(
            update(table).where(waits, until == then).values(expires_at=then + by)
        ).rowcount
        # the latest first: none is put where it would be found again
        for then in sorted(conn.scalars(ended), reverse=True)
    )
