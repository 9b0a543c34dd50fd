"""A row that says who runs a clock job now, so that it never runs twice at once."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import LeaseRow

#: Leases; the clocks of two machines differ by less.
_FARTHEST = 3


def acquire(conn: Connection, name: str, *, owner: str, lease: timedelta, now: datetime) -> bool:
    """Take the lease `name` if it is free or has run out; tell whether it is ours now.

    One that is ours already is ours again: who asks does not run the job, and could not give the
    lease up when it had, because the database took no writes. One that ends later than any can end
    is from before the clock was put back: whoever runs extends his by the new one.
    """
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(LeaseRow).values(name=name, owner=owner, until=now + lease, runs=1)
    statement = statement.on_conflict_do_update(
        index_elements=[LeaseRow.name],
        set_={"owner": owner, "until": now + lease, "runs": LeaseRow.runs + 1},
        where=or_(
            LeaseRow.until <= now, LeaseRow.until > now + _FARTHEST * lease, LeaseRow.owner == owner
        ),
    )
    taken = conn.execute(statement.returning(LeaseRow.owner)).scalar_one_or_none()
    return taken == owner


def extend(conn: Connection, name: str, *, owner: str, lease: timedelta, now: datetime) -> bool:
    """Keep the lease for longer; False when it was lost meanwhile."""
    statement = (
        update(LeaseRow)
        .where(LeaseRow.name == name, LeaseRow.owner == owner)
        .values(until=now + lease)
    )
    return conn.execute(statement).rowcount == 1


def give_up(conn: Connection, name: str, *, owner: str) -> None:
    """Free the lease."""
    conn.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner))
