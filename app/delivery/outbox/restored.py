"""What an older copy of the outbox may no longer be sure of."""

from datetime import datetime

from sqlalchemy import Connection, update

from app.db.tables import DeliveryRow
from app.delivery.delivery import Status

RESTORED = "restored"


def doubt_unsent(conn: Connection, *, now: datetime) -> int:
    """Put in doubt what was still to be sent when the copy was made; return how many.

    It may have been sent since. As a doubt it is settled by asking the provider before anything
    is sent again, and where nobody can be asked by its level: see `flows.settle`.
    """
    statement = (
        update(DeliveryRow)
        .where(DeliveryRow.status.in_([Status.QUEUED, Status.SENDING]))
        .values(
            status=Status.IN_DOUBT,
            error_code=RESTORED,
            due_at=now,
            lease_owner=None,
            lease_until=None,
            tell_at=None,
            updated_at=now,
        )
    )
    return conn.execute(statement).rowcount
