"""What an older copy of the outbox may no longer be sure of."""

from datetime import datetime

from sqlalchemy import Connection, or_, update

from app.db.tables import DeliveryRow
from app.delivery.delivery import Status
from app.delivery.outbox.words import UNSETTLED

RESTORED = "restored"


def doubt_unsent(conn: Connection, *, now: datetime) -> int:
    """Put in doubt what was still to be sent when the copy was made; return how many.

    It may have been sent since. As a doubt it is settled by asking the provider before anything
    is sent again, and where nobody can be asked by its level: see `flows.settle`. What waits for
    a later time goes on waiting. What waited for a time that has come since may have been said in
    one message with others, in words that nobody can ask for: it is listed for a person.
    """
    waited = (
        update(DeliveryRow)
        .where(DeliveryRow.status == Status.QUEUED, DeliveryRow.tell_at <= now)
        .values(status=Status.UNDELIVERED, error_code=UNSETTLED, tell_at=None, updated_at=now)
    )
    listed = conn.execute(waited).rowcount
    statement = (
        update(DeliveryRow)
        .where(
            or_(
                DeliveryRow.status == Status.SENDING,
                (DeliveryRow.status == Status.QUEUED) & DeliveryRow.tell_at.is_(None),
            )
        )
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
    return listed + conn.execute(statement).rowcount
