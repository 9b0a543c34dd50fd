"""A worker's sign of life, given every few seconds: what the dead-man's switch listens for."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import workers

_log = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)
#: A worker is taken for dead when it has missed three signs.
GOOD_FOR = EVERY * 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Heart:
    """What beats; `owner` names the process."""

    db: Database
    clock: Clock
    owner: str
    every: timedelta = EVERY
    good_for: timedelta = GOOD_FOR


@asynccontextmanager
async def beating(heart: Heart) -> AsyncIterator[None]:
    """Give signs of life for as long as the context is open; the first before it is entered.

    They come from the loop that sends: one that hangs gives none.
    """
    await _beat(heart)
    async with asyncio.TaskGroup() as group:
        beats = group.create_task(_go_on(heart))
        try:
            yield
        finally:
            beats.cancel()
    with suppress(SQLAlchemyError):  # it runs out by itself
        await heart.db.write(lambda conn: workers.sign_off(conn, heart.owner))


async def _go_on(heart: Heart) -> None:
    while True:
        await asyncio.sleep(heart.every.total_seconds())
        await _beat(heart)


async def _beat(heart: Heart) -> None:
    try:
        await heart.db.write(
            lambda conn: workers.give_sign(
                conn, heart.owner, good_for=heart.good_for, now=heart.clock.now()
            )
        )
    except SQLAlchemyError:
        _log.exception("worker.sign_failed")
