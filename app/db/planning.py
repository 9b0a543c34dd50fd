"""What PostgreSQL is told of a statement that comes often, and is long."""

from sqlalchemy import Connection, text

_UNCOMPILED = text("SET LOCAL jit = off")


def leave_uncompiled(conn: Connection) -> None:
    """Have PostgreSQL compile no statement of this transaction; nothing on SQLite.

    It takes the cost of a chunk's statement for that of a long report, and compiles it anew each
    time: 59 ms of 180 ms (bench/report.md). For the transaction, since poolers pass nothing longer.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(_UNCOMPILED)
