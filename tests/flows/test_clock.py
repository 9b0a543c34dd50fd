"""Jobs that come round: never twice at once, in whatever process."""

import asyncio
from datetime import datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base as scheduling
from sqlalchemy import select
from typing_extensions import override

from app.core.clock import ManualClock
from app.db.engine import Database
from app.db.tables import LeaseRow
from app.jobs import clock as job_clock
from app.jobs import leases
from app.jobs.clock import Job, Ticker, run_once, ticking
from tests.harness.outbox import NOW
from tests.harness.working import until

LEASE = timedelta(seconds=60)


class Rounds:
    """A job that counts how often it runs, and how many of it at once."""

    def __init__(self) -> None:
        self.started = self.running = self.most = 0
        self.go_on = asyncio.Event()

    async def run(self) -> None:
        self.started += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.go_on.wait()
        finally:
            self.running -= 1


def job(rounds: Rounds, every: float = 0.02) -> Job:
    return Job(name="age", every=timedelta(seconds=every), run=rounds.run)


def ticker(db: Database, clock: ManualClock, owner: str) -> Ticker:
    return Ticker(db=db, clock=clock, owner=owner)


async def test_a_job_never_runs_twice_at_once_in_two_processes(db: Database) -> None:
    clock, rounds = ManualClock(NOW), Rounds()

    async with (
        ticking([job(rounds)], ticker(db, clock, "a")),
        ticking([job(rounds)], ticker(db, clock, "b")),
    ):
        await until(lambda: rounds.started == 1)
        await asyncio.sleep(0.2)
        assert rounds.started == 1
        rounds.go_on.set()
        await until(lambda: rounds.started > 2)

    assert rounds.most == 1


async def test_a_job_of_a_vanished_process_runs_again_after_its_lease(db: Database) -> None:
    clock, rounds = ManualClock(NOW), Rounds()
    rounds.go_on.set()
    db.write_now(lambda conn: leases.acquire(conn, "age", owner="dead", lease=LEASE, now=NOW))

    assert not await run_once(job(rounds), ticker(db, clock, "b"))
    clock.advance(LEASE)
    assert await run_once(job(rounds), ticker(db, clock, "b"))


async def test_a_job_that_ends_comes_round_until_a_run_of_ours_has_ended(db: Database) -> None:
    """Two versions side by side would undo each other's work for ever; one at work is no reason."""
    clock, rounds = ManualClock(NOW), Rounds()
    rounds.go_on.set()
    every = timedelta(seconds=0.02)
    ends = Job(name="age", every=every, run=rounds.run, ends_after=timedelta(0))
    db.write_now(lambda conn: leases.acquire(conn, "age", owner="other", lease=LEASE, now=NOW))

    async with ticking([ends], ticker(db, clock, "a")):
        await asyncio.sleep(0.1)
        clock.advance(LEASE)
        await until(lambda: rounds.started == 1)
        await asyncio.sleep(0.1)

    assert rounds.started == 1


async def test_a_lease_of_before_the_clock_was_put_back_holds_nobody_up(db: Database) -> None:
    clock, rounds = ManualClock(NOW - timedelta(hours=1)), Rounds()
    rounds.go_on.set()
    db.write_now(lambda conn: leases.acquire(conn, "age", owner="dead", lease=LEASE, now=NOW))

    assert await run_once(job(rounds), ticker(db, clock, "b"))


async def test_a_lease_that_could_not_be_given_up_does_not_hold_up_its_own_process(
    db: Database,
) -> None:
    clock, rounds = ManualClock(NOW), Rounds()
    rounds.go_on.set()
    db.write_now(lambda conn: leases.acquire(conn, "age", owner="a", lease=LEASE, now=NOW))

    assert not await run_once(job(rounds), ticker(db, clock, "b"))
    assert await run_once(job(rounds), ticker(db, clock, "a"))


def runs_out(db: Database) -> datetime | None:
    return db.read_now(lambda conn: conn.scalar(select(LeaseRow.until)))


async def test_a_long_run_keeps_its_lease(db: Database) -> None:
    clock, rounds = ManualClock(NOW), Rounds()
    short = timedelta(seconds=0.3)

    async with asyncio.TaskGroup() as group:
        first = group.create_task(run_once(job(rounds), ticker(db, clock, "a"), lease=short))
        await until(lambda: rounds.started == 1)
        for _ in range(5):
            clock.advance(short * 0.9)
            await until(lambda: runs_out(db) == clock.now() + short)
            assert not await run_once(job(rounds), ticker(db, clock, "b"), lease=short)
        rounds.go_on.set()

    assert first.result()


async def test_a_run_that_lost_its_lease_is_cancelled(db: Database) -> None:
    clock, rounds = ManualClock(NOW), Rounds()
    short = timedelta(seconds=0.3)

    async with asyncio.TaskGroup() as group:
        run = group.create_task(run_once(job(rounds), ticker(db, clock, "a"), lease=short))
        await until(lambda: rounds.started == 1)
        clock.advance(short)  # this process was stopped for longer than its lease
        taken = db.write_now(
            lambda conn: leases.acquire(conn, "age", owner="b", lease=LEASE, now=clock.now())
        )
        assert taken

    assert not run.result()
    assert rounds.running == 0


async def test_a_job_that_fails_frees_its_lease_and_comes_round_again(db: Database) -> None:
    clock, runs = ManualClock(NOW), []

    async def fail() -> None:
        runs.append(1)
        raise RuntimeError("no")

    failing = Job(name="age", every=timedelta(seconds=0.02), run=fail)

    async with ticking([failing], ticker(db, clock, "a")):
        await until(lambda: len(runs) > 2)


async def test_what_runs_at_the_end_is_finished_and_no_cause_for_alarm(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await asyncio.sleep(0.3)
        ended.set()

    one = Job(name="slow", every=timedelta(seconds=0.05), run=slow)
    async with ticking([one], ticker(db, ManualClock(NOW), "a")):
        await begun.wait()

    assert ended.is_set()
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


async def test_a_clock_that_is_put_back_while_we_run_stops_no_job(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rounds = ManualClock(NOW), Rounds()
    rounds.go_on.set()
    monkeypatch.setattr(job_clock, "_LOOK_S", 0.05)
    monkeypatch.setattr(scheduling, "datetime", AnHourAhead)

    async with ticking([job(rounds)], ticker(db, clock, "a")):
        await until(lambda: rounds.started > 0)
        monkeypatch.setattr(scheduling, "datetime", datetime)
        await asyncio.sleep(0.1)
        before = rounds.started
        await until(lambda: rounds.started > before + 1)


class AnHourAhead(datetime):
    """What the scheduler reads of a clock that is an hour ahead."""

    @classmethod
    @override
    def now(cls, tz: tzinfo | None = None) -> "AnHourAhead":
        return super().now(tz) + timedelta(hours=1)
