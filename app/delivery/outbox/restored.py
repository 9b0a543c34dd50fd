"""What an older copy of the outbox may no longer be sure of."""

from datetime import datetime

from sqlalchemy import Connection, exists, or_, select, update

from app.db.tables import AlertRow, DeliveryRow, EscalationRow
from app.delivery.delivery import NOT_ARRIVED, TOLD, Status
from app.delivery.escalation import Why
from app.delivery.outbox.words import NEVER, UNSETTLED

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


def leave_to_a_person(conn: Connection, *, now: datetime) -> int:
    """Let nothing follow from silence that may have been broken since the copy was made.

    What a provider took is not given to another one for want of a receipt, nor to the contact's
    other channel: the receipt may have come, and the other one been told. It stays on the list of
    the unreached. An organisation whose time to answer is over may have answered, or its next
    contacts been told: those who were told stand on the call list.

    Returns:
        How many organisations are not called any further.
    """
    awaited = or_(
        DeliveryRow.status == Status.SENT,
        DeliveryRow.status.in_(NOT_ARRIVED) & DeliveryRow.listed_at.is_(None),
    )
    conn.execute(update(DeliveryRow).where(awaited, DeliveryRow.due_at <= now).values(due_at=NEVER))
    overdue = (EscalationRow.due_at <= now, EscalationRow.ended.is_(None))
    their_own = (
        select(EscalationRow.bundle_id)
        .join(AlertRow, AlertRow.bundle_id == EscalationRow.bundle_id)
        .where(
            *overdue,
            EscalationRow.organisation_id == DeliveryRow.organisation_id,
            AlertRow.id == DeliveryRow.alert_id,
            AlertRow.status == "active",
        )
    )
    conn.execute(
        update(DeliveryRow)
        .where(exists(their_own), DeliveryRow.status.in_(TOLD))
        .values(unanswered_at=now)
    )
    ended = {"ended": Why.EXHAUSTED.value, "due_at": None, "updated_at": now}
    return conn.execute(update(EscalationRow).where(*overdue).values(ended)).rowcount
