"""Instants, JSON and ids mean the same on both databases."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Text, delete, insert, literal, select
from sqlalchemy.exc import StatementError

from app.core.ids import new_id
from app.db.engine import Database
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.tables import LeaseRow

NOW = datetime(2025, 9, 7, 6, 30, 15, 123456, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1950, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001

PER_DATABASE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50
)


def kept(conn: Connection, instant: datetime) -> datetime:
    conn.execute(delete(LeaseRow))
    conn.execute(insert(LeaseRow).values(name="a", owner="me", until=instant, runs=0))
    return conn.execute(select(LeaseRow.until)).scalar_one()


@PER_DATABASE
@given(instant=INSTANTS)
def test_an_instant_comes_back_the_same_aware_and_in_utc(db: Database, instant: datetime) -> None:
    back = db.write_now(lambda conn: kept(conn, instant))

    assert back == instant
    assert back.tzinfo is UTC


@PER_DATABASE
@given(left=INSTANTS, right=INSTANTS)
def test_the_database_orders_instants_as_time_does(
    db: Database, left: datetime, right: datetime
) -> None:
    def is_before(conn: Connection) -> bool:
        kept(conn, left)
        return bool(conn.execute(select(LeaseRow.until < right)).scalar())

    assert db.write_now(is_before) == (left < right)


def test_a_naive_instant_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="naive"):
        db.write_now(lambda conn: kept(conn, NOW.replace(tzinfo=None)))


def made_by_database(conn: Connection, count: int, now: datetime) -> list[str]:
    """Ids as the fan-out makes them: many rows of one INSERT ... SELECT."""
    conn.execute(
        insert(LeaseRow),
        [{"name": f"n{i}", "owner": "me", "until": now, "runs": 0} for i in range(count)],
    )
    made = select(
        sql_uuid7(literal(uuid7_prefix(now), Text())),
        literal("copy"),
        LeaseRow.until,
        LeaseRow.runs,
    )
    conn.execute(insert(LeaseRow).from_select(["name", "owner", "until", "runs"], made))
    ids = conn.execute(select(LeaseRow.name).where(LeaseRow.owner == "copy")).scalars().all()
    conn.execute(delete(LeaseRow))
    return list(ids)


def millis_of(text: str) -> int:
    return uuid.UUID(text).int >> 80


def test_ids_made_by_the_database_are_distinct_valid_uuid7(db: Database) -> None:
    ids = db.write_now(lambda conn: made_by_database(conn, 2000, NOW))

    assert len(set(ids)) == 2000
    for text in ids:
        value = uuid.UUID(text)
        assert str(value) == text
        assert (value.version, value.variant) == (7, uuid.RFC_4122)
        assert millis_of(text) == int(NOW.timestamp() * 1000)


def test_ids_made_by_database_and_process_sort_together_by_time(db: Database) -> None:
    early = db.write_now(lambda conn: made_by_database(conn, 50, NOW))
    between = [new_id(NOW + timedelta(milliseconds=1)) for _ in range(50)]
    late = db.write_now(lambda conn: made_by_database(conn, 50, NOW + timedelta(milliseconds=2)))

    assert max(early) < min(between) <= max(between) < min(late)


def test_ids_made_by_the_process_are_distinct_valid_uuid7() -> None:
    ids = [new_id(NOW) for _ in range(1000)]

    assert len(set(ids)) == 1000
    for text in ids:
        value = uuid.UUID(text)
        assert (value.version, value.variant) == (7, uuid.RFC_4122)
        # a process that makes many counts on, into the next milliseconds
        assert 0 <= millis_of(text) - int(NOW.timestamp() * 1000) <= 1000
