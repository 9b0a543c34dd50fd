"""Work done only to see what it would do: nothing of it is kept.

SQLite has one writer: what is tried there for half a second keeps every report waiting for so long.
A database that is not large is copied to memory instead, from a reader's snapshot, and the work is
done on the copy. A larger one, and PostgreSQL, where writers do not wait for one another, does it
in place and takes it back.
"""

from typing import TypeVar

from sqlalchemy import Connection, NullPool, create_engine

from app.db.engine import Database, Work

T = TypeVar("T")

#: Copied in some 40 ms, and held in memory for as long as the work takes.
MOST_COPIED_BYTES = 64 * 1024 * 1024
#: A database in memory for each connection, gone when that is closed. One engine for all of them:
#: what it has compiled of the statements stays.
_COPIES = create_engine("sqlite://", poolclass=NullPool, hide_parameters=True)


class _Undone(Exception):  # noqa: N818 - no error: it carries what was seen out of what is undone
    def __init__(self, found: object) -> None:
        super().__init__("undone")
        self.found = found


class _TooLargeError(Exception):
    """The database is too large to be copied for this."""


async def tried(db: Database, work: Work[T], *, most_copied: int = MOST_COPIED_BYTES) -> T:
    """Return what `work` returns; nothing that it changes is kept.

    Raises whatever `work` raises.
    """
    if db.is_sqlite:
        try:
            return await db.read(lambda conn: _on_a_copy(conn, work, most_copied))
        except _TooLargeError:
            pass

    def undone(conn: Connection) -> T:
        raise _Undone(work(conn))

    try:
        return await db.write(undone)
    except _Undone as end:
        return end.found  # type: ignore[return-value]


def _on_a_copy(conn: Connection, work: Work[T], most: int) -> T:
    pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
    if pages * conn.exec_driver_sql("PRAGMA page_size").scalar_one() > most:
        raise _TooLargeError
    with _COPIES.connect() as copy:
        copied = copy.connection.driver_connection
        source = conn.connection.driver_connection
        if copied is None or source is None:
            raise RuntimeError("a connection is closed")
        source.backup(copied)
        copied.execute("PRAGMA foreign_keys=ON")
        return work(copy)
