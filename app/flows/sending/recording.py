"""What became of deliveries, written down in batches while the next ones are in the air."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.outbox import claiming, outcomes
from app.delivery.outbox.claiming import Claimed
from app.delivery.outbox.outcomes import Outcome

_log = logging.getLogger(__name__)

#: Outcomes in one transaction.
_BATCH = 500
#: While others are still to come, wait this long for company before a commit.
_GATHER_S = 0.01
#: Rest after the database took nothing; what is to be recorded stays in memory.
_REST_S = 0.5
#: Failures that are the database's, and pass: no connection, disk full, restarted, too busy.
_DATABASE_ILL = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)


class Recorder:
    """Takes outcomes one by one, writes them in batches; `run` until `close`.

    A database that fails is tried again for as long as it takes: an outcome that is lost would
    become a doubt. One that the database refuses for what it is does not hold up the others.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        owner: str,
        opted_out: Callable[[Connection, str], object],
    ) -> None:
        self._db, self._clock, self._owner, self._opted_out = db, clock, owner, opted_out
        self._outcomes: list[tuple[Outcome, bool]] = []
        self._unsent: list[Claimed] = []
        self._work = asyncio.Event()
        self._closed = False
        self.busy = 0

    def add(self, outcome: Outcome, *, opted_out: bool) -> None:
        """Take an outcome; `opted_out` when the recipient wants nothing more."""
        self._outcomes.append((outcome, opted_out))
        self._work.set()

    def give_back(self, claimed: Claimed) -> None:
        """Take a delivery that was certainly not sent; it goes back into the queue."""
        self._unsent.append(claimed)
        self._work.set()

    def close(self) -> None:
        """Let `run` end once everything is written."""
        self._closed = True
        self._work.set()

    async def run(self) -> None:
        """Write until closed and empty."""
        while True:
            await self._work.wait()
            if self.busy and len(self._outcomes) < _BATCH and not self._closed:
                await asyncio.sleep(_GATHER_S)
            self._work.clear()
            taken, self._outcomes = self._outcomes, []
            unsent, self._unsent = self._unsent, []
            for start in range(0, len(taken), _BATCH):
                await self._write(taken[start : start + _BATCH])
            if unsent:
                await self._release(unsent)
            if self._closed and not self._outcomes and not self._unsent:
                return

    async def _write(self, batch: Sequence[tuple[Outcome, bool]]) -> None:
        while True:
            try:
                return await self._db.write(lambda conn: self._record(conn, batch))
            except _DATABASE_ILL:
                _log.exception("record.failed", extra={"outcomes": len(batch)})
                await asyncio.sleep(_REST_S)
            except SQLAlchemyError:
                return await self._write_singly(batch)

    async def _write_singly(self, batch: Sequence[tuple[Outcome, bool]]) -> None:
        if len(batch) > 1:
            for entry in batch:
                await self._write([entry])
            return
        # its lease runs out and it becomes a doubt, which is settled by asking
        _log.exception("record.refused", extra={"delivery_id": batch[0][0].claimed.id})

    def _record(self, conn: Connection, batch: Sequence[tuple[Outcome, bool]]) -> None:
        outcomes.record(conn, [outcome for outcome, _ in batch])
        for outcome, opted_out in batch:
            if opted_out:
                self._opted_out(conn, outcome.claimed.sent_as)

    async def _release(self, unsent: Sequence[Claimed]) -> None:
        try:
            await self._db.write(
                lambda conn: claiming.release(
                    conn, unsent, owner=self._owner, now=self._clock.now()
                )
            )
        except SQLAlchemyError:
            # their leases run out; as doubts they are settled by asking, late but once
            _log.exception("release.failed", extra={"deliveries": len(unsent)})
