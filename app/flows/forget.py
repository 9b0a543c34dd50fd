"""What has been kept for as long as config says is deleted, or emptied of what names somebody."""

from collections.abc import Callable
from datetime import datetime

from app.db.engine import Database
from app.delivery.outbox import answers, forgetting
from app.delivery.retention import RetentionPolicy
from app.subscribers.store import addresses, inbound

#: In one transaction: short enough that nothing waits for it.
_STRIDE = 500


async def forget(db: Database, kept: RetentionPolicy, *, now: datetime) -> None:
    """Delete deliveries, and empty what people wrote and what they were answered.

    What earlier versions kept of an address, and a backup of then brings back, goes at once.
    """
    for span, forget_some in (
        (kept.deliveries, forgetting.forget_deliveries),
        (kept.deliveries, forgetting.forget_notices),
        (kept.inbound, answers.empty),
        (kept.inbound, inbound.empty),
    ):
        if span is not None:
            await _all(db, forget_some, before=now - span)
    while await db.write(lambda conn: addresses.hide_domains(conn, limit=_STRIDE)):
        pass


async def _all(db: Database, forget_some: Callable[..., int], *, before: datetime) -> None:
    while await db.write(lambda conn: forget_some(conn, before=before, limit=_STRIDE)):
        pass
