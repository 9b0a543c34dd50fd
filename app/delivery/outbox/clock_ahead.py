"""What waits while the clock is set ahead: it has not grown older by it.

A machine that starts without a battery for its clock may be a day behind until the network sets it.
By the clock alone, every warning that waits then would be too old to send, in one instant.
"""

from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, select, update

from app.db.tables import AlertRow, AnswerRow, DeliveryRow, EscalationRow
from app.delivery.delivery import LAST, Status
from app.delivery.outbox.failing_over import CHANNELS

_DAY = timedelta(days=1)
_UNSETTLED = (Status.QUEUED, Status.SENDING, Status.IN_DOUBT)
_Waits: TypeAlias = tuple[Any, Any, ColumnElement[bool]]
#: Statements that hold, or wait for a person to let them go; what is to be sent; answers by hand.
_WORTH: tuple[_Waits, ...] = (
    (AlertRow, AlertRow.expires_at, AlertRow.status.in_(["active", "held"])),
    (DeliveryRow, DeliveryRow.expires_at, DeliveryRow.status.in_(_UNSETTLED)),
    (AnswerRow, AnswerRow.expires_at, AnswerRow.status.in_(_UNSETTLED)),
)
#: What is in the air: whoever holds it has not vanished. Whoever has to answer has his time left.
_HELD: tuple[_Waits, ...] = (
    (EscalationRow, EscalationRow.due_at, EscalationRow.ended.is_(None)),
    (DeliveryRow, DeliveryRow.lease_until, DeliveryRow.status == Status.SENDING),
    (AnswerRow, AnswerRow.lease_until, AnswerRow.status == Status.SENDING),
)
#: What a provider has, or may have: it has been silent for no longer, and another one would send
#: the same a second time. Found by the whole index of what was sent: a year of it is behind.
_TAKEN: tuple[_Waits, ...] = (
    (
        DeliveryRow,
        DeliveryRow.due_at,
        and_(
            DeliveryRow.status == Status.SENT,
            DeliveryRow.channel.in_(CHANNELS),
            DeliveryRow.priority.in_(range(LAST + 1)),
        ),
    ),
    (DeliveryRow, DeliveryRow.updated_at, DeliveryRow.status == Status.IN_DOUBT),
    (AnswerRow, AnswerRow.updated_at, AnswerRow.status == Status.IN_DOUBT),
)


def allow_for_leap(conn: Connection, *, by: timedelta, now: datetime) -> int:
    """Give what the leap alone would end the time that it had left; return how many rows that was.

    1. What is worth sending, or holds, does so as long as it would have.
    2. Nobody takes what another one is sending, or is called because another one cannot answer yet.
    3. A receipt, and what settles a doubt, are waited for from now on.

    What it has put off it does not find again, by whichever process the leap is seen next.

    Args:
        conn: A transaction.
        by: How far the clock was set ahead.
        now: What it showed before, and how long that is ago.
    """
    for waits in _HELD:
        _put_off(conn, *waits, by=by, now=now)
    for table, since, taken in _TAKEN:
        lately = and_(since > now - _DAY, since <= now)
        conn.execute(update(table).where(taken, lately).values({since: now + by}))
    return sum(_put_off(conn, *waits, by=by, now=now) for waits in _WORTH)


def _put_off(
    conn: Connection,
    table: Any,
    until: Any,
    waits: ColumnElement[bool],
    *,
    by: timedelta,
    now: datetime,
) -> int:
    """Write each instant anew: there are as many as alerts, and databases add spans in two ways."""
    ended = select(until).distinct().where(waits, until > now, until <= now + by)
    return sum(
        conn.execute(update(table).where(waits, until == then).values({until: then + by})).rowcount
        # the latest first: none is put where it would be found again
        for then in sorted(conn.scalars(ended), reverse=True)
    )
