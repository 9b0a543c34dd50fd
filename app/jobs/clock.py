"""The clock: jobs that come round. A job never runs twice at once, in whatever process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import Clock, SystemClock
from app.db.engine import Database
from app.jobs import leases

_log = logging.getLogger(__name__)

#: A job that started is another process's again this long after its process vanished.
LEASE = timedelta(seconds=60)
#: A job that could not start for so long waits for its next round.
_MISFIRE_S = 60
#: Look so often whether the machine's clock was put back, s.
_LOOK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something that comes round.

    Attributes:
        name: Names its lease.
        every: From start to start; a run that takes longer skips rounds.
        run: Commits by itself; a run that fails is logged and comes round again.
        ends_after: So long after the start of the process, its next run that comes to its end is
            its last.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    ends_after: timedelta = timedelta.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """What the clock works with; `owner` names this process in leases."""

    db: Database
    clock: Clock
    owner: str


async def run_once(job: Job, ticker: Ticker, *, lease: timedelta = LEASE) -> bool:
    """Run `job` unless it runs somewhere else; tell whether it ran to its end.

    The lease is kept up while it runs, so that a long run is not taken for a dead one. When the
    lease is lost all the same (this process was stopped for longer), the run is cancelled.
    """
    taken = await ticker.db.write(
        lambda conn: leases.acquire(
            conn, job.name, owner=ticker.owner, lease=lease, now=ticker.clock.now()
        )
    )
    if not taken:
        return False
    try:
        return await _finished(job, ticker, lease)
    except Exception:  # noqa: BLE001 - a job that fails comes round again
        _log.exception("job.failed", extra={"job": job.name})
        return False
    finally:
        with suppress(SQLAlchemyError):
            await ticker.db.write(lambda conn: leases.give_up(conn, job.name, owner=ticker.owner))


async def _finished(job: Job, ticker: Ticker, lease: timedelta) -> bool:
    running = asyncio.ensure_future(job.run())
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=lease.total_seconds() / 3)
            if not running.done() and not await _extended(job, ticker, lease):
                _log.error("job.lease_lost", extra={"job": job.name})
                return False
        running.result()
    finally:
        running.cancel()
    return True


async def _extended(job: Job, ticker: Ticker, lease: timedelta) -> bool:
    return await ticker.db.write(
        lambda conn: leases.extend(
            conn, job.name, owner=ticker.owner, lease=lease, now=ticker.clock.now()
        )
    )


async def _follow_clock(scheduler: AsyncIOScheduler, jobs: Sequence[Job]) -> None:
    """Bring forward what waits for an instant of a clock that has been put back.

    The scheduler plans by the machine's clock: put back by a day, no job would run for a day.
    """
    machine = SystemClock()
    while True:
        await asyncio.sleep(_LOOK_S)
        now = machine.now()
        for job in jobs:
            planned = scheduler.get_job(job.name)
            if planned is not None and planned.next_run_time > now + 2 * job.every:
                planned.modify(next_run_time=now)


@asynccontextmanager
async def ticking(jobs: Sequence[Job], ticker: Ticker) -> AsyncIterator[None]:
    """Run `jobs` as they come round, for as long as the context is open.

    What is running at the end is given time to finish: a job is a unit of work.
    """
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _MISFIRE_S},
    )
    running: set[asyncio.Future[bool]] = set()
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def tick(job: Job) -> None:
        task = asyncio.ensure_future(run_once(job, ticker))
        running.add(task)
        try:
            ended = await asyncio.shield(task)
            if ended and loop.time() - began >= job.ends_after.total_seconds():
                scheduler.remove_job(job.name)
        except asyncio.CancelledError:
            _log.debug("job.outlasts", extra={"job": job.name})  # it is waited for at the end
        finally:
            running.discard(task)

    for job in jobs:
        scheduler.add_job(
            tick, IntervalTrigger(seconds=job.every.total_seconds()), args=[job], id=job.name
        )
    scheduler.start()
    following = asyncio.ensure_future(_follow_clock(scheduler, jobs))
    try:
        yield
    finally:
        following.cancel()
        pending = set(running)
        scheduler.shutdown(wait=False)
        if pending:
            await asyncio.wait(pending)
