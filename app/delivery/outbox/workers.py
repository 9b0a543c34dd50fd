"""Signs of life: a lease for every process that sends, kept up for as long as it runs."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import CLOCKS_DIFFER
from app.db.tables import DeliveryRow, LeaseRow

_PREFIX = "worker:"
#: Name of the row that says when a worker last ran.
_LAST = "last_sign"
#: Name of the row up to when a person knows that what is dated later than now was dated wrongly.
_TRUSTED = "clock_trusted"
#: A worker that vanished is remembered for so long.
_KEPT = timedelta(hours=1)


def give_sign(conn: Connection, owner: str, *, good_for: timedelta, now: datetime) -> None:
    """Say that the worker `owner` runs, and forget those that vanished long ago."""
    _put(conn, _PREFIX + owner, owner=owner, until=now + good_for)
    note_run(conn, now=now)
    conn.execute(delete(LeaseRow).where(_signs(), LeaseRow.until < now - _KEPT))


def note_run(conn: Connection, *, now: datetime) -> None:
    """Keep that Sira runs on this database now, by a clock that is believed."""
    _put(conn, _LAST, owner="", until=now)


def last_ran_at(conn: Connection) -> datetime | None:
    """Return when a worker last ran on this database; None: no version that says so has."""
    return conn.scalar(select(LeaseRow.until).where(LeaseRow.name == _LAST))


def trust_clock(conn: Connection, *, newest_at: datetime | None, now: datetime) -> None:
    """Keep that a person says that it is `now`, though something is dated `newest_at` already."""
    note_run(conn, now=now)
    if newest_at is not None:
        _put(conn, _TRUSTED, owner="", until=newest_at)


def dated_wrongly_until(conn: Connection) -> datetime | None:
    """Return up to when what is dated later than now says nothing of the clock; None: it does."""
    return conn.scalar(select(LeaseRow.until).where(LeaseRow.name == _TRUSTED))


def _put(conn: Connection, name: str, *, owner: str, until: datetime) -> None:
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(LeaseRow).values(name=name, owner=owner, until=until, runs=1)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[LeaseRow.name], set_={"until": until, "runs": LeaseRow.runs + 1}
        )
    )


def sign_off(conn: Connection, owner: str) -> None:
    """Say that the worker `owner` has stopped."""
    conn.execute(delete(LeaseRow).where(LeaseRow.name == _PREFIX + owner))


def count_alive(conn: Connection, *, now: datetime) -> int:
    """Return how many workers run."""
    query = select(func.count()).select_from(LeaseRow).where(_alive(now))
    return conn.scalar(query) or 0


def runs(*, now: datetime) -> ColumnElement[bool]:
    """Return the condition that the worker who has claimed a delivery runs."""
    return exists().where(LeaseRow.owner == DeliveryRow.lease_owner, _alive(now))


def _alive(now: datetime) -> ColumnElement[bool]:
    """A sign from beyond a clock that was put back is none."""
    return and_(_signs(), LeaseRow.until > now, LeaseRow.until <= now + CLOCKS_DIFFER)


def _signs() -> ColumnElement[bool]:
    return LeaseRow.name.startswith(_PREFIX, autoescape=True)
