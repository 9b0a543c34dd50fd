"""Work that is only tried: it sees what is there, may change all of it, and leaves no trace."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, func, insert, select

from app.db.engine import Database
from app.db.tables import RouteStateRow
from app.db.trial import tried
from tests.harness.api import START

COUNT = select(func.count()).select_from(RouteStateRow)


def add(conn: Connection, route: str) -> int:
    values = {"cargo": "fuel", "level": "low", "score": 0.0, "since": START, "rated_at": START}
    conn.execute(insert(RouteStateRow).values(route=route, **values))
    return int(conn.execute(COUNT).scalar_one())


@pytest.mark.parametrize("most_copied", [0, 2**30], ids=["in-place", "on-a-copy"])
async def test_what_is_tried_sees_what_is_there_and_leaves_no_trace(
    db: Database, most_copied: int
) -> None:
    await db.write(lambda conn: add(conn, "A"))

    seen = await tried(db, lambda conn: add(conn, "B"), most_copied=most_copied)

    assert seen == 2
    assert await db.read(lambda conn: conn.execute(COUNT).scalar_one()) == 1

    def fail(conn: Connection) -> None:
        add(conn, "C")
        raise LookupError

    with pytest.raises(LookupError):
        await tried(db, fail, most_copied=most_copied)
    assert await db.read(lambda conn: conn.execute(COUNT).scalar_one()) == 1


async def test_others_write_while_it_is_tried(db: Database) -> None:
    """On SQLite that is the copy: its one writer would be held up until the end."""
    begun, end = threading.Event(), threading.Event()

    def slow(conn: Connection) -> int:
        begun.set()
        assert end.wait(20)
        return add(conn, "B")

    async with asyncio.TaskGroup() as group:
        trial = group.create_task(tried(db, slow))
        await asyncio.to_thread(begun.wait)
        await db.write(lambda conn: add(conn, "A"))
        end.set()

    assert trial.result() >= 1
