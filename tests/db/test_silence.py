"""A PostgreSQL that is there and does not answer."""

import os
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from app.db import patient
from app.db.engine import Database
from app.db.illness import BUSY, GONE, Illness, illness_of
from app.db.tables import LeaseRow
from tests.harness.optional import missing

_LOCK = text("LOCK TABLE lease IN ACCESS EXCLUSIVE MODE")
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient.PatientConnection, "silence_s", 0.5)


def count_leases(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(LeaseRow)).scalar_one())


def illness_when_it_ends(db: Database) -> Illness | None:
    """Count, which must be given up; return what is said to ail the database."""
    answer = db._writer.submit(count_leases)
    error = answer.exception(timeout=50)
    assert isinstance(error, DBAPIError)
    return illness_of(error)


@contextmanager
def asleep(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_table_that_a_stranger_has_locked_is_not_waited_for_for_ever(
    postgres_db: Database,
) -> None:
    with postgres_db.engine.connect() as stranger, postgres_db.engine.connect() as looking:
        stranger.execute(_LOCK)

        assert illness_when_it_ends(postgres_db) == Illness(words=BUSY)

        # nobody is left behind in the server, who would use up its sessions
        assert looking.execute(_WAITING).scalar_one() == 0
        stranger.rollback()
    assert postgres_db.write_now(count_leases) == 0


def test_a_server_that_is_stopped_is_given_up(postgres_db: Database) -> None:
    if os.environ.get("TEST_DATABASE_URL"):
        missing("own postgres", "TEST_DATABASE_URL names a server that must not be stopped")

    def stop_it(conn: Connection) -> int:
        with asleep(int(conn.execute(text("SELECT pg_backend_pid()")).scalar_one())):
            return count_leases(conn)

    error = postgres_db._writer.submit(stop_it).exception(timeout=50)

    assert illness_of(error) == Illness(words=GONE)
    assert postgres_db.write_now(count_leases) == 0


def test_what_is_slow_and_answers_is_waited_for(postgres_db: Database) -> None:
    rows = text("SELECT pg_sleep(0.01), repeat('x', 20000) FROM generate_series(1, 100)")

    assert len(postgres_db.read_now(lambda conn: conn.execute(rows).all())) == 100


def test_who_stood_still_himself_was_not_left_without_an_answer(postgres_db: Database) -> None:
    """A process that was stopped, a machine that was paused: what comes is in time."""

    def answer() -> Generator[int, int, str]:
        while not (yield 0):
            pass
        return "an answer"

    with postgres_db.engine.connect() as conn:
        connection = conn.connection.driver_connection
        assert isinstance(connection, patient.PatientConnection)
        heard = connection._heard(answer(), 1.0)
        next(heard)
        time.sleep(1.2)
        heard.send(0)
        with pytest.raises(StopIteration, match="an answer"):
            heard.send(1)

        silence = connection._heard(answer(), 1.0)
        next(silence)
        time.sleep(1.2)
        silence.send(0)
        with pytest.raises(patient.SilentError):
            silence.send(0)


def test_waits_of_one_transaction_add_up(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a lock, one report has waited for another that waits for the table."""
    monkeypatch.setattr(patient.PatientConnection, "silence_s", 2.5)
    nap = text("SELECT pg_sleep(1.5)")

    error = postgres_db._writer.submit(lambda conn: [conn.execute(nap) for _ in range(9)])

    assert illness_of(error.exception(timeout=50)) == Illness(words=BUSY)
    assert postgres_db.write_now(count_leases) == 0


def test_a_connection_that_fell_silent_in_the_pool_is_soon_replaced(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.environ.get("TEST_DATABASE_URL"):
        missing("own postgres", "TEST_DATABASE_URL names a server that must not be stopped")
    monkeypatch.setattr(patient.PatientConnection, "silence_s", 60.0)
    monkeypatch.setattr(patient, "_PING_S", 0.5)
    url = postgres_db.url.render_as_string(hide_password=False)
    db = Database(url, pool_size=1)
    pid = db.write_now(lambda conn: int(conn.execute(text("SELECT pg_backend_pid()")).scalar_one()))

    with asleep(pid):
        assert db._writer.submit(count_leases).result(timeout=50) == 0
    db.close()
