"""The database server's clock: the one that every machine on it can compare its own with."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from app.core.clock import Clock, SystemClock

#: The clock of this machine, whatever the time is taken from.
MACHINE = SystemClock()


def machine_ahead(conn: Connection, machine: Clock) -> timedelta:
    """Return how far `machine` is ahead of the server, negative: behind; SQLite has none: zero."""
    if conn.dialect.name == "sqlite":
        return timedelta(0)
    shown: datetime = conn.execute(select(func.clock_timestamp())).scalar_one()
    return machine.now() - shown
