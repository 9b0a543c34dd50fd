"""A database in memory, for what is worked out and then thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, StaticPool, create_engine

import app.db.tables  # noqa: F401 - fills Base.metadata
from app.db.base import Base


@contextmanager
def scratch() -> Iterator[Connection]:
    """Yield a connection to an empty database with every table; nothing of it outlives the context.

    One transaction from beginning to end: nothing waits for a disk.
    """
    engine = create_engine("sqlite://", poolclass=StaticPool, hide_parameters=True)
    try:
        with engine.connect() as conn:
            Base.metadata.create_all(conn)
            yield conn
            conn.rollback()
    finally:
        engine.dispose()
