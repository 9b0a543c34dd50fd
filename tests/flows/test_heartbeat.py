"""Signs of life."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core.clock import ManualClock
from app.db.engine import Database
from app.db.tables import LeaseRow
from app.delivery.outbox.workers import count_alive, give_sign
from app.jobs.heartbeat import Heart, beating
from tests.harness.outbox import NOW
from tests.harness.working import until

SOON = timedelta(milliseconds=20)


def alive(db: Database, clock: ManualClock) -> int:
    return db.read_now(lambda conn: count_alive(conn, now=clock.now()))


async def test_a_worker_is_alive_from_its_start_to_its_end(db: Database) -> None:
    clock = ManualClock(NOW)
    first = Heart(db=db, clock=clock, owner="a", every=SOON)
    second = Heart(db=db, clock=clock, owner="b", every=SOON)

    async with beating(first), beating(second):
        both = alive(db, clock)
    after = alive(db, clock)

    assert (both, after) == (2, 0)


async def test_a_worker_goes_on_giving_signs(db: Database) -> None:
    clock = ManualClock(NOW)
    heart = Heart(db=db, clock=clock, owner="a", every=SOON, good_for=timedelta(seconds=10))

    async with beating(heart):
        for _ in range(3):
            clock.advance(timedelta(seconds=11))
            await until(lambda: alive(db, clock) == 1)


async def test_a_worker_that_vanished_is_dead_in_time_and_forgotten_later(db: Database) -> None:
    clock = ManualClock(NOW)
    db.write_now(lambda c: give_sign(c, "a", good_for=timedelta(seconds=20), now=clock.now()))
    clock.advance(timedelta(seconds=21))
    dead = alive(db, clock)
    clock.advance(timedelta(hours=2))

    db.write_now(lambda c: give_sign(c, "b", good_for=timedelta(seconds=20), now=clock.now()))

    assert dead == 0
    signs = select(LeaseRow.owner).where(LeaseRow.name.startswith("worker:"))
    assert db.read_now(lambda c: c.scalars(signs).all()) == ["b"]


async def test_a_database_that_fails_does_not_stop_the_heart(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(NOW)
    heart = Heart(db=db, clock=clock, owner="a", every=SOON, good_for=timedelta(seconds=10))

    async with beating(heart):
        db.write_now(lambda conn: conn.execute(text("ALTER TABLE lease RENAME TO away")))
        await until(lambda: "worker.sign_failed" in caplog.messages)
        db.write_now(lambda conn: conn.execute(text("ALTER TABLE away RENAME TO lease")))
        clock.advance(timedelta(seconds=11))
        await until(lambda: alive(db, clock) == 1)
