"""Statements compiled once a process, not once a test: a tenth of what the tests would cost."""

from typing import Any

from sqlalchemy.engine import Dialect

from app.db.engine import Database

#: By database: what its engines compile for, and what they have compiled.
_SHARED: dict[str, tuple[Dialect, dict[Any, Any]]] = {}


def share_statements(database: Database) -> Database:
    """Let `database` use what others like it have compiled; return it.

    A compiled statement is kept under the dialect it was compiled for, so that is shared too.
    """
    with database.engine.connect():
        pass  # the first connection tells a dialect what its server can do
    name = database.engine.dialect.name
    dialect, compiled = _SHARED.setdefault(name, (database.engine.dialect, {}))
    for engine in (database.engine, database._read_engine):
        engine.dialect = dialect
        engine.update_execution_options(compiled_cache=compiled)
    return database
