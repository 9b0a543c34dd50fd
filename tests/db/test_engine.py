"""Units of work: what is kept, what is seen, and who hears of a failure."""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, literal, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.clock import SystemClock
from app.db import migrate, turns, wake
from app.db.engine import DRAIN_LIMIT, LOOK_S, Database
from app.db.illness import BUSY, Illness, illness_of
from app.db.tables import LeaseRow
from tests.harness.postgres import connect

NOW = SystemClock().now()


def add(name: str) -> Callable[[Connection], str]:
    def work(conn: Connection) -> str:
        conn.execute(insert(LeaseRow).values(name=name, owner="me", until=NOW, runs=0))
        return name

    return work


def names(db: Database) -> set[str]:
    return set(db.read_now(lambda conn: conn.execute(select(LeaseRow.name)).scalars().all()))


def add_then_fail(name: str) -> Callable[[Connection], str]:
    def work(conn: Connection) -> str:
        add(name)(conn)
        raise LookupError(name)

    return work


class Gate:
    """A unit of work that lasts until it is opened, so that others queue up behind it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, _conn: Connection) -> None:
        self.entered.set()
        assert self.open.wait(50)


def test_write_answers_with_the_result_once_others_can_see_it(db: Database) -> None:
    assert db.write_now(add("a")) == "a"

    assert names(db) == {"a"}


def test_nothing_of_a_failed_unit_of_work_is_kept(db: Database) -> None:
    with pytest.raises(LookupError):
        db.write_now(add_then_fail("a"))

    assert names(db) == set()


async def test_a_failing_unit_of_work_does_not_undo_its_neighbours(db: Database) -> None:
    gate = Gate()
    held = asyncio.ensure_future(db.write(gate))
    await asyncio.to_thread(gate.entered.wait, 30)
    others = [
        asyncio.ensure_future(db.write(work))
        for work in (add("a"), add_then_fail("b"), add("c"), add("a"), add("d"))
    ]
    await asyncio.sleep(0.05)
    gate.open.set()
    await held
    outcomes = await asyncio.gather(*others, return_exceptions=True)

    assert outcomes[0] == "a" or outcomes[3] == "a"
    assert isinstance(outcomes[1], LookupError)
    assert outcomes[2] == "c"
    assert isinstance(outcomes[0], IntegrityError) or isinstance(outcomes[3], IntegrityError)
    assert outcomes[4] == "d"
    assert names(db) == {"a", "c", "d"}


async def test_many_writers_at_once_each_get_their_own_answer(db: Database) -> None:
    wanted = [f"w{number}" for number in range(DRAIN_LIMIT + 50)]

    answers = await asyncio.gather(*(db.write(add(name)) for name in wanted))

    assert answers == wanted
    assert names(db) == set(wanted)


async def test_read_sees_only_what_is_committed(db: Database) -> None:
    gate = Gate()

    def slow(conn: Connection) -> None:
        add("a")(conn)
        gate(conn)

    held = asyncio.ensure_future(db.write(slow))
    await asyncio.to_thread(gate.entered.wait, 30)
    during = await db.read(lambda conn: conn.execute(select(func.count(LeaseRow.name))).scalar())
    gate.open.set()
    await held
    after = await db.read(lambda conn: conn.execute(select(func.count(LeaseRow.name))).scalar())

    assert (during, after) == (0, 1)


def test_reads_of_one_unit_of_work_agree_although_others_write(db: Database) -> None:
    def twice(conn: Connection) -> tuple[int | None, int | None]:
        count = select(func.count(LeaseRow.name))
        before = conn.execute(count).scalar()
        db.write_now(add("a"))
        return before, conn.execute(count).scalar()

    assert db.read_now(twice) == (0, 0)
    assert names(db) == {"a"}


def test_a_read_cannot_write(db: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        db.read_now(add("a"))

    assert names(db) == set()


def test_close_finishes_the_work_handed_in(database_url: str) -> None:
    db = Database(database_url, pool_size=2)
    futures = [db._writer.submit(add(f"w{number}")) for number in range(DRAIN_LIMIT * 2)]

    db.close()

    done, pending = wait(futures, timeout=0)
    assert not pending
    assert all(future.exception() is None for future in done)
    again = Database(database_url, pool_size=2)
    assert len(names(again)) == DRAIN_LIMIT * 2
    again.close()


def test_a_closed_database_takes_no_work_and_closes_twice(database_url: str) -> None:
    db = Database(database_url)
    db.close()
    db.close()

    with pytest.raises(RuntimeError):
        db.write_now(add("a"))


async def test_a_waiter_that_gave_up_does_not_stop_the_others(db: Database) -> None:
    gate = Gate()
    held = asyncio.ensure_future(db.write(gate))
    await asyncio.to_thread(gate.entered.wait, 30)
    impatient = asyncio.ensure_future(db.write(add("a")))
    patient = asyncio.ensure_future(db.write(add("b")))
    await asyncio.sleep(0.05)
    impatient.cancel()
    await asyncio.sleep(0.05)
    gate.open.set()
    await held

    assert await patient == "b"
    assert "b" in names(db)
    assert db.write_now(add("c")) == "c"


async def test_who_waits_too_long_for_a_turn_is_refused_and_nothing_of_it_is_kept(
    database_url: str,
) -> None:
    db = Database(database_url, pool_size=1, patience_s=0.2)
    gate = Gate()
    held = asyncio.ensure_future(asyncio.to_thread(db.write_now, gate))
    await asyncio.to_thread(gate.entered.wait, 30)

    waiting = [db.write(add(f"w{number}")) for number in range(3)]
    refused = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
    late = await asyncio.wait_for(asyncio.gather(db.write(add("late")), return_exceptions=True), 30)
    told = db.illness(within_s=60)
    gate.open.set()
    await held

    illnesses = [illness_of(one) for one in [*refused, *late] if isinstance(one, Exception)]
    assert illnesses == [Illness(words=BUSY)] * 4
    assert told == Illness(words=BUSY)
    assert db.write_now(add("after")) == "after"
    assert names(db) == {"after"}
    db.close()


async def test_who_is_at_work_already_is_waited_for_however_long_it_takes(
    database_url: str,
) -> None:
    db = Database(database_url, pool_size=1, patience_s=0.1)
    begun = threading.Event()

    def slow(conn: Connection) -> str:
        begun.set()
        time.sleep(0.4)
        return add("slow")(conn)

    # the loop is held up until then: nobody's patience ends before
    asyncio.get_running_loop().call_soon(begun.wait, 30)
    assert await db.write(slow) == "slow"
    assert names(db) == {"slow"}
    db.close()


@pytest.fixture
def bare(empty_database_url: str) -> Iterator[Database]:
    """A database with one table, whose constraint is only looked at when committing."""
    db = Database(empty_database_url)
    db.write_now(
        lambda conn: conn.execute(
            text(
                "CREATE TABLE link (name VARCHAR(9) PRIMARY KEY, other VARCHAR(9)"
                " REFERENCES link (name) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
    )
    yield db
    db.close()


async def test_whoever_was_told_of_success_finds_the_work_kept_when_a_commit_fails(
    bare: Database,
) -> None:
    def link(name: str, other: str | None) -> Callable[[Connection], str]:
        statement = text("INSERT INTO link VALUES (:name, :other)")

        def work(conn: Connection) -> str:
            conn.execute(statement, {"name": name, "other": other})
            return name

        return work

    gate = Gate()
    held = asyncio.ensure_future(bare.write(gate))
    await asyncio.to_thread(gate.entered.wait, 30)
    pending = [
        asyncio.ensure_future(bare.write(work))
        for work in (link("a", None), link("b", "nobody"), link("c", None))
    ]
    await asyncio.sleep(0.05)
    gate.open.set()
    await held
    outcomes = await asyncio.gather(*pending, return_exceptions=True)

    kept = bare.read_now(lambda conn: conn.execute(text("SELECT name FROM link")).scalars().all())
    assert {outcome for outcome in outcomes if isinstance(outcome, str)} == set(kept)
    assert isinstance(outcomes[1], IntegrityError)
    assert await bare.write(link("d", None)) == "d"  # and the writer goes on


async def test_what_another_process_commits_to_the_file_is_called_out_and_our_own_is_not(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"
    migrate.upgrade(url)
    ours, theirs = Database(url), Database(url)
    called = queue.SimpleQueue[None]()
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(wake.watch_for_ever(ours, lambda: called.put(None)))
        await asyncio.sleep(2 * LOOK_S)  # it has looked once

        await ours.write(add("ours"))
        await asyncio.sleep(3 * LOOK_S)
        assert called.empty()

        await theirs.write(add("theirs"))
        await asyncio.to_thread(called.get, timeout=30)
        watching.cancel()

    await theirs.write(add("theirs, later"))
    await asyncio.sleep(3 * LOOK_S)
    assert called.empty()
    ours.close()
    theirs.close()


def test_sqlite_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite://")


def test_the_loser_of_a_deadlock_is_run_again(postgres_db: Database) -> None:
    postgres_db.write_now(add("a"))
    postgres_db.write_now(add("b"))
    meet, begun = threading.Barrier(2), threading.Event()
    runs: list[str] = []

    def touch(first: str, second: str) -> Callable[[Connection], None]:
        def work(conn: Connection) -> None:
            runs.append(first)
            begun.wait(30)
            if len(runs) > 2:  # else it might come first again, and lose once more
                futures[0 if first == "b" else 1].result(30)
            conn.execute(update(LeaseRow).where(LeaseRow.name == first).values(runs=1))
            if len(runs) <= 2:
                meet.wait(30)
            conn.execute(update(LeaseRow).where(LeaseRow.name == second).values(runs=2))

        return work

    futures = [
        postgres_db._writer.submit(touch("a", "b")),
        postgres_db._writer.submit(touch("b", "a")),
    ]
    begun.set()
    for future in futures:
        future.result(50)

    assert len(runs) == 3


async def test_who_falls_asleep_in_his_turn_loses_it(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_MS", 300)
    sleeper = Gate()

    def asleep(conn: Connection) -> None:
        add("asleep")(conn)
        turns.alone(conn)
        sleeper(conn)
        add("awake")(conn)

    def beside(conn: Connection) -> None:
        turns.beside(conn)
        turns.take(conn, turns.Sort.ROUTE, ["a road"])
        add("report")(conn)

    async def meanwhile() -> None:
        try:
            assert await asyncio.to_thread(sleeper.entered.wait, 30)
            monkeypatch.undo()
            await asyncio.wait_for(postgres_db.write(beside), timeout=30)
        finally:
            sleeper.open.set()

    lost, done = await asyncio.gather(
        postgres_db.write(asleep), meanwhile(), return_exceptions=True
    )

    assert done is None
    assert names(postgres_db) == {"report"}
    assert isinstance(lost, DBAPIError)
    illness = illness_of(lost)
    assert illness is not None
    assert not illness.unclear


def test_a_new_file_is_opened_while_somebody_else_writes_to_it(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        ThreadPoolExecutor() as pool,
    ):
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE theirs (x)")
        db = Database(f"sqlite:///{file}")
        ours = pool.submit(db.write_now, lambda conn: conn.execute(text("CREATE TABLE ours (x)")))
        wait([ours], timeout=0.3)

        other.execute("COMMIT")

        ours.result()
        db.close()


@pytest.mark.parametrize("db_kind", ["postgres"], indirect=True)
def test_names_are_kept_whatever_letters_the_server_takes_others_to_write(
    empty_database_url: str,
) -> None:
    name = make_url(empty_database_url).database
    with connect(empty_database_url) as conn:
        conn.execute(f"ALTER DATABASE \"{name}\" SET client_encoding = 'LATIN1'".encode())
    with closing(Database(empty_database_url)) as db:
        assert db.read_now(lambda conn: conn.scalar(select(literal("Ségou, Ɓuɓaaru")))) == (
            "Ségou, Ɓuɓaaru"
        )
