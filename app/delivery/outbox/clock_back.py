"""What waits for an instant of a clock that was put back: nothing, as soon as that is seen.

A machine that starts without a battery for its clock may be hours behind, or days ahead until the
network sets it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, literal, select, update

from app.core.clock import CLOCKS_DIFFER
from app.db.tables import DeliveryRow, EscalationRow, ProviderHealthRow
from app.db.types import UtcDateTime
from app.db.wake import call_workers
from app.delivery.breaker import ASKED_MOST
from app.delivery.delivery import LAST, NOT_ARRIVED, Status
from app.delivery.outbox import workers
from app.delivery.outbox.failing_over import CHANNELS
from app.delivery.outbox.words import LEASE_LOST, NEVER
from app.delivery.policy import DeliveryPolicy

_DAY = timedelta(days=1)


def follow_clock(conn: Connection, *, policy: DeliveryPolicy, now: datetime) -> int:
    """Make due what was written later than it is now, and waits; return how much can be sent.

    1. What a worker that vanished had in the air is a doubt, as after every crash; one that runs
       ends its own.
    2. What waits to be sent or settled is due.
    3. Of what a provider took, or could not deliver, a receipt or the fail-over is waited for from
       now on.
    4. What waits for a morning, or the end of quiet hours, waits for that of these days.
    5. Whoever has to answer has had the time for it.
    6. A provider that refuses our account is tried again: none rests for so long.
    """
    _doubt_what_was_left(conn, now=now)
    made_due = _bring_forward(conn, settle_after=policy.settle_after, now=now)
    _await_from_now(conn, now=now)
    _tell_these_days(conn, now=now)
    ahead = EscalationRow.updated_at > now + CLOCKS_DIFFER
    conn.execute(
        update(EscalationRow)
        .where(EscalationRow.due_at > now, ahead)
        .values(due_at=now, updated_at=now)
    )
    rests_until = ProviderHealthRow.rests_until
    conn.execute(
        update(ProviderHealthRow)
        .where(rests_until > now + max(policy.pause, ASKED_MOST) + CLOCKS_DIFFER)
        .values(rests_until=now)
    )
    if made_due:
        call_workers(conn)
    return made_due


def _doubt_what_was_left(conn: Connection, *, now: datetime) -> None:
    lost = {"error_code": LEASE_LOST, "lease_owner": None, "lease_until": None}
    conn.execute(
        update(DeliveryRow)
        .where(DeliveryRow.status == Status.SENDING, *_ahead(now), ~workers.runs(now=now))
        .values(status=Status.IN_DOUBT, **lost)
    )


def _bring_forward(conn: Connection, *, settle_after: timedelta, now: datetime) -> int:
    asked_at = literal(now + settle_after, UtcDateTime())
    due_at = case((DeliveryRow.status == Status.IN_DOUBT, asked_at), else_=now)
    waits = DeliveryRow.status.in_([Status.QUEUED, Status.IN_DOUBT])
    return conn.execute(
        update(DeliveryRow).where(waits, *_ahead(now)).values(due_at=due_at, updated_at=now)
    ).rowcount


def _await_from_now(conn: Connection, *, now: datetime) -> None:
    """Look up by the whole index: a year of what was sent and never confirmed is behind it."""
    conn.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.status.in_([Status.SENT, *NOT_ARRIVED]),
            DeliveryRow.channel.in_(CHANNELS),
            DeliveryRow.priority.in_(range(LAST + 1)),
            DeliveryRow.due_at > now + CLOCKS_DIFFER,
            *_ahead(now),
        )
        .values(due_at=now, updated_at=now)
    )


def _tell_these_days(conn: Connection, *, now: datetime) -> None:
    """Move by whole days, so that a morning stays one."""
    row = DeliveryRow
    query = select(row.id, row.tell_at, row.updated_at).where(
        row.tell_at > now, row.status == Status.QUEUED, row.updated_at > now + CLOCKS_DIFFER
    )
    for id_, tell_at, written_at in conn.execute(query).all():
        if tell_at is not None:
            earlier = tell_at - (written_at - now) // _DAY * _DAY
            conn.execute(update(row).where(row.id == id_).values(tell_at=earlier, updated_at=now))


def _ahead(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DeliveryRow.updated_at > now + CLOCKS_DIFFER, DeliveryRow.due_at < NEVER
