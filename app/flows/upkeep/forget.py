"""What has been kept for as long as config says is deleted, or emptied of what names somebody."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.accounts.store import sign_ins
from app.db.engine import Database
from app.delivery.outbox import answers, forgetting
from app.delivery.retention import RetentionPolicy
from app.subscribers.store import addresses, inbound

#: In one transaction: short enough that nothing waits for it.
_STRIDE = 500


async def forget(db: Database, kept: RetentionPolicy, *, now: datetime) -> None:
    """Delete deliveries, and empty what people wrote and what they were answered.

    What earlier versions kept of an address, and a backup of then brings back, goes at once; codes
    to sign in when they are good for nothing any more.
    """
    if kept.deliveries is not None:
        await _deliveries(db, before=now - kept.deliveries)
    if kept.inbound is not None:
        await _inbound(db, before=now - kept.inbound)
    for span, forget_some in (
        (kept.deliveries, forgetting.forget_escalations),
        (kept.deliveries, forgetting.forget_notices),
        (timedelta(0), sign_ins.forget_codes),
    ):
        if span is not None:
            await _all(db, partial(forget_some, before=now - span, limit=_STRIDE))
    await _all(db, partial(addresses.hide_domains, limit=_STRIDE))


async def _deliveries(db: Database, *, before: datetime) -> None:
    """Delete what was sent for alerts that are over, and then the texts that are left alone."""
    look = partial(forgetting.list_over, before=before, limit=_STRIDE)
    async for alert_ids in _pages(db, look):
        for one in alert_ids:
            await _all(
                db,
                partial(forgetting.forget_deliveries, alert_id=one, before=before, limit=_STRIDE),
            )
    async for texts in _pages(db, partial(forgetting.list_unread, before=before, limit=_STRIDE)):
        await db.write(partial(forgetting.forget_digests, digest_ids=texts))


async def _inbound(db: Database, *, before: datetime) -> None:
    """Empty what people wrote, once what they were answered is."""
    await _all(db, partial(answers.empty, before=before, limit=_STRIDE))
    look = partial(inbound.list_full, before=before, limit=_STRIDE)
    while ids := await db.read(look):
        await db.write(partial(inbound.empty, ids=ids))


async def _pages(db: Database, look: Callable[..., list[str]]) -> AsyncIterator[list[str]]:
    """Yield what is found page by page; each is looked for behind the last one of that before."""
    after = ""
    while found := await db.read(partial(look, after=after)):
        yield found
        after = found[-1]


async def _all(db: Database, forget_some: Callable[[Connection], int]) -> None:
    while await db.write(forget_some):
        pass
