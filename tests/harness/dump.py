"""Everything that a database holds, to compare or to search."""

from typing import Any

from sqlalchemy import Connection

from app.db.base import Base
from app.db.engine import Database

Dump = dict[str, list[tuple[Any, ...]]]

#: As the driver gives them: to put these together for every test costs more than to run them.
_SELECTS = {
    table.name: "SELECT {} FROM {}".format(
        ", ".join(f'"{column.name}"' for column in table.columns), f'"{table.name}"'
    )
    for table in Base.metadata.sorted_tables
}


def dump(db: Database) -> Dump:
    """Return the rows of every table, in one order."""

    def work(conn: Connection) -> Dump:
        return {
            name: sorted((tuple(row) for row in conn.exec_driver_sql(query)), key=repr)
            for name, query in _SELECTS.items()
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
