"""Fan-out shared by workers: each takes the next chunk, none does another's again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from app.db.tables import AlertRow
from app.db.wake import call_workers
from app.delivery.moment import MomentPolicy
from app.delivery.outbox import newcomers
from app.delivery.outbox.fanning import FanOutStep, fan_out_step
from app.subscribers.countries import Countries


def next_step(
    conn: Connection,
    bundle_id: str,
    *,
    languages: Sequence[str],
    chunk: int,
    now: datetime,
    policy: MomentPolicy | None = None,
    countries: Countries | None = None,
    alert_ids: Collection[str] | None = None,
) -> FanOutStep | None:
    """Make the deliveries of a bundle's next chunk; None when another worker is at it, or done.

    How far the bundle has come is kept with its alerts, in the transaction of the chunk: whoever
    comes next goes on from there, after a crash too. One that is released while the others are
    told has been nowhere yet, and says nothing of them.

    Args: as `fan_out_step` has them.
    """
    # before any row is held that who begins to listen may want
    newcomers.listen_beside(conn)
    query = (
        select(AlertRow.id, AlertRow.fan_out_after)
        .where(
            AlertRow.bundle_id == bundle_id,
            AlertRow.fanned_out_at.is_(None),
            AlertRow.status != "held",
        )
        .with_for_update(skip_locked=True)
    )
    if alert_ids is not None:
        query = query.where(AlertRow.id.in_(sorted(alert_ids)))
    rows = conn.execute(query).all()
    if not rows:
        return None
    ours, reached = [row.id for row in rows], [row.fan_out_after for row in rows]
    # one that was held while the others were told starts the bundle over: the key is unique
    after = None if None in reached else min(one for one in reached if one is not None)
    step = fan_out_step(
        conn,
        bundle_id,
        languages=languages,
        after=after,
        chunk=chunk,
        now=now,
        policy=policy,
        countries=countries,
        alert_ids=ours,
    )
    if step.next_after is not None:
        reaches = update(AlertRow).where(AlertRow.id.in_(ours))
        conn.execute(reaches.values(fan_out_after=step.next_after))
    if step.inserted:
        call_workers(conn)
    return step
