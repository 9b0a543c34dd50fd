"""Everything that a database holds, to compare or to search."""

from typing import Any

from sqlalchemy import Connection, select

from app.db.base import Base
from app.db.engine import Database

Dump = dict[str, list[tuple[Any, ...]]]


def dump(db: Database) -> Dump:
    """Return the rows of every table, in one order."""

    def work(conn: Connection) -> Dump:
        return {
            table.name: sorted((tuple(row) for row in conn.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }

    return db.read_now(work)


def texts(value: Any) -> str:
    """Return everything in `value` as one text; bytes as they would look in a file."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return " ".join(f"{texts(key)} {texts(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " ".join(map(texts, value))
    return str(value)
